package dev.muster.cli.command;

import dev.muster.cli.output.Column;
import dev.muster.cli.output.Table;
import dev.muster.cli.rest.Query;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code muster review weekly|monthly}: what to talk about in a review. */
@Command(
        name = "review",
        description =
                "The weekly or monthly review: indicators, budgets, what burned, what happened, what to talk about.",
        footer = {"", "  muster review weekly", "  muster review monthly --group vans"})
final class Review extends Verb {
    @Parameters(paramLabel = "PERIOD", description = "weekly or monthly.")
    private String period = "";

    @Option(names = "--group", paramLabel = "NAME", description = "Of a group; of the fleet without it.")
    private @Nullable String group;

    @Override
    void run() {
        JsonNode review = root().api().get(Query.of("reviews", period).with("group", group));
        if (!root().printer().isTable()) {
            root().printer().one(review);
            return;
        }
        line("%s review of %s, %s to %s"
                .formatted(
                        period,
                        Column.text(review.path("scope")),
                        Column.text(review.path("from")),
                        Column.text(review.path("to"))));
        line("");
        List<List<String>> slis = new ArrayList<>();
        review.path("slis")
                .forEach(sli -> slis.add(List.of(
                        Column.text(sli.path("sli")),
                        SloVerb.percent(sli.path("value"), 3),
                        SloVerb.percent(sli.path("before"), 3),
                        sli.path("target").isNumber() ? SloVerb.percent(sli.path("target"), 1) : "-",
                        Column.text(sli.path("worst").path(0).path("asset")))));
        new Table(root().terminal(), List.of("INDICATOR", "VALUE", "BEFORE", "TARGET", "WORST")).print(slis);
        line("");
        List<List<String>> slos = new ArrayList<>();
        review.path("slos")
                .forEach(slo -> slos.add(List.of(
                        Column.text(slo.path("slo")),
                        SloVerb.percent(slo.path("target"), 3),
                        SloVerb.percent(slo.path("value"), 3),
                        SloVerb.percent(slo.path("spent"), 1),
                        Integer.toString(slo.path("burns").size()))));
        new Table(root().terminal(), List.of("OBJECTIVE", "TARGET", "VALUE", "BUDGET SPENT", "BURNED")).print(slos);
        line("");
        review.path("happened").forEachEntry((type, count) -> line("%-28s%d".formatted(type, count.asLong(0))));
        review.path("advice").forEach(advice -> line("- " + advice.asString("")));
        root().terminal().out().flush();
    }

    private void line(String text) {
        root().terminal().out().println(text);
    }
}

package dev.muster.cli.command;

import dev.muster.cli.output.Column;
import dev.muster.cli.rest.Pages;
import dev.muster.cli.rest.Query;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** {@code muster drift}: which assets are not as desired, and how large their part is. */
@Command(
        name = "drift",
        description = "Lists assets that are not as desired.",
        footer = {
            "",
            "States: pending, drifted, rejected (these without --state), in_sync, unknown, unmanaged, all.",
            "Reports of assets that are away are stale: they are unknown, never drifted."
        })
final class Drift extends Verb {
    @Option(
            names = {"-s", "--selector"},
            paramLabel = "CEL",
            description = "Only assets for which it holds.")
    private @Nullable String selector;

    @Option(names = "--state", paramLabel = "STATE", description = "Only these; several are parted by commas.")
    private @Nullable String state;

    @Option(names = "--summary", description = "Only how many there are of each, and the rate of drift.")
    private boolean summary;

    @Option(names = "--limit", defaultValue = "0", paramLabel = "N", description = "At most so many; all without it.")
    private int limit;

    @Override
    void run() {
        if (summary) {
            summary();
            return;
        }
        Instant now = Instant.now();
        root().printer()
                .list(
                        List.of(
                                Column.of("ASSET", "asset"),
                                Column.of("TYPE", "type"),
                                Column.of("STATE", "state"),
                                Column.age("SINCE", "since", now),
                                Column.of("GENERATION", "generation"),
                                Column.of("REPORTED", "reportedGeneration"),
                                new Column("FIELDS", false, Drift::fields),
                                Column.of("REASON", "stalled|reason")),
                        "no assets" + (state == null ? " are out of sync" : " are " + state),
                        page -> Pages.each(
                                root().api(),
                                Query.of("drift").with("selector", selector).with("state", state),
                                limit,
                                page));
    }

    private void summary() {
        JsonNode answer = root().api().get(Query.of("drift", "summary").with("selector", selector));
        if (!root().printer().isTable()) {
            root().printer().one(answer);
            return;
        }
        answer.path("states").forEachEntry((name, count) -> say("%-12s%d".formatted(name, count.asLong(0))));
        say("%-12s%d".formatted("overdue", answer.path("overdue").asLong(0)));
        say("%-12s%d".formatted("stalled", answer.path("stalled").asLong(0)));
        say("%-12s%s".formatted("drift rate", rate(answer)));
        say("%-12s%s".formatted("counted at", answer.path("at").asString("-")));
        root().terminal().out().flush();
    }

    private static String rate(JsonNode answer) {
        return answer.path("rate").isNumber()
                ? String.format(Locale.ROOT, "%.2f%%", answer.path("rate").asDouble(0) * 100) + " ("
                        + answer.path("outOfSync").asLong(0) + " of "
                        + answer.path("observed").asLong(0) + " with a fresh report)"
                : "not known: no asset has a fresh report";
    }

    private static String fields(JsonNode item) {
        List<String> names = item.path("fields")
                .valueStream()
                .map(field -> field.path("field").asString(""))
                .limit(3)
                .toList();
        long more = item.path("differing").asLong(0) - names.size();
        return names.isEmpty() ? "-" : String.join(",", names) + (more > 0 ? " and " + more + " more" : "");
    }
}

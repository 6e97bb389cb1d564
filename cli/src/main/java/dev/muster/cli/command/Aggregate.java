package dev.muster.cli.command;

import dev.muster.cli.output.Table;
import dev.muster.cli.rest.Query;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code muster aggregate METRIC}: one metric of many assets, by group and step. */
@Command(
        name = "aggregate",
        description = "Sums up a metric of many assets: how many values, least, most, average and percentiles.",
        footer = {
            "",
            "  muster aggregate speed --selector \"asset.type == 'vehicle'\" --by labels.depot --from -1h --step 10m"
        })
final class Aggregate extends Verb {
    private static final List<String> FIGURES = List.of("count", "min", "avg", "max", "p50", "p90", "p99");

    @Parameters(paramLabel = "METRIC", description = "Its name.")
    private String metric = "";

    @Option(
            names = {"-s", "--selector"},
            paramLabel = "CEL",
            description = "Only assets for which it holds.")
    private @Nullable String selector;

    @Option(
            names = "--by",
            paramLabel = "FIELD",
            description = "A group for each type, owner, region, site, hardware or labels.KEY; one for all without it.")
    private @Nullable String by;

    @Option(names = "--step", paramLabel = "TIME", description = "10s, 5m, 1h, …; a sixtieth of the time without it.")
    private @Nullable String step;

    @Option(names = "--from", paramLabel = "TIME", defaultValue = "-1h", description = "-1h, or a date (-1h).")
    private String from = "-1h";

    @Option(names = "--to", paramLabel = "TIME", description = "-5m, or a date; now without it.")
    private @Nullable String to;

    @Override
    void run() {
        Instant now = Instant.now();
        JsonNode answer = root().api()
                .get(Query.of("telemetry", "aggregate")
                        .with("metric", metric)
                        .with("selector", selector)
                        .with("by", by)
                        .with("from", Times.moment(from, now))
                        .with("to", Times.moment(to, now))
                        .with("step", step));
        if (!root().printer().isTable()) {
            root().printer().one(answer);
            return;
        }
        List<List<String>> rows = new ArrayList<>();
        for (JsonNode group : answer.path("groups")) {
            for (JsonNode point : group.path("points")) {
                List<String> row = new ArrayList<>(
                        List.of(Telemetry.time(point), group.path("group").asString("")));
                FIGURES.forEach(
                        figure -> row.add(Telemetry.number(point.path(figure).asDouble())));
                rows.add(row);
            }
        }
        if (rows.isEmpty()) {
            root().terminal()
                    .err()
                    .println(answer.path("assets").asLong() + " assets measured nothing of that in that time");
            return;
        }
        List<String> titles = new ArrayList<>(List.of("TIME", by == null ? "GROUP" : by));
        FIGURES.forEach(figure -> titles.add(figure.toUpperCase(Locale.ROOT)));
        new Table(root().terminal(), titles).print(rows);
    }
}

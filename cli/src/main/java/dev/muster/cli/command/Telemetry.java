package dev.muster.cli.command;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import dev.muster.cli.output.Column;
import dev.muster.cli.output.Sparkline;
import dev.muster.cli.output.Table;
import dev.muster.cli.rest.Pages;
import dev.muster.cli.rest.Query;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code muster telemetry ASSET}: raw readings, or aggregates per step; as a table or as lines to look at. */
@Command(
        name = "telemetry",
        description = "Shows what an asset measured.",
        footer = {
            "",
            "  muster telemetry vehicle-00001 --metrics speed --from -1h --step 1m",
            "  muster telemetry sensor-00001 --metrics temperature,humidity --from -1d --step 10m --spark"
        })
final class Telemetry extends Verb {
    @Parameters(paramLabel = "ASSET", description = "Its id.")
    private String asset = "";

    @Option(names = "--metrics", paramLabel = "A,B", description = "Only these; all without it.")
    private @Nullable String metrics;

    @Option(names = "--step", paramLabel = "TIME", description = "Aggregates per 1m, 1h, …; raw without it.")
    private @Nullable String step;

    @Option(names = "--agg", defaultValue = "avg", description = "Shown with --step: avg, min, max, last, count (avg).")
    private String aggregate = "avg";

    @Option(names = "--spark", description = "One line of blocks per metric.")
    private boolean spark;

    @Mixin
    private Range range = new Range();

    @Override
    void run() {
        if (!Set.of("avg", "min", "max", "last", "count").contains(aggregate)) {
            throw new CommandFailed(
                    ExitCode.USAGE, "--agg is \"" + aggregate + "\"; allowed are avg, min, max, last, count");
        }
        if (step != null) {
            Times.duration(step);
        }
        Query query = range.of(Query.of("assets", asset, "telemetry"), Instant.now())
                .with("metrics", metrics)
                .with("step", step);
        if (!root().printer().isTable()) {
            root().printer().list(List.of(), "", page -> Pages.each(root().api(), query, range.limit(), page));
            return;
        }
        List<JsonNode> rows = Pages.all(root().api(), query, range.limit());
        if (rows.isEmpty()) {
            root().terminal().err().println("asset " + asset + " measured nothing in that time");
            return;
        }
        if (spark) {
            sparklines(rows);
        } else {
            table(rows);
        }
    }

    private void table(List<JsonNode> rows) {
        List<String> names = new ArrayList<>(names(rows));
        List<String> titles = new ArrayList<>(List.of("TIME"));
        names.forEach(name -> titles.add(name.toUpperCase(Locale.ROOT)));
        new Table(root().terminal(), titles)
                .print(rows.stream().map(row -> cells(row, names)).toList());
    }

    private List<String> cells(JsonNode row, List<String> names) {
        List<String> cells = new ArrayList<>(List.of(time(row)));
        names.forEach(name -> cells.add(Column.text(value(row, name))));
        return cells;
    }

    private void sparklines(List<JsonNode> rows) {
        Set<String> names = names(rows);
        int longest = names.stream().mapToInt(String::length).max().orElse(0);
        for (String name : names) {
            List<@Nullable Double> series = new ArrayList<>();
            for (JsonNode row : rows) {
                JsonNode value = value(row, name);
                series.add(value.isNumber() ? Double.valueOf(value.asDouble()) : null);
            }
            double[] known = series.stream()
                    .filter(Objects::nonNull)
                    .mapToDouble(Double::doubleValue)
                    .toArray();
            if (known.length == 0) {
                continue;
            }
            double low = java.util.Arrays.stream(known).min().orElse(0);
            double high = java.util.Arrays.stream(known).max().orElse(0);
            String numbers = String.format(Locale.ROOT, "  %.4g … %.4g, last %.4g", low, high, known[known.length - 1]);
            int room = Math.max(10, root().terminal().width() - longest - numbers.length() - 2);
            root().terminal()
                    .out()
                    .println(name + " ".repeat(longest - name.length() + 2) + Sparkline.of(series, room) + numbers);
        }
        root().terminal().out().flush();
    }

    private static Set<String> names(List<JsonNode> rows) {
        Set<String> names = new LinkedHashSet<>();
        rows.forEach(row -> names.addAll(row.path("values").propertyNames()));
        return names;
    }

    private JsonNode value(JsonNode row, String name) {
        JsonNode value = row.path("values").path(name);
        return value.isObject() ? value.path(aggregate) : value;
    }

    static String time(JsonNode row) {
        JsonNode ts = row.path("ts");
        return ts.isNumber() ? Instant.ofEpochMilli(ts.asLong()).toString() : Column.text(ts);
    }
}

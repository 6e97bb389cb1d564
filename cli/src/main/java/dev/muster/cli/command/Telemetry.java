package dev.muster.cli.command;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import dev.muster.cli.output.Column;
import dev.muster.cli.output.Sparkline;
import dev.muster.cli.output.Table;
import dev.muster.cli.rest.Query;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
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
            "  muster telemetry sensor-00001 --metrics temperature,humidity --from -1d --points 80 --spark"
        })
final class Telemetry extends Verb {
    @Parameters(paramLabel = "ASSET", description = "Its id.")
    private String asset = "";

    @Option(names = "--metrics", paramLabel = "A,B", description = "Only these; all without it.")
    private @Nullable String metrics;

    @Option(names = "--step", paramLabel = "TIME", description = "Aggregates per 1m, 1h, …; raw without it.")
    private @Nullable String step;

    @Option(names = "--points", paramLabel = "N", description = "Aggregates by a step that gives at most so many.")
    private @Nullable Integer points;

    @Option(
            names = "--agg",
            defaultValue = "avg",
            description = "Shown with --step or --points: avg, min, max, last, count (avg).")
    private String aggregate = "avg";

    @Option(names = "--spark", description = "One line of blocks per metric.")
    private boolean spark;

    @Option(names = "--from", paramLabel = "TIME", defaultValue = "-1h", description = "-1h, or a date (-1h).")
    private String from = "-1h";

    @Option(names = "--to", paramLabel = "TIME", description = "-5m, or a date; now without it.")
    private @Nullable String to;

    @Override
    void run() {
        if (!Set.of("avg", "min", "max", "last", "count").contains(aggregate)) {
            throw new CommandFailed(
                    ExitCode.USAGE, "--agg is \"" + aggregate + "\"; allowed are avg, min, max, last, count");
        }
        if (step != null) {
            Times.duration(step);
        }
        Instant now = Instant.now();
        Query query = Query.of("assets", asset, "telemetry")
                .with("from", Times.moment(from, now))
                .with("to", Times.moment(to, now))
                .with("metrics", metrics)
                .with("step", step)
                .with("points", points == null ? null : points.toString());
        JsonNode answer = root().api().get(query);
        if (!root().printer().isTable()) {
            root().printer().one(answer);
            return;
        }
        List<JsonNode> series = new ArrayList<>();
        answer.path("series").forEach(one -> {
            if (!one.path("points").isEmpty()) {
                series.add(one);
            }
        });
        if (series.isEmpty()) {
            root().terminal().err().println("asset " + asset + " measured nothing of that in that time");
        } else if (spark) {
            sparklines(series);
        } else {
            table(series);
        }
    }

    /** One line for each time at which anything was measured. */
    private void table(List<JsonNode> series) {
        TreeMap<Long, List<String>> rows = new TreeMap<>();
        List<String> titles = new ArrayList<>(List.of("TIME"));
        for (int column = 0; column < series.size(); column++) {
            titles.add(series.get(column).path("metric").asString(""));
            for (JsonNode point : series.get(column).path("points")) {
                List<String> cells = rows.computeIfAbsent(
                        point.path("ts").asLong(), ts -> new ArrayList<>(Collections.nCopies(series.size(), "-")));
                cells.set(column, number(value(point)));
            }
        }
        List<List<String>> lines = new ArrayList<>();
        rows.forEach((ts, cells) -> {
            cells.addFirst(Instant.ofEpochMilli(ts).toString());
            lines.add(cells);
        });
        new Table(root().terminal(), titles).print(lines);
    }

    private void sparklines(List<JsonNode> series) {
        int longest = series.stream()
                .mapToInt(one -> one.path("metric").asString("").length())
                .max()
                .orElse(0);
        for (JsonNode one : series) {
            List<@Nullable Double> values = new ArrayList<>();
            one.path("points").forEach(point -> {
                JsonNode value = value(point);
                values.add(value.isNumber() ? Double.valueOf(value.asDouble()) : null);
            });
            double[] known = values.stream()
                    .filter(Objects::nonNull)
                    .mapToDouble(Double::doubleValue)
                    .toArray();
            if (known.length > 0) {
                root().terminal().out().println(sparkline(one, longest, values, known));
            }
        }
        root().terminal().out().flush();
    }

    private String sparkline(JsonNode one, int longest, List<@Nullable Double> values, double[] known) {
        String name = one.path("metric").asString("");
        String unit = one.path("unit").asString("");
        String numbers = String.format(
                Locale.ROOT,
                "  %s … %s, last %s%s",
                number(Arrays.stream(known).min().orElse(0)),
                number(Arrays.stream(known).max().orElse(0)),
                number(known[known.length - 1]),
                unit.isEmpty() || unit.equals("1") ? "" : " " + unit);
        int room = Math.max(10, root().terminal().width() - longest - numbers.length() - 2);
        return name + " ".repeat(longest - name.length() + 2) + Sparkline.of(values, room) + numbers;
    }

    private JsonNode value(JsonNode point) {
        return step == null && points == null ? point.path("value") : point.path(aggregate);
    }

    private static String number(JsonNode value) {
        return value.isNumber() ? number(value.asDouble()) : Column.text(value);
    }

    /** Without the digits that no instrument gives; {@code -o json} has them all. */
    static String number(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            return Long.toString((long) value);
        }
        BigDecimal exact = BigDecimal.valueOf(value);
        int wholeDigits = exact.precision() - exact.scale();
        return exact.round(new MathContext(Math.max(7, wholeDigits + 2)))
                .stripTrailingZeros()
                .toPlainString();
    }

    static String time(JsonNode row) {
        JsonNode ts = row.path("ts");
        return ts.isNumber() ? Instant.ofEpochMilli(ts.asLong()).toString() : Column.text(ts);
    }
}

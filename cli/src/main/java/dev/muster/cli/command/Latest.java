package dev.muster.cli.command;

import dev.muster.cli.output.Column;
import dev.muster.cli.output.Table;
import dev.muster.cli.rest.Pages;
import dev.muster.cli.rest.Query;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** {@code muster latest --selector …}: the last known values across a fleet. */
@Command(name = "latest", description = "Shows the latest values across assets.")
final class Latest extends Verb {
    @Option(
            names = {"-s", "--selector"},
            paramLabel = "CEL",
            description = "Only assets for which it holds.")
    private @Nullable String selector;

    @Option(names = "--metrics", paramLabel = "A,B", description = "Only these; all without it.")
    private @Nullable String metrics;

    @Option(names = "--limit", defaultValue = "0", paramLabel = "N", description = "At most so many; all without it.")
    private int limit;

    @Override
    void run() {
        Query query = Query.of("telemetry", "latest").with("selector", selector).with("metrics", metrics);
        if (!root().printer().isTable()) {
            root().printer().list(List.of(), "", page -> Pages.each(root().api(), query, limit, page));
            return;
        }
        List<JsonNode> rows = Pages.all(root().api(), query, limit);
        if (rows.isEmpty()) {
            root().terminal().err().println("no assets match");
            return;
        }
        Set<String> names = new TreeSet<>();
        rows.forEach(row -> names.addAll(row.path("values").propertyNames()));
        List<String> titles = new ArrayList<>(List.of("ASSET", "MEASURED"));
        titles.addAll(names);
        Instant now = Instant.now();
        new Table(root().terminal(), titles)
                .print(rows.stream().map(row -> cells(row, names, now)).toList());
    }

    private static List<String> cells(JsonNode row, Set<String> names, Instant now) {
        List<String> cells = new ArrayList<>();
        long newest = 0;
        for (String name : names) {
            JsonNode latest = row.path("values").path(name);
            newest = Math.max(newest, latest.path("ts").asLong(0));
            JsonNode value = latest.path("value");
            cells.add(value.isNumber() ? Telemetry.number(value.asDouble()) : Column.text(value));
        }
        cells.addFirst(newest == 0 ? "never" : Column.distance(Duration.between(Instant.ofEpochMilli(newest), now)));
        cells.addFirst(Column.text(row.path("asset")));
        return cells;
    }
}

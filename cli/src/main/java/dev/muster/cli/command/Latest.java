package dev.muster.cli.command;

import dev.muster.cli.output.Column;
import dev.muster.cli.output.Table;
import dev.muster.cli.rest.Pages;
import dev.muster.cli.rest.Query;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
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
            root().terminal().err().println("no asset that matches has measured anything");
            return;
        }
        Set<String> names = new LinkedHashSet<>();
        rows.forEach(row -> names.addAll(row.path("values").propertyNames()));
        List<String> titles = new ArrayList<>(List.of("ASSET", "TIME"));
        names.forEach(name -> titles.add(name.toUpperCase(Locale.ROOT)));
        new Table(root().terminal(), titles)
                .print(rows.stream().map(row -> cells(row, names)).toList());
    }

    private static List<String> cells(JsonNode row, Set<String> names) {
        List<String> cells = new ArrayList<>();
        cells.add(Column.text(row.path("asset")));
        cells.add(Telemetry.time(row));
        for (String name : names) {
            JsonNode value = row.path("values").path(name);
            cells.add(Column.text(value.isObject() ? value.path("value") : value));
        }
        return cells;
    }
}

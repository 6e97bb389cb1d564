package dev.muster.cli.command;

import dev.muster.cli.output.Column;
import dev.muster.cli.rest.Pages;
import dev.muster.cli.rest.Query;
import java.time.Instant;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code muster positions ASSET}. */
@Command(name = "positions", description = "Shows where an asset was.")
final class Positions extends Verb {
    @Parameters(paramLabel = "ASSET", description = "Its id.")
    private String asset = "";

    @Mixin
    private Range range = new Range();

    @Override
    void run() {
        Query query = range.of(Query.of("assets", asset, "positions"), Instant.now());
        root().printer()
                .list(
                        List.of(
                                new Column("TIME", false, Telemetry::time),
                                Column.of("LAT", "lat"),
                                Column.of("LON", "lon"),
                                Column.of("SPEED", "speed"),
                                Column.of("HEADING", "heading"),
                                Column.wide("ALT", "alt"),
                                Column.wide("ACCURACY", "accuracy"),
                                Column.wide("FIX", "fix")),
                        "asset " + asset + " told no position in that time",
                        page -> Pages.each(root().api(), query, range.limit(), page));
    }
}

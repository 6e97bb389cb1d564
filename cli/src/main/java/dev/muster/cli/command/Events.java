package dev.muster.cli.command;

import dev.muster.cli.output.Column;
import dev.muster.cli.rest.Pages;
import dev.muster.cli.rest.Query;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code muster events [ASSET]}: of one asset what it told, without one what happened in Muster. */
@Command(name = "events", description = "Shows the events that an asset told, or those of Muster itself.")
final class Events extends Verb {
    @Parameters(arity = "0..1", paramLabel = "ASSET", description = "Its id; without one, Muster's own events.")
    private @Nullable String asset;

    @Mixin
    private Range range = new Range();

    @Override
    void run() {
        Instant now = Instant.now();
        if (asset == null) {
            root().printer()
                    .list(
                            Kind.EVENTS.columns(now),
                            "nothing has happened",
                            page -> Pages.each(root().api(), Query.of("events"), range.limit(), page));
            return;
        }
        Query query = range.of(Query.of("assets", asset, "events"), now);
        root().printer()
                .list(
                        List.of(
                                new Column("TIME", false, Telemetry::time),
                                Column.of("SEVERITY", "severity"),
                                Column.of("TYPE", "type"),
                                Column.of("MESSAGE", "message"),
                                Column.wide("DATA", "data")),
                        "asset " + asset + " told no events in that time",
                        page -> Pages.each(root().api(), query, range.limit(), page));
    }
}

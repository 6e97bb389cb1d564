package dev.muster.cli.command;

import dev.muster.cli.output.Column;
import dev.muster.cli.output.Table;
import dev.muster.cli.rest.Query;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code muster timeline ASSET}: what happened to an asset, newest first. */
@Command(
        name = "timeline",
        description =
                "Shows what happened to an asset: presence, restarts, commands, rollouts, alerts, incidents and more.",
        footer = {
            "",
            "  muster timeline vehicle-00001 --from -6h",
            "  muster timeline vehicle-00001 --from 2026-11-26T10:00:00Z --to 2026-11-26T11:00:00Z --lanes commands,alerts"
        })
final class Timeline extends Verb {
    @Parameters(paramLabel = "ASSET", description = "Its id.")
    private String asset = "";

    @Option(names = "--from", paramLabel = "TIME", description = "-6h, or a date; the last day without it.")
    private @Nullable String from;

    @Option(names = "--to", paramLabel = "TIME", description = "-5m, or a date; now without it.")
    private @Nullable String to;

    @Option(
            names = "--lanes",
            paramLabel = "LANES",
            description =
                    "Only these, by comma: presence, restarts, commands, rollouts, configuration, alerts, incidents,"
                            + " certificates, events, files, record.")
    private @Nullable String lanes;

    @Option(names = "--limit", defaultValue = "200", paramLabel = "N", description = "Of each lane, the newest (200).")
    private int limit;

    @Override
    void run() {
        Instant now = Instant.now();
        JsonNode answer = root().api()
                .get(Query.of("assets", asset, "timeline")
                        .with("from", Times.moment(from, now))
                        .with("to", Times.moment(to, now))
                        .with("lanes", lanes)
                        .with("limit", Integer.toString(limit)));
        if (!root().printer().isTable()) {
            root().printer().one(answer);
            return;
        }
        List<List<String>> rows = new ArrayList<>();
        answer.path("entries")
                .forEach(entry -> rows.add(List.of(
                        Column.text(entry.path("at")),
                        lasted(entry, now),
                        Column.text(entry.path("lane")),
                        Column.text(entry.path("state")),
                        Table.printable(Column.text(entry.path("title"))),
                        Table.printable(Column.text(entry.path("reason"))))));
        if (rows.isEmpty()) {
            root().terminal().err().println("nothing happened to asset " + asset + " in that time");
        } else {
            new Table(root().terminal(), List.of("AT", "FOR", "LANE", "STATE", "WHAT", "WHY")).print(rows);
        }
        answer.path("lanes").forEach(this::tell);
    }

    private static String lasted(JsonNode entry, Instant now) {
        Instant at = Instant.parse(entry.path("at").asString());
        if (entry.path("open").asBoolean()) {
            return Column.distance(Duration.between(at, now)) + "…";
        }
        return entry.has("until")
                ? Column.distance(
                        Duration.between(at, Instant.parse(entry.path("until").asString())))
                : "-";
    }

    private void tell(JsonNode lane) {
        String name = lane.path("lane").asString();
        if (lane.has("withheld")) {
            root().terminal()
                    .err()
                    .println(Table.printable(
                            name + " are left out: " + lane.path("withheld").asString()));
        } else if (!lane.path("complete").asBoolean(true)) {
            root().terminal().err().println(name + ": there are older ones; --to or --limit shows them");
        }
    }
}

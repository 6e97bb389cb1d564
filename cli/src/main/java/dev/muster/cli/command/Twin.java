package dev.muster.cli.command;

import dev.muster.cli.output.Column;
import dev.muster.cli.output.Table;
import dev.muster.cli.rest.Query;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code muster twin ASSET}: what one asset should be, what it says it is, and how both differ. */
@Command(name = "twin", description = "Shows what is desired of an asset and what it reports, field by field.")
final class Twin extends Verb {
    @Parameters(paramLabel = "ASSET", description = "Its id.")
    private String asset = "";

    @Option(names = "--history", description = "Also how both were before, and what was decided.")
    private boolean history;

    @Override
    void run() {
        JsonNode twin = root().api().get(Query.of("assets", asset, "twin"));
        if (!root().printer().isTable()) {
            root().printer().one(twin);
            return;
        }
        Instant now = Instant.now();
        say(asset + " is " + twin.path("state").asString("") + " since " + age(twin.path("since"), now)
                + reason(twin.path("reason")));
        desired(twin.path("desired"), now);
        reported(twin.path("reported"), now);
        reconciliation(twin.path("reconciliation"), now);
        fields(twin);
        if (history) {
            history(twin, now);
        }
        root().terminal().out().flush();
    }

    private void desired(JsonNode desired, Instant now) {
        if (desired.isMissingNode()) {
            say("desired   nothing");
            return;
        }
        say("desired   generation " + desired.path("generation").asLong(0) + ", since "
                + age(desired.path("since"), now) + ": "
                + desired.path("reason").asString(""));
    }

    private void reported(JsonNode reported, Instant now) {
        if (reported.isMissingNode()) {
            say("reported  nothing");
            return;
        }
        String skew = reported.path("clockSkewed").asBoolean(false)
                ? ", its clock differs by "
                        + reported.path("clockOffsetSeconds").asLong(0) + " s"
                : "";
        say("reported  generation " + Column.text(reported.path("generation")) + ", "
                + age(reported.path("received"), now) + " ago, boot "
                + Column.text(reported.path("bootId"))
                + (reported.path("fresh").asBoolean(false) ? "" : ", stale") + skew);
    }

    private void reconciliation(JsonNode known, Instant now) {
        if (known.path("stalled").isString()) {
            say("stalled   " + known.path("stalled").stringValue());
        } else if (known.path("attempts").asInt(0) > 0 && known.path("next").isString()) {
            say("attempts  " + known.path("attempts").asInt(0) + ", the next look " + age(known.path("next"), now));
        }
    }

    /** One line for each desired leaf, the differing ones marked. */
    private void fields(JsonNode twin) {
        TreeMap<String, JsonNode> differing = new TreeMap<>();
        twin.path("drift").forEach(field -> differing.put(field.path("field").asString(""), field));
        JsonNode desired = twin.path("desired");
        List<List<String>> rows = new ArrayList<>();
        desired.path("origins").forEachEntry((pointer, origin) -> {
            JsonNode differs = differing.get(pointer);
            rows.add(List.of(
                    differs == null ? "" : "≠",
                    pointer,
                    value(desired, pointer),
                    differs == null ? value(twin.path("reported"), pointer) : Column.text(differs.path("reported")),
                    origin.asString("")
                            + (differs == null
                                    ? ""
                                    : ", " + differs.path("policy").asString(""))));
        });
        if (!rows.isEmpty()) {
            say("");
            new Table(root().terminal(), List.of("", "FIELD", "DESIRED", "REPORTED", "ORIGIN")).print(rows);
        }
    }

    private static String value(JsonNode document, String pointer) {
        JsonNode found = document.at(pointer);
        return Column.text(found.has("version") && pointer.startsWith("/software/") ? found.path("version") : found);
    }

    private void history(JsonNode twin, Instant now) {
        table(twin.at("/history/desired"), List.of("GENERATION", "AGE", "BECAUSE"), (entry, row) -> {
            row.add(Column.text(entry.path("generation")));
            row.add(age(entry.path("at"), now));
            row.add(Column.text(entry.path("reason")));
        });
        table(twin.at("/history/reported"), List.of("REPORTED", "GENERATION", "BOOT", "DIFFERING"), (entry, row) -> {
            row.add(age(entry.path("received"), now));
            row.add(Column.text(entry.path("generation")));
            row.add(Column.text(entry.path("bootId")));
            row.add(Column.text(entry.path("differing")));
        });
        table(twin.path("decisions"), List.of("DECIDED", "ACTION", "GENERATION", "OUTCOME"), (entry, row) -> {
            row.add(age(entry.path("at"), now));
            row.add(Column.text(entry.path("action")));
            row.add(Column.text(entry.path("generation")));
            row.add(Column.text(entry.path("outcome")));
        });
    }

    private void table(JsonNode entries, List<String> titles, BiConsumer<JsonNode, List<String>> cells) {
        if (entries.isEmpty()) {
            return;
        }
        List<List<String>> rows = new ArrayList<>();
        entries.forEach(entry -> {
            List<String> row = new ArrayList<>();
            cells.accept(entry, row);
            rows.add(row);
        });
        say("");
        new Table(root().terminal(), titles).print(rows);
    }

    private static String reason(JsonNode reason) {
        return reason.isString() ? ": " + reason.stringValue() : "";
    }

    private static String age(JsonNode moment, Instant now) {
        return moment.isString() ? Column.distance(Duration.between(Instant.parse(moment.stringValue()), now)) : "-";
    }
}

package dev.muster.cli.command;

import dev.muster.cli.Terminal;
import dev.muster.cli.Terminal.Colour;
import dev.muster.cli.output.Column;
import dev.muster.cli.output.Table;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** What a rollout would do, for people. */
final class PlanPage {
    /** Mixtures shown for each wave. */
    private static final int STRATA = 12;

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("EEE d MMM HH:mm", Locale.ROOT);

    private final Terminal terminal;
    private final JsonNode plan;

    PlanPage(Terminal terminal, JsonNode plan) {
        this.terminal = terminal;
        this.plan = plan;
    }

    void print() {
        long priority = number(plan, "priority");
        line("brings " + text(plan, "change") + (priority == 0 ? "" : ", priority " + priority) + ": selected "
                + number(plan, "selected") + ", targets " + number(plan, "targets"));
        plan.path("problems")
                .forEach(problem -> coloured(Colour.RED, "cannot start: it " + Table.printable(problem.asString(""))));
        waves();
        mixtures();
        canary();
        downloads();
        if (!plan.path("waves").isEmpty()) {
            line("takes " + text(plan.path("time"), "text"));
        }
        approvals();
        counted("leftOut", "left out, ");
        counted("waiting", "would wait now, ");
        if (number(plan, "withoutRollbackTarget") > 0) {
            coloured(
                    Colour.YELLOW,
                    number(plan, "withoutRollbackTarget") + " could not go back: what they run is not known");
        }
        terminal.out().flush();
    }

    private void waves() {
        List<List<String>> rows = new ArrayList<>();
        plan.path("waves")
                .forEach(wave -> rows.add(List.of(
                        text(wave, "name") + (wave.path("manual").asBoolean(false) ? " (waits for a person)" : ""),
                        Long.toString(number(wave, "targets")),
                        time(wave, "begins"),
                        time(wave, "ends"),
                        Column.text(wave.path("assets")))));
        if (!rows.isEmpty()) {
            new Table(terminal, List.of("WAVE", "TARGETS", "BEGINS", "ENDS", "FIRST OF THEM")).print(rows);
        }
    }

    private void mixtures() {
        for (JsonNode wave : plan.path("waves")) {
            List<String> shown = new ArrayList<>();
            wave.path("strata").forEach(stratum -> shown.add(stratum(stratum)));
            if (!shown.isEmpty()) {
                int more = shown.size() - STRATA;
                line("mixture of " + text(wave, "name") + ": "
                        + String.join(", ", shown.subList(0, Math.min(STRATA, shown.size())))
                        + (more > 0 ? ", and " + more + " more" : ""));
            }
        }
    }

    private static String stratum(JsonNode stratum) {
        List<String> values = new ArrayList<>();
        stratum.path("values")
                .forEachEntry(
                        (name, value) -> values.add(value.asString("").isEmpty() ? "no " + name : value.asString("")));
        return Table.printable(number(stratum, "targets") + " " + String.join("/", values));
    }

    private void canary() {
        JsonNode canary = plan.path("canary");
        if (canary.isMissingNode()) {
            return;
        }
        line("proves: " + text(canary, "text"));
        for (JsonNode missing : canary.path("missing")) {
            coloured(Colour.YELLOW, "wave " + text(canary, "wave") + " has none of the " + stratum(missing));
        }
    }

    private void approvals() {
        JsonNode approvals = plan.path("approvals");
        long needed = number(approvals, "needed");
        if (needed == 0) {
            return;
        }
        coloured(
                approvals.path("by").size() < needed ? Colour.YELLOW : Colour.GREEN,
                "approvals needed " + needed + ", by others than its author; given: "
                        + (approvals.path("by").isEmpty() ? "none" : Column.text(approvals.path("by"))));
        approvals.path("why").forEach(why -> line("  " + Table.printable(why.asString(""))));
    }

    private void downloads() {
        JsonNode downloads = plan.path("downloads");
        if (downloads.path("artifacts").isEmpty()) {
            return;
        }
        line("downloads " + bytes(number(downloads, "bytes")) + " in all");
        downloads
                .path("artifacts")
                .forEach(artifact -> line("  " + number(artifact, "assets") + " × " + bytes(number(artifact, "bytes"))
                        + "  " + text(artifact, "target")));
    }

    private void counted(String field, String words) {
        for (JsonNode by : plan.path(field)) {
            line(words + text(by, "reason") + ": " + number(by, "count"));
            by.path("assets")
                    .forEachEntry((asset, detail) ->
                            line("  " + Table.printable(asset) + "  " + Table.printable(detail.asString(""))));
        }
    }

    static String bytes(long bytes) {
        String[] units = {"B", "kB", "MB", "GB", "TB"};
        double value = bytes;
        int unit = 0;
        while (value >= 1000 && unit < units.length - 1) {
            value /= 1000;
            unit++;
        }
        return unit == 0
                ? bytes + " B"
                : String.format(Locale.ROOT, value < 10 ? "%.1f %s" : "%.0f %s", value, units[unit]);
    }

    private static String time(JsonNode node, String field) {
        String text = node.path(field).asString("");
        return text.isEmpty() ? "-" : TIME.format(Instant.parse(text).atZone(ZoneId.systemDefault()));
    }

    private static String text(JsonNode node, String field) {
        return Table.printable(node.path(field).asString(""));
    }

    private static long number(JsonNode node, String field) {
        return node.path(field).asLong();
    }

    private void line(String text) {
        terminal.out().println(text);
    }

    private void coloured(Colour colour, String text) {
        line(terminal.coloured(colour, text));
    }
}

package dev.muster.cli.command;

import dev.muster.cli.output.Column;
import dev.muster.cli.output.Table;
import dev.muster.cli.rest.Query;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code muster slo …}: what is left of an error budget, and how fast it burns. */
@Command(
        name = "slo",
        description = "Shows objectives, their error budgets and how fast they burn.",
        subcommands = SloVerb.Show.class)
final class SloVerb extends Menu {

    static Column percent(String title, String field, int digits) {
        return new Column(title, false, slo -> percent(slo.path("status").path(field), digits));
    }

    static Column decimal(String title, String field) {
        return new Column(title, false, slo -> decimal(slo.path("status").path(field)));
    }

    static String percent(JsonNode value, int digits) {
        return value.isNumber()
                ? String.format(Locale.ROOT, "%." + digits + "f%%", 100 * value.asDouble(0))
                : "unknown";
    }

    static String decimal(JsonNode value) {
        return value.isNumber() ? String.format(Locale.ROOT, "%.2f", value.asDouble(0)) : "unknown";
    }

    /** {@code muster slo show NAME}. */
    @Command(name = "show", description = "Shows one objective: its budget, and each alert with what it looks at.")
    static final class Show extends Verb {
        @Parameters(paramLabel = "NAME", description = "The objective.")
        private String name = "";

        @Override
        void run() {
            JsonNode slo = root().api().get(Query.of("slos", name));
            if (!root().printer().isTable()) {
                root().printer().one(slo);
                return;
            }
            JsonNode status = slo.path("status");
            say("%-14s%s".formatted("objective", name + ": " + Column.text(status.path("state"))));
            say("%-14s%s of %s"
                    .formatted("indicator", Column.text(status.path("sli")), Column.text(status.path("scope"))));
            say("%-14s%s, target %s"
                    .formatted("value", percent(status.path("value"), 3), percent(status.path("target"), 3)));
            say("%-14s%.0f good, %.0f bad; apart: %.0f stale, %.0f unknown"
                    .formatted(
                            "counted",
                            status.path("good").asDouble(0),
                            status.path("bad").asDouble(0),
                            status.path("stale").asDouble(0),
                            status.path("unknown").asDouble(0)));
            say("%-14s%s".formatted("budget left", percent(status.path("budgetRemaining"), 1)));
            say("%-14s%s%s"
                    .formatted(
                            "burn rate",
                            decimal(status.path("burnRate")),
                            status.has("exhaustedIn")
                                    ? ", spent in " + Column.text(status.path("exhaustedIn")) + " if it goes on"
                                    : ""));
            say("%-14s%s to %s".formatted("period", Column.text(status.path("from")), Column.text(status.path("to"))));
            say("");
            List<List<String>> rows = new ArrayList<>();
            status.path("alerts")
                    .forEach(alert -> rows.add(List.of(
                            Column.text(alert.path("name")),
                            Column.text(alert.path("severity")),
                            Column.text(alert.path("state")),
                            Column.text(alert.path("longWindow")) + "/" + Column.text(alert.path("shortWindow")),
                            decimal(alert.path("factor")),
                            decimal(alert.path("burnRate")) + "/" + decimal(alert.path("shortBurnRate")))));
            new Table(root().terminal(), List.of("ALERT", "SEVERITY", "STATE", "WINDOWS", "FACTOR", "BURN"))
                    .print(rows);
        }
    }
}

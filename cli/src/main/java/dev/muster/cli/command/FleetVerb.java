package dev.muster.cli.command;

import dev.muster.cli.output.Column;
import dev.muster.cli.output.Sparkline;
import dev.muster.cli.output.Table;
import dev.muster.cli.rest.Query;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** {@code muster fleet …}: what the dashboards of the console show. */
@Command(
        name = "fleet",
        description =
                "Shows the fleet as a whole: its trend, its growth, what fails, what was changed, how the server does.",
        subcommands = {
            FleetVerb.Trend.class,
            FleetVerb.Growth.class,
            FleetVerb.Failing.class,
            FleetVerb.Changes.class,
            FleetVerb.Health.class
        })
final class FleetVerb extends Menu {
    private static final int WIDTH = 40;

    /** {@code muster fleet trend [--window 7d]}. */
    @Command(name = "trend", description = "Shows how much of the fleet, and of each region, was online over a time.")
    static final class Trend extends Verb {
        @Option(names = "--window", defaultValue = "24h", paramLabel = "DURATION", description = "15m to 365d.")
        private String window = "24h";

        @Override
        void run() {
            JsonNode answer = root().api().get(Query.of("fleet", "trend").with("window", window));
            if (!root().printer().isTable()) {
                root().printer().one(answer);
                return;
            }
            List<List<String>> rows = new ArrayList<>();
            answer.path("scopes").forEach(scope -> {
                List<@Nullable Double> steps = new ArrayList<>();
                scope.path("steps")
                        .forEach(step -> steps.add(
                                step.path("value").isNumber()
                                        ? Double.valueOf(step.path("value").asDouble(0))
                                        : null));
                rows.add(List.of(
                        Column.text(scope.path("scope")),
                        SloVerb.percent(scope.path("value"), 2),
                        SloVerb.percent(scope.path("before"), 2),
                        Sparkline.of(steps, WIDTH)));
            });
            table(this, List.of("SCOPE", "ONLINE", "BEFORE", "TREND"), rows, "nothing was summed up lately");
        }
    }

    /** {@code muster fleet growth}. */
    @Command(name = "growth", description = "Shows how assets, messages and storage grow, and what that leads to.")
    static final class Growth extends Verb {
        @Override
        void run() {
            JsonNode answer = root().api().get(Query.of("fleet", "growth"));
            if (!root().printer().isTable()) {
                root().printer().one(answer);
                return;
            }
            List<List<String>> rows = new ArrayList<>();
            answer.path("items").forEach(item -> {
                JsonNode forecast = item.path("forecast");
                List<String> ahead = new ArrayList<>();
                forecast.path("ahead")
                        .forEach(each -> ahead.add(each.path("days").asInt() + " d: " + whole(each.path("value")) + " ("
                                + whole(each.path("low")) + " to " + whole(each.path("high")) + ")"));
                rows.add(List.of(
                        Column.text(item.path("unit")),
                        whole(item.path("now")),
                        whole(forecast.path("perDay")),
                        ahead.isEmpty() ? Column.text(forecast.path("why")) : String.join(", ", ahead)));
            });
            table(this, List.of("OF", "NOW", "A DAY", "EXPECTED"), rows, "");
            say("forecast: " + Column.text(answer.path("method")));
        }

        private static String whole(JsonNode value) {
            return value.isNumber() ? String.format(Locale.ROOT, "%.0f", value.asDouble(0)) : "unknown";
        }
    }

    /** {@code muster fleet failing [--window 24h] [--limit 10]}. */
    @Command(name = "failing", description = "Lists the assets that failed most within a time, with what failed.")
    static final class Failing extends Verb {
        @Option(names = "--window", defaultValue = "24h", paramLabel = "DURATION", description = "15m to 7d.")
        private String window = "24h";

        @Option(names = "--limit", defaultValue = "10", paramLabel = "N", description = "1 to 100.")
        private int limit = 10;

        @Override
        void run() {
            JsonNode answer = root().api()
                    .get(Query.of("failing-assets").with("window", window).with("limit", limit));
            if (!root().printer().isTable()) {
                root().printer().one(answer);
                return;
            }
            List<List<String>> rows = new ArrayList<>();
            answer.path("assets").forEach(asset -> {
                List<String> what = new ArrayList<>();
                asset.path("categories")
                        .forEach(is -> what.add("%s %s %s ×%d"
                                .formatted(
                                        Column.text(is.path("category")),
                                        Column.text(is.path("what")),
                                        is.path("how").asString(""),
                                        is.path("count").asInt())));
                rows.add(List.of(
                        Column.text(asset.path("asset")),
                        Column.text(asset.path("presence")),
                        Column.text(asset.path("pages")),
                        Column.text(asset.path("failures")),
                        String.join(", ", what)));
            });
            table(
                    this,
                    List.of("ASSET", "PRESENCE", "PAGES", "FAILURES", "WHAT"),
                    rows,
                    "no asset failed in " + window);
        }
    }

    /** {@code muster fleet changes [--window 24h]}. */
    @Command(name = "changes", description = "Lists what was changed of the fleet as a whole, newest first.")
    static final class Changes extends Verb {
        @Option(names = "--window", defaultValue = "24h", paramLabel = "DURATION", description = "15m to 7d.")
        private String window = "24h";

        @Override
        void run() {
            JsonNode answer = root().api().get(Query.of("fleet", "changes").with("window", window));
            if (!root().printer().isTable()) {
                root().printer().one(answer);
                return;
            }
            List<List<String>> rows = new ArrayList<>();
            answer.path("changes")
                    .forEach(change -> rows.add(List.of(
                            Column.text(change.path("at")),
                            Column.text(change.path("action")),
                            Column.text(change.path("objectName")),
                            Column.text(change.path("actor")))));
            table(this, List.of("AT", "ACTION", "OBJECT", "BY"), rows, "nothing was changed in " + window);
        }
    }

    /** {@code muster fleet health}. */
    @Command(name = "health", description = "Shows the server's queue, consumers and stores.")
    static final class Health extends Verb {
        @Override
        void run() {
            JsonNode answer = root().api().get(Query.of("system-health"));
            if (!root().printer().isTable()) {
                root().printer().one(answer);
                return;
            }
            JsonNode queue = answer.path("queue");
            print("ready", answer.path("ready").asBoolean(false) ? "yes" : "no");
            answer.path("checks").forEach(check -> {
                if (!check.path("ok").asBoolean(false)) {
                    print(Column.text(check.path("name")), Column.text(check.path("problem")));
                }
            });
            print("in time", SloVerb.percent(queue.path("inTime"), 2) + " of the last hour");
            print("queued", Column.text(queue.path("queued")));
            print("until on disk", latency(queue.path("durable")));
            print(
                    "journal",
                    Column.text(queue.path("bytes")) + " of " + Column.text(queue.path("maxBytes")) + " bytes");
            print("stored", Column.text(answer.path("stored").path("total")) + " bytes");
            List<List<String>> rows = new ArrayList<>();
            answer.path("consumers")
                    .forEach(consumer -> rows.add(List.of(
                            Column.text(consumer.path("name")),
                            Column.text(consumer.path("lag")),
                            latency(consumer.path("latency")),
                            Column.text(consumer.path("failures")),
                            Column.text(consumer.path("deadLetters")))));
            table(this, List.of("CONSUMER", "BEHIND", "LATENCY", "TRIED AGAIN", "SET ASIDE"), rows, "no consumer runs");
        }

        private static String latency(JsonNode latency) {
            return latency.path("p99").isNumber()
                    ? String.format(
                            Locale.ROOT,
                            "p50 %.1f ms, p99 %.1f ms",
                            latency.path("p50").asDouble(0),
                            latency.path("p99").asDouble(0))
                    : "nothing lately";
        }

        private void print(String title, String text) {
            root().terminal().out().println(String.format(Locale.ROOT, "%-14s", title) + Table.printable(text));
        }
    }

    private static void table(Verb verb, List<String> titles, List<List<String>> rows, String none) {
        if (rows.isEmpty()) {
            verb.root().terminal().out().println(none);
        } else {
            new Table(verb.root().terminal(), titles).print(rows);
        }
        verb.root().terminal().out().flush();
    }
}

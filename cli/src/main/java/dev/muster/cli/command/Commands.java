package dev.muster.cli.command;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import dev.muster.cli.output.Column;
import dev.muster.cli.rest.Api;
import dev.muster.cli.rest.Pages;
import dev.muster.cli.rest.Query;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code muster commands}: what was given to assets and what became of it. */
@Command(
        name = "commands",
        description = "Lists commands, newest first; shows how many were done; takes them back.",
        subcommands = {Commands.Cancel.class, Commands.Rate.class},
        footer = {
            "",
            "  muster commands --asset pos-00001",
            "  muster commands --status pending,accepted,running --watch",
            "  muster commands rate --from -1d --selector \"asset.type == 'pos'\""
        })
final class Commands extends Verb {
    @Option(names = "--asset", paramLabel = "ID", description = "Only those of one asset.")
    private @Nullable String asset;

    @Option(
            names = "--status",
            paramLabel = "STATUS",
            description = "Only those; one or more, separated by commas: queued, pending, accepted, running, succeeded,"
                    + " failed, rejected, expired, indeterminate, cancelled.")
    private @Nullable String status;

    @Option(names = "--run", paramLabel = "ID", description = "Only those of one run.")
    private @Nullable String run;

    @Option(names = "--name", paramLabel = "NAME", description = "Only those of one name.")
    private @Nullable String name;

    @Option(
            names = "--limit",
            defaultValue = "100",
            paramLabel = "N",
            description = "At most so many (100); 0 for all.")
    private int limit;

    @Option(
            names = {"-w", "--watch"},
            description = "Goes on, and prints what changed.")
    private boolean watch;

    @Option(names = "--interval", defaultValue = "2s", paramLabel = "TIME", description = "Of --watch (2s).")
    private String interval = "2s";

    @Override
    void run() {
        if (limit < 0) {
            throw new CommandFailed(ExitCode.USAGE, "--limit is " + limit + "; allowed are 1 and more, 0 for all");
        }
        Query query = Query.of("commands")
                .with("asset", asset)
                .with("status", status)
                .with("run", run)
                .with("name", name);
        List<Column> columns = Kind.COMMANDS.columns(Instant.now());
        if (watch) {
            Get.watch(root(), columns, query, limit, Times.duration(interval));
        } else {
            root().printer().list(columns, "no commands", page -> Pages.each(root().api(), query, limit, page));
        }
    }

    /** {@code muster commands cancel ID}. */
    @Command(
            name = "cancel",
            description = "Takes back a command that its asset has not taken, or what is queued of a run.")
    static final class Cancel extends Verb {
        @Parameters(paramLabel = "ID", description = "Of a command or of a run.")
        private String id = "";

        @Override
        void run() {
            JsonNode after;
            try {
                after = root().api().post(Query.of("commands", id, "cancel"), Api.JSON.createObjectNode());
            } catch (CommandFailed failed) {
                if (failed.code() != ExitCode.NOT_FOUND) {
                    throw failed;
                }
                after = root().api().post(Query.of("command-runs", id, "cancel"), Api.JSON.createObjectNode());
            }
            if (root().printer().isTable()) {
                root().terminal()
                        .out()
                        .println(
                                after.has("state")
                                        ? "run " + id + " is "
                                                + after.path("state").asString("")
                                        : "command " + id + " is "
                                                + after.path("status").asString(""));
                root().terminal().out().flush();
            } else {
                root().printer().one(after);
            }
        }
    }

    /** {@code muster commands rate}. */
    @Command(
            name = "rate",
            description = "How many commands were done in time, by hour; every attempt counts by itself.",
            footer = {"", "FIRST leaves retries out, ALL counts each of them: trying again mends neither."})
    static final class Rate extends Verb {
        @Option(names = "--from", paramLabel = "TIME", defaultValue = "-1d", description = "-1d, or a date (-1d).")
        private String from = "-1d";

        @Option(names = "--to", paramLabel = "TIME", description = "-1h, or a date; now without it.")
        private @Nullable String to;

        @Option(
                names = {"-s", "--selector"},
                paramLabel = "CEL",
                description = "Only of assets for which it holds.")
        private @Nullable String selector;

        @Override
        void run() {
            Instant now = Instant.now();
            JsonNode answer = root().api()
                    .get(Query.of("commands", "success-rate")
                            .with("from", Times.moment(from, now))
                            .with("to", Times.moment(to, now))
                            .with("selector", selector));
            if (!root().printer().isTable()) {
                root().printer().one(answer);
                return;
            }
            List<JsonNode> rows = new java.util.ArrayList<>();
            answer.path("hours").forEach(rows::add);
            if (!rows.isEmpty()) {
                rows.add(answer.path("total"));
            }
            root().printer()
                    .list(
                            List.of(
                                    new Column(
                                            "HOUR",
                                            false,
                                            row -> row.has("hour")
                                                    ? row.path("hour").asString("")
                                                    : "total"),
                                    new Column("FIRST", false, row -> percent(row.at("/firstAttempt/rate"))),
                                    new Column("ALL", false, row -> percent(row.at("/all/rate"))),
                                    Column.of("GIVEN", "all.given"),
                                    Column.of("SUCCEEDED", "all.succeeded"),
                                    Column.of("LATE", "all.late"),
                                    Column.of("FAILED", "all.failed"),
                                    Column.of("REJECTED", "all.rejected"),
                                    Column.of("EXPIRED", "all.expired"),
                                    Column.of("INDETERMINATE", "all.indeterminate"),
                                    Column.of("OPEN", "all.open"),
                                    Column.wide("CANCELLED", "all.cancelled"),
                                    Column.wide("WITHDRAWN", "all.withdrawn"),
                                    Column.wide("UNDELIVERED", "all.undelivered")),
                            "no commands were given in that time",
                            page -> page.accept(rows));
        }

        private static String percent(JsonNode rate) {
            return rate.isNumber() ? String.format(Locale.ROOT, "%.2f%%", rate.asDouble() * 100) : "-";
        }
    }
}

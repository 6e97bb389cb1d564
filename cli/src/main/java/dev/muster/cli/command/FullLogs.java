package dev.muster.cli.command;

import dev.muster.cli.output.Column;
import dev.muster.cli.rest.Api;
import dev.muster.cli.rest.Query;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code muster full-logs …}: for a while every log line of some assets is kept, whatever their type says of sampling. */
@Command(
        name = "full-logs",
        description = "Keeps every log line of some assets for a while, whatever their types say of sampling.",
        subcommands = {FullLogs.Open.class, FullLogs.ListThem.class, FullLogs.Close.class})
final class FullLogs extends Menu {

    /** {@code muster full-logs open --selector CEL --for TIME --reason TEXT}. */
    @Command(
            name = "open",
            description = "Keeps every log line of the assets that a selector selects now.",
            footer = {"", "  muster full-logs open --selector \"asset.site == 'hamburg'\" --for 2h --reason INC-42"})
    static final class Open extends Verb {
        @Option(names = "--selector", required = true, paramLabel = "CEL", description = "Which assets.")
        private String selector = "";

        @Option(names = "--for", required = true, paramLabel = "TIME", description = "1m to 30d.")
        private String length = "";

        @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why; shown in the list.")
        private String reason = "";

        @Override
        void run() {
            Times.duration(length);
            JsonNode opened = root().api()
                    .post(
                            Query.of("full-logs"),
                            Api.JSON
                                    .createObjectNode()
                                    .put("selector", selector)
                                    .put("length", length)
                                    .put("reason", reason));
            if (root().printer().isTable()) {
                root().terminal()
                        .out()
                        .println("every log line of " + opened.path("assets").asInt() + " assets is kept until "
                                + opened.path("until").asString(""));
                root().terminal().out().flush();
            } else {
                root().printer().one(opened);
            }
        }
    }

    /** {@code muster full-logs list}. */
    @Command(name = "list", description = "Lists the assets of which every log line is kept.")
    static final class ListThem extends Verb {
        @Override
        void run() {
            list(
                    Query.of("full-logs"),
                    "of no asset is every log line kept",
                    Column.of("ASSET", "asset"),
                    Column.of("UNTIL", "until"),
                    Column.of("REASON", "reason"),
                    Column.of("BY", "createdBy"));
        }
    }

    /** {@code muster full-logs close ASSET}. */
    @Command(name = "close", description = "Ends it for an asset now.")
    static final class Close extends Verb {
        @Parameters(paramLabel = "ASSET", description = "Its id.")
        private String asset = "";

        @Override
        void run() {
            root().api().delete(Query.of("assets", asset, "full-logs"));
            say("log lines of asset " + asset + " are sampled again as its type says");
        }
    }
}

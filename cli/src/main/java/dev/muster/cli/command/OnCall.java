package dev.muster.cli.command;

import dev.muster.cli.output.Column;
import dev.muster.cli.rest.Query;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code muster oncall …}. */
@Command(
        name = "oncall",
        description = "Who is on call, and who stands in.",
        subcommands = {OnCall.Now.class, OnCall.Override.class})
final class OnCall extends Menu {

    /** {@code muster oncall now}. */
    @Command(name = "now", description = "Who is on call, by schedule.")
    static final class Now extends Verb {
        @Option(names = "--at", paramLabel = "TIME", description = "At another time, such as 2026-12-24T20:00:00Z.")
        private String at = "";

        @java.lang.Override
        void run() {
            List<JsonNode> duties = new ArrayList<>();
            Query query = Query.of("on-call");
            root().api().get(at.isEmpty() ? query : query.with("at", at)).forEach(duties::add);
            root().printer()
                    .list(
                            List.of(
                                    Column.of("SCHEDULE", "schedule"),
                                    Column.of("PERSON", "person"),
                                    Column.wide("OVERRIDES", "overrides")),
                            "no on-call schedules",
                            page -> page.accept(duties));
        }
    }

    /** {@code muster oncall override SCHEDULE PERSON --to TIME}. */
    @Command(name = "override", description = "Somebody stands in.")
    static final class Override extends Verb {
        @Parameters(index = "0", paramLabel = "SCHEDULE", description = "The schedule.")
        private String schedule = "";

        @Parameters(index = "1", paramLabel = "PERSON", description = "Who stands in: a receiver.")
        private String person = "";

        @Option(names = "--from", paramLabel = "TIME", description = "Now without it.")
        private String from = "";

        @Option(names = "--to", required = true, paramLabel = "TIME", description = "Such as 2026-12-24T20:00:00Z.")
        private String to = "";

        @java.lang.Override
        void run() {
            ObjectNode wanted =
                    JsonNodeFactory.instance.objectNode().put("person", person).put("to", to);
            if (!from.isEmpty()) {
                wanted.put("from", from);
            }
            JsonNode made = root().api().post(Query.of("on-call", schedule, "overrides"), wanted);
            say(made.path("person").asString("") + " stands in on " + schedule + " until "
                    + made.path("endsAt").asString(""));
        }
    }
}

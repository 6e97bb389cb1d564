package dev.muster.cli.command;

import dev.muster.cli.output.Column;
import dev.muster.cli.rest.Query;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code muster silence …}. */
@Command(
        name = "silence",
        description = "Silences alerts for a time, after a look at what would be hidden.",
        subcommands = {Silence.Add.class, Silence.Preview.class, Silence.ListThem.class, Silence.Expire.class})
final class Silence extends Menu {

    private static ObjectNode wanted(List<String> matchers) {
        ObjectNode wanted = JsonNodeFactory.instance.objectNode();
        var list = wanted.putArray("matchers");
        matchers.forEach(list::add);
        return wanted;
    }

    /** {@code muster silence add MATCHER… -d 2h -m WHY}. */
    @Command(name = "add", description = "Silences what matches: alertname=Hot, site=~hall-.+, …")
    static final class Add extends Verb {
        @Parameters(arity = "1..*", paramLabel = "MATCHER", description = "All have to match.")
        private List<String> matchers = List.of();

        @Option(
                names = {"-d", "--duration"},
                defaultValue = "1h",
                paramLabel = "TIME",
                description = "For how long; default 1h.")
        private String duration = "1h";

        @Option(
                names = {"-m", "--comment"},
                required = true,
                paramLabel = "TEXT",
                description = "Why.")
        private String comment = "";

        @Override
        void run() {
            ObjectNode wanted = wanted(matchers).put("duration", duration).put("comment", comment);
            if (root().printer().isTable()) {
                Preview.shown(this, root().api().post(Query.of("silences", "preview"), wanted));
            }
            JsonNode made = root().api().post(Query.of("silences"), wanted);
            if (root().printer().isTable()) {
                say(made.path("id").asString("") + " until "
                        + made.path("endsAt").asString(""));
            } else {
                root().printer().one(made);
            }
        }
    }

    /** {@code muster silence preview MATCHER…}. */
    @Command(name = "preview", description = "What would be hidden now.")
    static final class Preview extends Verb {
        @Parameters(arity = "1..*", paramLabel = "MATCHER", description = "All have to match.")
        private List<String> matchers = List.of();

        @Override
        void run() {
            JsonNode preview = root().api().post(Query.of("silences", "preview"), wanted(matchers));
            if (root().printer().isTable()) {
                shown(this, preview);
            } else {
                root().printer().one(preview);
            }
        }

        static void shown(Verb verb, JsonNode preview) {
            verb.say("hides " + preview.path("alerts").asInt(0)
                    + (preview.path("alerts").asInt(0) == 1 ? " alert: " : " alerts: ")
                    + preview.path("firing").asInt(0) + " firing, "
                    + preview.path("pages").asInt(0) + " of them pages");
            preview.path("first")
                    .forEach(alert -> verb.say("  " + alert.path("fingerprint").asString("") + "  "
                            + alert.path("severity").asString("") + "  "
                            + alert.path("summary").asString("")));
        }
    }

    /** {@code muster silence list}. */
    @Command(name = "list", description = "Lists silences, the newest first.")
    static final class ListThem extends Verb {
        @Override
        void run() {
            list(
                    Query.of("silences"),
                    "no silences",
                    Column.of("ID", "id"),
                    Column.of("STATE", "state"),
                    Column.of("MATCHERS", "matchers"),
                    Column.of("ENDS", "endsAt"),
                    Column.of("BY", "createdBy"),
                    Column.of("COMMENT", "comment"));
        }
    }

    /** {@code muster silence expire ID}. */
    @Command(name = "expire", description = "Ends a silence.")
    static final class Expire extends Verb {
        @Parameters(paramLabel = "ID", description = "The silence.")
        private String id = "";

        @Override
        void run() {
            root().api().delete(Query.of("silences", id));
            say("silence " + id + " is over");
        }
    }
}

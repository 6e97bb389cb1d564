package dev.muster.cli.command;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import dev.muster.cli.output.Column;
import dev.muster.cli.rest.Query;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** {@code muster alert …}: what fires, why, and who was told. */
@Command(
        name = "alert",
        description = "Shows, acknowledges and explains alerts.",
        subcommands = {
            AlertVerb.ListThem.class,
            AlertVerb.Ack.class,
            AlertVerb.ExplainIt.class,
            AlertVerb.Why.class,
            AlertVerb.Assets.class,
            AlertVerb.Test.class,
            AlertVerb.Notifications.class,
            AlertSecret.class,
            IntegrationKey.class
        })
final class AlertVerb extends Menu {
    static final List<Column> COLUMNS = List.of(
            Column.of("FINGERPRINT", "fingerprint"),
            Column.of("SEVERITY", "severity"),
            Column.of("STATE", "state"),
            Column.age("SINCE", "since", Instant.now()),
            Column.of("NAME", "name"),
            Column.of("SUMMARY", "summary"),
            Column.of("ACKNOWLEDGED", "acknowledgement.by"),
            new Column("HELD", false, AlertVerb::held),
            Column.wide("SOURCE", "source"),
            Column.wide("LABELS", "labels"));

    static final String NONE_FIRES = "no alert fires; muster alert list --state all shows those that are over";

    /** {@code threshold: metric=coolant,above=95}; of an expression only its text. */
    static String condition(JsonNode rule) {
        return rule.path("spec")
                .path("condition")
                .propertyStream()
                .findFirst()
                .map(only -> only.getKey().equals("expression")
                        ? only.getValue().path("cel").asString("")
                        : only.getKey() + ": " + Column.text(only.getValue()))
                .orElse("-");
    }

    private static String held(JsonNode alert) {
        return !alert.path("silencedBy").isEmpty()
                ? "silenced"
                : !alert.path("inhibitedBy").isEmpty() ? "inhibited" : "";
    }

    /** {@code muster alert list}. */
    @Command(name = "list", description = "Lists alerts, the newest change first.")
    static final class ListThem extends Verb {
        @Option(
                names = "--state",
                defaultValue = "firing",
                paramLabel = "STATE",
                description = "pending, firing, resolved or all; default firing.")
        private String state = "firing";

        @Option(names = "--asset", paramLabel = "ID", description = "Those about an asset, or that stand for it.")
        private String asset = "";

        @Option(names = "--severity", paramLabel = "SEVERITY", description = "page, ticket or info.")
        private String severity = "";

        @Override
        void run() {
            Query query = Query.of("alerts").with("state", state);
            Query narrowed = asset.isEmpty() ? query : query.with("asset", asset);
            Query last = severity.isEmpty() ? narrowed : narrowed.with("severity", severity);
            String none = state.equals("firing") ? NONE_FIRES : "no alerts";
            list(last, none, COLUMNS);
        }
    }

    /** {@code muster alert test FILE}. */
    @Command(
            name = "test",
            description = "When a rule would have fired in the past, for whom, and who would have been told.",
            footer = {
                "",
                "Replays what is stored of your assets; changes nothing. Exit code 1 when it could not be replayed, or only in part.",
                "",
                "  muster alert test rule.yaml --since 24h"
            })
    static final class Test extends Verb {
        private static final int SHOWN = 50;

        @Parameters(paramLabel = "FILE", description = "A document of kind AlertRule.")
        private Path file = Path.of("");

        @Option(names = "--since", paramLabel = "TIME", description = "So long before the end (24h); 7d at most.")
        private String since = "24h";

        @Option(names = "--to", paramLabel = "TIME", description = "Until this time (ISO 8601); now without it.")
        private String to = "";

        @Override
        void run() {
            JsonNode test = root().api().post(Query.of("alert-rules", "test"), body());
            if (root().printer().isTable()) {
                tell(root().terminal().out(), test);
            } else {
                root().printer().one(test);
            }
            if (!test.path("cannot").isEmpty()) {
                throw new CommandFailed(
                        ExitCode.FAILED,
                        test.path("cannot")
                                .valueStream()
                                .map(JsonNode::asString)
                                .collect(java.util.stream.Collectors.joining("; ")));
            }
        }

        private ObjectNode body() {
            try {
                JsonNode read = new YAMLMapper().readTree(Files.readString(file));
                if (!read.path("kind").asString("").equals("AlertRule")) {
                    throw new CommandFailed(
                            ExitCode.USAGE,
                            file + " holds the kind \"" + read.path("kind").asString("")
                                    + "\", an AlertRule is needed");
                }
                ObjectNode body = JsonNodeFactory.instance.objectNode();
                body.set("name", read.path("metadata").path("name"));
                body.set("spec", read.path("spec"));
                body.put("since", since);
                if (!to.isEmpty()) {
                    body.put("to", to);
                }
                return body;
            } catch (IOException e) {
                throw new CommandFailed(ExitCode.USAGE, "cannot read " + file + ": " + e.getMessage());
            } catch (JacksonException e) {
                throw new CommandFailed(ExitCode.USAGE, file + " is not YAML: " + e.getOriginalMessage());
            }
        }

        private static void tell(PrintStream out, JsonNode test) {
            if (test.path("evaluations").asInt(0) == 0) {
                return; // why is said in the end
            }
            out.println(text(test, "rule") + " (" + text(test, "condition") + ") from " + text(test, "from") + " to "
                    + text(test, "to") + ": looked at " + text(test, "assets") + " assets, "
                    + text(test, "evaluations") + " times");
            out.println("would have fired " + text(test, "fired") + " times for " + text(test, "assetsHit")
                    + " assets, and told " + text(test, "notifications") + " times; wrong for too short a time: "
                    + text(test, "givenUp") + " times");
            test.path("firings")
                    .valueStream()
                    .limit(SHOWN)
                    .forEach(each -> out.println("  " + text(each, "firedAt")
                            + "  "
                            + (each.hasNonNull("resolvedAt") ? "until " + text(each, "resolvedAt") : "still at the end")
                            + "  " + text(each, "summary")));
            if (test.path("fired").asInt(0) > SHOWN) {
                out.println("  and " + (test.path("fired").asInt(0) - SHOWN) + " more");
            }
            test.path("told")
                    .forEach(each -> out.println("  " + text(each, "receiver") + ": " + text(each, "notifications")
                            + " " + each.path("why")));
            test.path("notes").forEach(note -> out.println("note: " + note.asString("")));
            out.flush();
        }

        private static String text(JsonNode node, String field) {
            return Column.text(node.path(field));
        }
    }

    /** {@code muster alert ack FINGERPRINT}. */
    @Command(name = "ack", description = "Says that you look after it: nobody is told again until it is resolved.")
    static final class Ack extends Verb {
        @Parameters(paramLabel = "FINGERPRINT", description = "The alert.")
        private String fingerprint = "";

        @Option(
                names = {"-m", "--note"},
                paramLabel = "TEXT",
                description = "For the others.")
        private String note = "";

        @Override
        void run() {
            ObjectNode said = JsonNodeFactory.instance.objectNode().put("note", note);
            JsonNode alert = root().api().post(Query.of("alerts", fingerprint, "acknowledge"), said);
            say(alert.path("name").asString("") + " (" + fingerprint + ") is acknowledged by "
                    + alert.path("acknowledgement").path("by").asString(""));
        }
    }

    /** {@code muster alert explain FINGERPRINT}. */
    @Command(name = "explain", description = "Why it fires, with what was looked at, and each step of who was told.")
    static final class ExplainIt extends Verb {
        @Parameters(paramLabel = "FINGERPRINT", description = "The alert.")
        private String fingerprint = "";

        @Override
        void run() {
            JsonNode found = root().api().get(Query.of("alerts", fingerprint, "explain"));
            if (!root().printer().isTable()) {
                root().printer().one(found);
                return;
            }
            JsonNode alert = found.path("alert");
            say(alert.path("name").asString("") + ": " + alert.path("summary").asString(""));
            say("  " + alert.path("severity").asString("") + ", "
                    + alert.path("state").asString("") + " since "
                    + alert.path("since").asString("") + ", said by "
                    + alert.path("source").asString("")
                    + (alert.has("unknownSince")
                            ? ", which cannot tell since "
                                    + alert.path("unknownSince").asString("")
                            : "")
                    + (alert.path("flapping").asBoolean(false) ? ", flapping" : ""));
            say("  labels    " + alert.path("labels"));
            say("  evidence  " + found.path("evidence"));
            if (found.path("assets").asInt(0) > 1) {
                say("  assets    " + found.path("assets").asInt(0) + "; muster alert assets " + fingerprint);
            }
            told(found.path("why"));
        }

        void told(JsonNode why) {
            AlertVerb.told(this, why);
        }
    }

    private static void told(Verb verb, JsonNode why) {
        verb.say(why.path("answer").asString(""));
        verb.say("routes:");
        why.path("routes")
                .forEach(route -> verb.say("  " + (route.path("matched").asBoolean(false) ? "takes  " : "no     ")
                        + route.path("route").asString("")
                        + (route.path("why").asString("").isEmpty()
                                ? ""
                                : "   " + route.path("why").asString(""))));
        if (!why.path("steps").isEmpty()) {
            verb.say("decisions:");
            why.path("steps")
                    .forEach(step -> verb.say("  " + step.path("at").asString("") + "  "
                            + step.path("outcome").asString("")));
        }
        if (!why.path("notifications").isEmpty()) {
            verb.say("notifications:");
            why.path("notifications")
                    .forEach(sent -> verb.say("  " + sent.path("created").asString("") + "  "
                            + sent.path("recipient").asString("") + " over "
                            + sent.path("channel").asString("") + ": "
                            + sent.path("state").asString("")
                            + (sent.path("error").asString("").isEmpty()
                                    ? ""
                                    : ", " + sent.path("error").asString(""))));
        }
    }

    /** {@code muster alert why FINGERPRINT --person NAME}. */
    @Command(name = "why", description = "Why somebody was notified of it, or was not.")
    static final class Why extends Verb {
        @Parameters(paramLabel = "FINGERPRINT", description = "The alert.")
        private String fingerprint = "";

        @Option(
                names = {"-p", "--person"},
                paramLabel = "NAME",
                description = "A receiver or an address; everybody without it.")
        private String person = "";

        @Override
        void run() {
            Query query = Query.of("alerts", fingerprint, "why");
            JsonNode why = root().api().get(person.isEmpty() ? query : query.with("person", person));
            if (root().printer().isTable()) {
                told(this, why);
            } else {
                root().printer().one(why);
            }
        }
    }

    /** {@code muster alert assets FINGERPRINT}. */
    @Command(name = "assets", description = "Lists the assets that it stands for.")
    static final class Assets extends Verb {
        @Parameters(paramLabel = "FINGERPRINT", description = "The alert.")
        private String fingerprint = "";

        @Override
        void run() {
            list(
                    Query.of("alerts", fingerprint, "assets"),
                    "it stands for no assets",
                    new Column("ASSET", false, asset -> asset.asString("")));
        }
    }

    /** {@code muster alert notifications}. */
    @Command(name = "notifications", description = "Lists what was sent to whom, the newest first.")
    static final class Notifications extends Verb {
        @Option(names = "--receiver", paramLabel = "NAME", description = "Those to one receiver.")
        private String receiver = "";

        @Override
        void run() {
            Query query = Query.of("notifications");
            Query narrowed = receiver.isEmpty() ? query : query.with("receiver", receiver);
            list(
                    narrowed,
                    "no notifications",
                    Column.age("AGE", "created", Instant.now()),
                    Column.of("RECIPIENT", "recipient"),
                    Column.of("CHANNEL", "channel"),
                    Column.of("STATE", "state"),
                    Column.of("ATTEMPTS", "attempts"),
                    Column.of("WHY", "why"),
                    Column.of("TITLE", "title"),
                    Column.of("ERROR", "error"),
                    Column.wide("RECEIVER", "receiver"),
                    Column.wide("ID", "id"));
        }
    }
}

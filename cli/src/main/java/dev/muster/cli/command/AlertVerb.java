package dev.muster.cli.command;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import dev.muster.cli.output.Column;
import dev.muster.cli.rest.Pages;
import dev.muster.cli.rest.Query;
import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
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
            AlertVerb.SecretMenu.class,
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
            root().printer().list(COLUMNS, none, page -> Pages.each(root().api(), last, 0, page));
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
            Release.line(
                    root(),
                    alert.path("name").asString("") + " (" + fingerprint + ") is acknowledged by "
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
            Release.line(
                    root(),
                    alert.path("name").asString("") + ": "
                            + alert.path("summary").asString(""));
            Release.line(
                    root(),
                    "  " + alert.path("severity").asString("") + ", "
                            + alert.path("state").asString("") + " since "
                            + alert.path("since").asString("") + ", said by "
                            + alert.path("source").asString("")
                            + (alert.has("unknownSince")
                                    ? ", which cannot tell since "
                                            + alert.path("unknownSince").asString("")
                                    : "")
                            + (alert.path("flapping").asBoolean(false) ? ", flapping" : ""));
            Release.line(root(), "  labels    " + alert.path("labels"));
            Release.line(root(), "  evidence  " + found.path("evidence"));
            if (found.path("assets").asInt(0) > 1) {
                Release.line(
                        root(),
                        "  assets    " + found.path("assets").asInt(0) + "; muster alert assets " + fingerprint);
            }
            told(found.path("why"));
        }

        void told(JsonNode why) {
            AlertVerb.told(this, why);
        }
    }

    private static void told(Verb verb, JsonNode why) {
        Release.line(verb.root(), why.path("answer").asString(""));
        Release.line(verb.root(), "routes:");
        why.path("routes")
                .forEach(route -> Release.line(
                        verb.root(),
                        "  " + (route.path("matched").asBoolean(false) ? "takes  " : "no     ")
                                + route.path("route").asString("")
                                + (route.path("why").asString("").isEmpty()
                                        ? ""
                                        : "   " + route.path("why").asString(""))));
        if (!why.path("steps").isEmpty()) {
            Release.line(verb.root(), "decisions:");
            why.path("steps")
                    .forEach(step -> Release.line(
                            verb.root(),
                            "  " + step.path("at").asString("") + "  "
                                    + step.path("outcome").asString("")));
        }
        if (!why.path("notifications").isEmpty()) {
            Release.line(verb.root(), "notifications:");
            why.path("notifications")
                    .forEach(sent -> Release.line(
                            verb.root(),
                            "  " + sent.path("created").asString("") + "  "
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
            root().printer()
                    .list(
                            List.of(new Column("ASSET", false, asset -> asset.asString(""))),
                            "it stands for no assets",
                            page -> Pages.each(root().api(), Query.of("alerts", fingerprint, "assets"), 0, page));
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
            root().printer()
                    .list(
                            List.of(
                                    Column.age("AGE", "created", Instant.now()),
                                    Column.of("RECIPIENT", "recipient"),
                                    Column.of("CHANNEL", "channel"),
                                    Column.of("STATE", "state"),
                                    Column.of("ATTEMPTS", "attempts"),
                                    Column.of("WHY", "why"),
                                    Column.of("TITLE", "title"),
                                    Column.of("ERROR", "error"),
                                    Column.wide("RECEIVER", "receiver"),
                                    Column.wide("ID", "id")),
                            "no notifications",
                            page -> Pages.each(root().api(), narrowed, 0, page));
        }
    }

    /** {@code muster alert secret …}. */
    @Command(
            name = "secret",
            description =
                    "Keeps secrets that receivers use as {{secret:NAME}}; nobody can read them again. For administrators.",
            subcommands = {SecretMenu.Set.class, SecretMenu.ListThem.class, SecretMenu.Remove.class})
    static final class SecretMenu extends Menu {

        /** {@code muster alert secret set NAME}: reads it from the terminal or standard input, so that no history has it. */
        @Command(name = "set", description = "Stores a secret; asks for it, or reads it from standard input.")
        static final class Set extends Verb {
            @Parameters(paramLabel = "NAME", description = "What receivers call it.")
            private String name = "";

            @Override
            void run() {
                root().api()
                        .put(
                                Query.of("alert-secrets", name),
                                JsonNodeFactory.instance.objectNode().put("value", value()));
                Release.line(root(), "secret " + name + " is stored");
            }

            private String value() {
                Console console = System.console();
                if (console != null && console.isTerminal()) {
                    return new String(console.readPassword("secret: "));
                }
                try {
                    return new String(System.in.readNBytes(8_192), StandardCharsets.UTF_8).strip();
                } catch (IOException e) {
                    throw new CommandFailed(ExitCode.USAGE, "cannot read standard input: " + e.getMessage());
                }
            }
        }

        /** {@code muster alert secret list}. */
        @Command(name = "list", description = "Lists the names of secrets.")
        static final class ListThem extends Verb {
            @Override
            void run() {
                List<JsonNode> secrets = new ArrayList<>();
                root().api().get(Query.of("alert-secrets")).forEach(secrets::add);
                root().printer()
                        .list(
                                List.of(
                                        Column.of("NAME", "name"),
                                        Column.age("UPDATED", "updated", Instant.now()),
                                        Column.of("BY", "updatedBy")),
                                "no secrets",
                                page -> page.accept(secrets));
            }
        }

        /** {@code muster alert secret delete NAME}. */
        @Command(name = "delete", description = "Deletes a secret.")
        static final class Remove extends Verb {
            @Parameters(paramLabel = "NAME", description = "The secret.")
            private String name = "";

            @Override
            void run() {
                root().api().delete(Query.of("alert-secrets", name));
                Release.line(root(), "secret " + name + " is deleted");
            }
        }
    }

    /** {@code muster silence …}. */
    @Command(
            name = "silence",
            description = "Silences alerts for a time, after a look at what would be hidden.",
            subcommands = {
                SilenceMenu.Add.class,
                SilenceMenu.Preview.class,
                SilenceMenu.ListThem.class,
                SilenceMenu.Expire.class
            })
    static final class SilenceMenu extends Menu {

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
                    Release.line(
                            root(),
                            made.path("id").asString("") + " until "
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
                Release.line(
                        verb.root(),
                        "hides " + preview.path("alerts").asInt(0)
                                + (preview.path("alerts").asInt(0) == 1 ? " alert: " : " alerts: ")
                                + preview.path("firing").asInt(0) + " firing, "
                                + preview.path("pages").asInt(0) + " of them pages");
                preview.path("first")
                        .forEach(alert -> Release.line(
                                verb.root(),
                                "  " + alert.path("fingerprint").asString("") + "  "
                                        + alert.path("severity").asString("") + "  "
                                        + alert.path("summary").asString("")));
            }
        }

        /** {@code muster silence list}. */
        @Command(name = "list", description = "Lists silences, the newest first.")
        static final class ListThem extends Verb {
            @Override
            void run() {
                root().printer()
                        .list(
                                List.of(
                                        Column.of("ID", "id"),
                                        Column.of("STATE", "state"),
                                        Column.of("MATCHERS", "matchers"),
                                        Column.of("ENDS", "endsAt"),
                                        Column.of("BY", "createdBy"),
                                        Column.of("COMMENT", "comment")),
                                "no silences",
                                page -> Pages.each(root().api(), Query.of("silences"), 0, page));
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
                Release.line(root(), "silence " + id + " is over");
            }
        }
    }

    /** {@code muster oncall …}. */
    @Command(
            name = "oncall",
            description = "Who is on call, and who stands in.",
            subcommands = {OnCallMenu.Now.class, OnCallMenu.Override.class})
    static final class OnCallMenu extends Menu {

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
                ObjectNode wanted = JsonNodeFactory.instance
                        .objectNode()
                        .put("person", person)
                        .put("to", to);
                if (!from.isEmpty()) {
                    wanted.put("from", from);
                }
                JsonNode made = root().api().post(Query.of("on-call", schedule, "overrides"), wanted);
                Release.line(
                        root(),
                        made.path("person").asString("") + " stands in on " + schedule + " until "
                                + made.path("endsAt").asString(""));
            }
        }
    }
}

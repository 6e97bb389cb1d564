package dev.muster.cli.command;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import dev.muster.cli.output.Column;
import dev.muster.cli.rest.Api;
import dev.muster.cli.rest.Query;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code muster incident …}: what is wrong, why, who looks after it, and how it went. */
@Command(
        name = "incident",
        description = "Shows incidents, and says how far they are; muster get incidents lists them.",
        subcommands = {
            IncidentVerb.Open.class,
            IncidentVerb.Show.class,
            IncidentVerb.Ack.class,
            IncidentVerb.Mitigate.class,
            IncidentVerb.Resolve.class,
            IncidentVerb.Reopen.class,
            IncidentVerb.Assign.class,
            IncidentVerb.Note.class,
            IncidentVerb.Action.class,
            IncidentVerb.Postmortem.class,
            IncidentVerb.Figures.class
        })
final class IncidentVerb extends Menu {

    private static void tell(Root root, JsonNode incident) {
        if (!root.printer().isTable()) {
            root.printer().one(incident);
            return;
        }
        PrintStream out = root.terminal().out();
        out.println(text(incident, "name") + " is " + text(incident, "state") + ", " + text(incident, "severity")
                + (text(incident, "owner").isEmpty()
                        ? ", belongs to nobody"
                        : ", belongs to " + text(incident, "owner"))
                + ": " + text(incident, "title"));
        out.flush();
    }

    private static String text(JsonNode node, String field) {
        return Column.text(node.path(field));
    }

    /** {@code muster incident open TITLE}. */
    @Command(name = "open", description = "Opens an incident by hand.")
    static final class Open extends Verb {
        @Parameters(paramLabel = "TITLE", description = "What is wrong, in a line.")
        private String title = "";

        @Option(names = "--severity", paramLabel = "SEVERITY", description = "critical, major (default) or minor.")
        private @Nullable String severity;

        @Option(names = "--owner", paramLabel = "NAME", description = "Who looks after it.")
        private @Nullable String owner;

        @Option(
                names = {"-s", "--selector"},
                paramLabel = "CEL",
                description = "The assets that it is about.")
        private @Nullable String selector;

        @Override
        void run() {
            ObjectNode body = Api.JSON.createObjectNode().put("title", title);
            put(body, "severity", severity);
            put(body, "owner", owner);
            put(body, "selector", selector);
            tell(root(), root().api().post(Query.of("incidents"), body));
        }
    }

    /** {@code muster incident show INC-12}. */
    @Command(name = "show", description = "Shows an incident with its causes, alerts, timeline and actions.")
    static final class Show extends Verb {
        @Parameters(paramLabel = "INCIDENT", description = "INC-12, or 12.")
        private String name = "";

        @Override
        void run() {
            JsonNode incident = root().api().get(Query.of("incidents", name));
            if (!root().printer().isTable()) {
                root().printer().one(incident);
                return;
            }
            tell(root(), incident);
            PrintStream out = root().terminal().out();
            out.println("first sign " + text(incident, "evidenceAt") + ", detected " + text(incident, "detectedAt")
                    + ", mitigated " + text(incident, "mitigatedAt") + ", resolved " + text(incident, "resolvedAt")
                    + "; about " + text(incident, "assets") + " assets");
            out.println();
            out.println("probable causes");
            incident.path("causes")
                    .forEach(cause -> out.println("  " + text(cause, "score") + "  " + text(cause, "kind") + " "
                            + text(cause, "value") + ": " + text(cause, "reason")));
            out.println("alerts");
            incident.path("alerts")
                    .forEach(alert -> out.println("  " + text(alert, "fingerprint") + "  "
                            + (alert.hasNonNull("resolvedAt") ? "over   " : "firing ") + text(alert, "summary")));
            out.println("timeline");
            incident.path("timeline")
                    .forEach(entry -> out.println("  " + text(entry, "at") + "  "
                            + "%-12s".formatted(text(entry, "kind")) + " " + text(entry, "actor") + ": "
                            + text(entry, "text")));
            if (!incident.path("actions").isEmpty()) {
                out.println("actions");
                incident.path("actions")
                        .forEach(action -> out.println("  " + text(action, "id") + "  "
                                + (action.hasNonNull("doneAt") ? "done" : "until " + text(action, "due")) + "  "
                                + text(action, "owner") + ": " + text(action, "text")));
            }
            out.flush();
        }
    }

    /** What the verbs share that act on one incident. */
    abstract static class Acting extends Verb {
        @Parameters(index = "0", paramLabel = "INCIDENT", description = "INC-12, or 12.")
        String name = "";

        @Option(names = "--reason", paramLabel = "TEXT", description = "Why; stands in the timeline.")
        @Nullable String reason;

        abstract String action();

        void fill(ObjectNode body) {}

        @Override
        void run() {
            ObjectNode body = Api.JSON.createObjectNode();
            put(body, "reason", reason);
            fill(body);
            tell(root(), root().api().post(Query.of("incidents", name, action()), body));
        }
    }

    /** {@code muster incident ack INC-12}. */
    @Command(name = "ack", description = "Says that you look after it.")
    static final class Ack extends Acting {
        @Override
        String action() {
            return "acknowledge";
        }
    }

    /** {@code muster incident mitigate INC-12}. */
    @Command(name = "mitigate", description = "Says that users feel it no more.")
    static final class Mitigate extends Acting {
        @Override
        String action() {
            return "mitigate";
        }
    }

    /** {@code muster incident resolve INC-12 [--force]}. */
    @Command(name = "resolve", description = "Closes it; while alerts of it fire only with --force.")
    static final class Resolve extends Acting {
        @Option(names = "--force", description = "Although alerts of it still fire.")
        private boolean force;

        @Override
        String action() {
            return "resolve";
        }

        @Override
        void fill(ObjectNode body) {
            body.put("force", force);
        }
    }

    /** {@code muster incident reopen INC-12}. */
    @Command(name = "reopen", description = "Opens a resolved one again; its time to close goes on.")
    static final class Reopen extends Acting {
        @Override
        String action() {
            return "reopen";
        }
    }

    /** {@code muster incident assign INC-12 [OWNER] [--severity S]}. */
    @Command(name = "assign", description = "Gives it another owner, or another severity.")
    static final class Assign extends Verb {
        @Parameters(index = "0", paramLabel = "INCIDENT", description = "INC-12, or 12.")
        private String name = "";

        @Parameters(index = "1", arity = "0..1", paramLabel = "OWNER", description = "Who looks after it now.")
        private @Nullable String owner;

        @Option(names = "--severity", paramLabel = "SEVERITY", description = "critical, major or minor.")
        private @Nullable String severity;

        @Override
        void run() {
            ObjectNode body = Api.JSON.createObjectNode();
            put(body, "owner", owner);
            put(body, "severity", severity);
            tell(root(), root().api().post(Query.of("incidents", name, "assign"), body));
        }
    }

    /** {@code muster incident note INC-12 TEXT}. */
    @Command(name = "note", description = "Writes a line into the timeline.")
    static final class Note extends Verb {
        @Parameters(index = "0", paramLabel = "INCIDENT", description = "INC-12, or 12.")
        private String name = "";

        @Parameters(index = "1", paramLabel = "TEXT", description = "The line.")
        private String text = "";

        @Override
        void run() {
            ObjectNode body = Api.JSON.createObjectNode().put("text", text);
            tell(root(), root().api().post(Query.of("incidents", name, "notes"), body));
        }
    }

    /** {@code muster incident action INC-12 TEXT --owner O --due D | --done ID}. */
    @Command(
            name = "action",
            description = "Adds what is to be done so that it does not come back, or says that it is done.",
            footer = {
                "",
                "  muster incident action INC-12 'alert at 80% of the disk' --owner team-edge --due 2026-12-24",
                "  muster incident action INC-12 --done 1"
            })
    static final class Action extends Verb {
        @Parameters(index = "0", paramLabel = "INCIDENT", description = "INC-12, or 12.")
        private String name = "";

        @Parameters(index = "1", arity = "0..1", paramLabel = "TEXT", description = "What is to be done.")
        private @Nullable String text;

        @Option(names = "--owner", paramLabel = "NAME", description = "Who does it.")
        private @Nullable String owner;

        @Option(names = "--due", paramLabel = "DAY", description = "Until when, such as 2026-12-24.")
        private @Nullable String due;

        @Option(names = "--done", paramLabel = "ID", description = "This action is done.")
        private @Nullable Integer done;

        @Override
        void run() {
            if ((text == null) == (done == null)) {
                throw new CommandFailed(ExitCode.USAGE, "give either TEXT with --owner and --due, or --done ID");
            }
            ObjectNode body = Api.JSON.createObjectNode();
            put(body, "text", text);
            put(body, "owner", owner);
            put(body, "due", due);
            root().printer()
                    .one(root().api()
                            .post(
                                    done == null
                                            ? Query.of("incidents", name, "actions")
                                            : Query.of("incidents", name, "actions", done.toString(), "done"),
                                    body));
        }
    }

    /** {@code muster incident postmortem INC-12 [-f FILE]}. */
    @Command(name = "postmortem", description = "Writes the postmortem from the timeline, in Markdown.")
    static final class Postmortem extends Verb {
        @Parameters(paramLabel = "INCIDENT", description = "INC-12, or 12.")
        private String name = "";

        @Option(
                names = {"-f", "--file"},
                paramLabel = "FILE",
                description = "Where to; standard output without it.")
        private @Nullable Path file;

        @Override
        void run() {
            String text = text(root().api().get(Query.of("incidents", name, "postmortem")), "text");
            if (file == null) {
                root().terminal().out().print(text);
                root().terminal().out().flush();
                return;
            }
            try {
                Files.writeString(file, text);
            } catch (IOException e) {
                throw new CommandFailed(ExitCode.FAILED, "cannot write " + file + ": " + e.getMessage());
            }
        }
    }

    /** {@code muster incident figures}. */
    @Command(
            name = "figures",
            description = "Mean times to detect, mitigate and close, and how many closed without a person.")
    static final class Figures extends Verb {
        @Option(names = "--days", defaultValue = "30", paramLabel = "N", description = "Closed within so many (30).")
        private int days;

        @Override
        void run() {
            JsonNode figures = root().api().get(Query.of("incidents", "figures").with("days", days));
            if (!root().printer().isTable()) {
                root().printer().one(figures);
                return;
            }
            PrintStream out = root().terminal().out();
            out.println(text(figures, "opened") + " open; closed in " + days + " days: " + text(figures, "closed")
                    + "; mean seconds to detect " + text(figures, "meanSecondsToDetect") + ", to mitigate "
                    + text(figures, "meanSecondsToMitigate") + ", to close " + text(figures, "meanSecondsToClose"));
            figures.path("classes")
                    .forEach(each -> out.println("  " + text(each, "name") + ": " + text(each, "withoutPerson") + " of "
                            + text(each, "closed") + " closed without a person, mean seconds to close "
                            + text(each, "meanSecondsToClose")));
            out.flush();
        }
    }
}

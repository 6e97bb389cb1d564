package dev.muster.cli.command;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import dev.muster.cli.output.Column;
import dev.muster.cli.rest.Api;
import dev.muster.cli.rest.Query;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** {@code muster rollout …}: what is done with a rollout once it is declared. */
@Command(
        name = "rollout",
        description = "Plans, starts, stops and watches rollouts; muster apply declares them.",
        subcommands = {
            Rollout.Plan.class,
            Rollout.Approve.class,
            Rollout.Start.class,
            Rollout.Pause.class,
            Rollout.Resume.class,
            Rollout.Promote.class,
            Rollout.Exclude.class,
            Rollout.Abort.class,
            Rollout.Rollback.class,
            Rollout.Retry.class,
            Rollout.Watch.class,
            Rollout.Wait.class,
            RolloutTargets.class,
            Rollout.Withheld.class
        })
final class Rollout extends Menu {
    /** {@code muster rollout plan NAME|FILE}: what it would do if it started now. */
    @Command(
            name = "plan",
            description =
                    "Shows what a rollout would do if it started now: assets in each wave, those left out and why, downloads,"
                            + " how long it takes, what the canary can prove.")
    static final class Plan extends Verb {
        @Parameters(
                arity = "0..1",
                paramLabel = "NAME|FILE",
                description = "A rollout that is declared, or a document of kind Rollout, which is not stored.")
        private @Nullable String given;

        @Option(
                names = {"-f", "--file"},
                paramLabel = "FILE",
                description = "The document; the same as to give it without -f.")
        private @Nullable Path option;

        @Option(
                names = "--examples",
                defaultValue = "10",
                paramLabel = "N",
                description = "Assets shown for each wave and reason, at most 1000 (10).")
        private int examples;

        @Override
        void run() {
            if ((given == null) == (option == null)) {
                throw new CommandFailed(ExitCode.USAGE, "give either NAME or FILE");
            }
            String name = given == null ? "" : given;
            Path file = option != null ? option : ofName(name);
            JsonNode plan = file == null
                    ? root().api().get(Query.of("rollouts", name, "plan").with("examples", examples))
                    : root().api().post(Query.of("rollouts", "plan").with("examples", examples), document(file));
            if (root().printer().isTable()) {
                new PlanPage(root().terminal(), plan).print();
            } else {
                root().printer().one(plan);
            }
        }

        /** A name has neither a dot nor a slash; null when it is one. */
        private static @Nullable Path ofName(String given) {
            return given.contains(".") || given.contains("/") ? Path.of(given) : null;
        }

        private static ObjectNode document(Path file) {
            try {
                JsonNode read = new YAMLMapper().readTree(Files.readString(file));
                if (!read.path("kind").asString("").equals("Rollout")) {
                    throw new CommandFailed(
                            ExitCode.USAGE,
                            file + " holds the kind \"" + read.path("kind").asString("") + "\", a Rollout is needed");
                }
                ObjectNode body = Api.JSON.createObjectNode();
                body.set("name", read.path("metadata").path("name"));
                body.set("spec", read.path("spec"));
                return body;
            } catch (IOException e) {
                throw new CommandFailed(ExitCode.FAILED, "cannot read " + file + ": " + e.getMessage());
            }
        }
    }

    /** What the verbs share that act on one rollout. */
    abstract static class Acting extends Verb {
        @Parameters(paramLabel = "NAME", description = "The rollout.")
        String name = "";

        @Option(names = "--reason", paramLabel = "TEXT", description = "Why; stands in the audit trail.")
        @Nullable String reason;

        @Option(
                names = {"-w", "--watch"},
                description = "Goes on to watch it.")
        boolean watch;

        @Option(names = "--wait", description = "Waits for its end, as muster rollout wait does.")
        boolean wait;

        @Option(
                names = "--timeout",
                defaultValue = Wait.TIMEOUT,
                paramLabel = "TIME",
                description = "How long it waits (" + Wait.TIMEOUT + ").")
        String timeout = Wait.TIMEOUT;

        abstract String action();

        void fill(ObjectNode body) {}

        @Override
        void run() {
            ObjectNode body = Api.JSON.createObjectNode();
            if (reason != null) {
                body.put("reason", reason);
            }
            fill(body);
            Duration patience = Times.duration(timeout);
            JsonNode rollout = root().api().post(Query.of("rollouts", name, action()), body);
            if (wait) {
                RolloutProgress.waitFor(root(), name, "", new Waiting(patience, Wait.PAUSE));
            } else if (watch) {
                RolloutProgress.watch(root(), name, Duration.ofSeconds(1));
            } else if (root().printer().isTable()) {
                say("rollout " + name + ": " + RolloutProgress.line(rollout.path("status")));
            } else {
                root().printer().one(rollout);
            }
        }
    }

    /** {@code muster rollout approve NAME}. */
    @Command(
            name = "approve",
            description = "Approves a draft as it is now, where its risk asks for that; for everybody but its author.")
    static final class Approve extends Verb {
        @Parameters(paramLabel = "NAME", description = "The rollout.")
        private String name = "";

        @Option(names = "--reason", paramLabel = "TEXT", description = "Why; stands in the audit trail.")
        private @Nullable String reason;

        @Override
        void run() {
            ObjectNode body = Api.JSON.createObjectNode();
            if (reason != null) {
                body.put("reason", reason);
            }
            JsonNode given = root().api().post(Query.of("rollouts", name, "approve"), body);
            if (root().printer().isTable()) {
                root().terminal()
                        .out()
                        .println("rollout " + name + " of "
                                + given.path("author").asString("") + " is approved by "
                                + Column.text(given.path("by")));
                root().terminal().out().flush();
            } else {
                root().printer().one(given);
            }
        }
    }

    /** {@code muster rollout start NAME}. */
    @Command(name = "start", description = "Starts a draft: fixes its targets and opens the first wave.")
    static final class Start extends Acting {
        @Override
        String action() {
            return "start";
        }
    }

    /** {@code muster rollout pause NAME}. */
    @Command(name = "pause", description = "Orders nothing new; what is under way is watched to its end.")
    static final class Pause extends Acting {
        @Override
        String action() {
            return "pause";
        }
    }

    /** {@code muster rollout resume NAME [--accept]}. */
    @Command(name = "resume", description = "Goes on; past a gate that failed or knew too little only with --accept.")
    static final class Resume extends Acting {
        @Option(
                names = "--accept",
                description = "Goes on although a gate failed or knew too little; needs the role admin.")
        private boolean accept;

        @Override
        String action() {
            return "resume";
        }

        @Override
        void fill(ObjectNode body) {
            body.put("accept", accept);
        }
    }

    /** {@code muster rollout promote NAME [--full]}. */
    @Command(
            name = "promote",
            description = "Opens the next wave now, or all of them, although the gate of this one has not passed.",
            footer = {"", "Needs the role admin. Refused while a gate fails."})
    static final class Promote extends Acting {
        @Option(names = "--full", description = "All waves.")
        private boolean full;

        @Override
        String action() {
            return "promote";
        }

        @Override
        void fill(ObjectNode body) {
            body.put("full", full);
        }
    }

    /** {@code muster rollout exclude NAME --asset ID… | --stratum ATTRIBUTE=VALUE…}. */
    @Command(
            name = "exclude",
            description = "Goes on without some assets, or without a stratum: they get no order any more.",
            footer = {
                "",
                "An order that an asset has not answered is withdrawn; what it has begun is watched to its end.",
                "  muster rollout exclude app-1-5 --asset van-7 --asset van-8 --reason 'in repair'",
                "  muster rollout exclude app-1-5 --stratum hardware=rev-c --reason 'waits for 1.5.1'"
            })
    static final class Exclude extends Acting {
        @Option(names = "--asset", paramLabel = "ID", description = "This asset; may be repeated.")
        private List<String> assets = List.of();

        @Option(
                names = "--stratum",
                paramLabel = "ATTRIBUTE=VALUE",
                description =
                        "Those with this value of an attribute in failures.by; with several, those that have all.")
        private Map<String, String> stratum = Map.of();

        @Override
        String action() {
            return "exclude";
        }

        @Override
        void fill(ObjectNode body) {
            putAssets(body, assets);
            putStratum(body, stratum);
        }
    }

    private static void putAssets(ObjectNode body, List<String> assets) {
        if (!assets.isEmpty()) {
            assets.forEach(body.putArray("assets")::add);
        }
    }

    private static void putStratum(ObjectNode body, Map<String, String> stratum) {
        if (!stratum.isEmpty()) {
            stratum.forEach(body.putObject("stratum")::put);
        }
    }

    /** {@code muster rollout abort NAME}. */
    @Command(name = "abort", description = "Ends it where it stands; what has changed stays changed.")
    static final class Abort extends Acting {
        @Override
        String action() {
            return "abort";
        }
    }

    /** {@code muster rollout rollback NAME}. */
    @Command(
            name = "rollback",
            description =
                    "Sends every touched asset back to its own previous version; also after the rollout has ended.")
    static final class Rollback extends Acting {
        @Option(
                names = "--stratum",
                paramLabel = "ATTRIBUTE=VALUE",
                description = "Only those with this value of an attribute in failures.by; the others go on.")
        private Map<String, String> stratum = Map.of();

        @Override
        String action() {
            return "rollback";
        }

        @Override
        void fill(ObjectNode body) {
            putStratum(body, stratum);
        }
    }

    /** {@code muster rollout retry NAME}. */
    @Command(
            name = "retry",
            description = "Once more for those that failed, were not heard of or cannot be told; or did not get back.")
    static final class Retry extends Acting {
        @Option(names = "--asset", paramLabel = "ID", description = "Only this asset; may be repeated.")
        private List<String> assets = List.of();

        @Override
        String action() {
            return "retry";
        }

        @Override
        void fill(ObjectNode body) {
            putAssets(body, assets);
        }
    }

    /** {@code muster rollout watch NAME}: a bar, and a line for each change; ends when the rollout does. */
    @Command(
            name = "watch",
            description = "Watches a rollout to its end, or until it pauses.",
            footer = {
                "",
                "Ends with 0 when it has completed, 1 when it was rolled back or aborted, 3 when it pauses. Ctrl-C stops",
                "watching, not the rollout."
            })
    static final class Watch extends Verb {
        @Parameters(paramLabel = "NAME", description = "The rollout.")
        private String name = "";

        @Option(names = "--interval", defaultValue = "1s", paramLabel = "TIME", description = "Between two looks (1s).")
        private String interval = "1s";

        @Override
        void run() {
            RolloutProgress.watch(root(), name, Times.duration(interval));
        }
    }

    /** {@code muster rollout wait NAME}: for pipelines. */
    @Command(
            name = "wait",
            description = "Waits until a rollout has completed, or until one of its waves has passed; for pipelines.",
            footer = {
                "",
                "Ends with 0 when it has, 1 when it was rolled back or aborted, 3 when it is paused or still a draft, 4 when there is",
                "no such rollout or wave, 6 when the time is up. A server that is away meanwhile is waited for; 5 when it stays away."
            })
    static final class Wait extends Verb {
        static final String TIMEOUT = "1h";
        static final Duration PAUSE = Duration.ofSeconds(5);

        @Parameters(paramLabel = "NAME", description = "The rollout.")
        private String name = "";

        @Option(names = "--wave", paramLabel = "WAVE", description = "Only until this wave has passed.")
        private String wave = "";

        @Option(
                names = "--timeout",
                defaultValue = TIMEOUT,
                paramLabel = "TIME",
                description = "How long (" + TIMEOUT + ").")
        private String timeout = TIMEOUT;

        @Override
        void run() {
            RolloutProgress.waitFor(root(), name, wave, new Waiting(Times.duration(timeout), PAUSE));
        }
    }

    /** {@code muster rollout withheld RELEASE}. */
    @Command(
            name = "withheld",
            description =
                    "Lists the kinds of assets to which no rollout brings a release, since a gate has halted them.",
            footer = {"", "  muster rollout withheld app@1.5.0 --end 3 --reason 'rev-c has new bootloaders'"})
    static final class Withheld extends Verb {
        @Parameters(paramLabel = "RELEASE", description = "component@version.")
        private String release = "";

        @Option(names = "--end", paramLabel = "ID", description = "Lets rollouts bring it to those again.")
        private @Nullable Integer ended;

        @Option(names = "--reason", paramLabel = "TEXT", description = "With --end: why; stands in the audit trail.")
        private @Nullable String reason;

        @Override
        void run() {
            if (ended != null) {
                ObjectNode body = Api.JSON.createObjectNode().put("reason", reason == null ? "" : reason);
                root().api().post(Query.of("releases", release, "withheld", ended.toString(), "end"), body);
                say("release " + release + " goes to those again");
                return;
            }
            JsonNode withheld = root().api().get(Query.of("releases", release, "withheld"));
            root().printer()
                    .list(
                            List.of(
                                    Column.of("ID", "id"),
                                    Column.of("STRATUM", "stratum"),
                                    Column.of("ROLLOUT", "rollout"),
                                    Column.age("SINCE", "since", Instant.now()),
                                    Column.of("REASON", "reason")),
                            "release " + release + " is withheld from nobody",
                            page -> page.accept(withheld.valueStream().toList()));
        }
    }
}

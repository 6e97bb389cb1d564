package dev.muster.cli.command;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import dev.muster.cli.output.Column;
import dev.muster.cli.rest.Api;
import dev.muster.cli.rest.Pages;
import dev.muster.cli.rest.Query;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** {@code muster runbook …}: what is done about alerts; muster apply declares it. */
@Command(
        name = "runbook",
        description = "Tests, runs, stops and shows runbooks; muster apply declares them.",
        subcommands = {
            RunbookVerb.Test.class,
            RunbookVerb.Plan.class,
            RunbookVerb.Run.class,
            RunbookVerb.Runs.class,
            RunbookVerb.Show.class,
            RunbookVerb.Stop.class,
            RunbookVerb.Approve.class,
            RunbookVerb.Claim.class,
            RunbookVerb.Figures.class
        })
final class RunbookVerb extends Menu {

    private static String text(JsonNode node, String field) {
        return Column.text(node.path(field));
    }

    /** {@code muster runbook test FILE}: the cases that the runbook itself claims. */
    @Command(
            name = "test",
            description = "Holds a runbook against its own test cases, in a world of assets that exist only there.",
            footer = {"", "Exit code 0 when all hold, 1 when one does not: for CI."})
    static final class Test extends Verb {
        @Parameters(paramLabel = "FILE", description = "A document of kind Runbook.")
        private Path file = Path.of("");

        @Option(names = "--trace", description = "What happened in each case, also in those that hold.")
        private boolean trace;

        @Override
        void run() {
            JsonNode result = root().api().post(Query.of("runbooks", "test"), document(file));
            if (root().printer().isTable()) {
                PrintStream out = root().terminal().out();
                result.path("cases").forEach(each -> {
                    boolean passed = each.path("passed").asBoolean(false);
                    out.println((passed ? "ok    " : "FAILED ")
                            + text(each, "name")
                            + (passed ? "" : ": " + text(each, "problem")));
                    if (trace || !passed) {
                        each.path("lines").forEach(line -> out.println("        " + line.asString("")));
                    }
                });
                out.flush();
            } else {
                root().printer().one(result);
            }
            int failed = result.path("failed").asInt(0);
            if (failed > 0) {
                throw new CommandFailed(ExitCode.FAILED, failed + " of the cases in " + file + " do not hold");
            }
            if (result.path("cases").isEmpty()) {
                throw new CommandFailed(ExitCode.FAILED, file + " has no test case; add spec.tests");
            }
        }
    }

    private static ObjectNode document(Path file) {
        try {
            JsonNode read = new YAMLMapper().readTree(Files.readString(file));
            if (!read.path("kind").asString("").equals("Runbook")) {
                throw new CommandFailed(
                        ExitCode.USAGE,
                        file + " holds the kind \"" + read.path("kind").asString("") + "\", a Runbook is needed");
            }
            ObjectNode body = Api.JSON.createObjectNode();
            body.set("name", read.path("metadata").path("name"));
            body.set("spec", read.path("spec"));
            return body;
        } catch (IOException e) {
            throw new CommandFailed(ExitCode.USAGE, "cannot read " + file + ": " + e.getMessage());
        } catch (JacksonException e) {
            throw new CommandFailed(ExitCode.USAGE, file + " is not YAML: " + e.getOriginalMessage());
        }
    }

    /** What the verbs share that start something. */
    abstract static class Starting extends Verb {
        @Parameters(paramLabel = "NAME", description = "The runbook.")
        String name = "";

        @Option(names = "--label", paramLabel = "K=V", description = "As an alert would have it; may be repeated.")
        Map<String, String> labels = Map.of();

        @Option(names = "--param", paramLabel = "K=V", description = "A parameter; may be repeated.")
        Map<String, String> parameters = Map.of();

        @Option(
                names = {"-s", "--selector"},
                paramLabel = "CEL",
                description = "Whom it acts on instead of those that it names itself.")
        @Nullable String selector;

        ObjectNode body() {
            ObjectNode body = Api.JSON.createObjectNode();
            ObjectNode given = body.putObject("labels");
            labels.forEach(given::put);
            ObjectNode filled = body.putObject("parameters");
            parameters.forEach(filled::put);
            if (selector != null) {
                body.put("selector", selector);
            }
            return body;
        }
    }

    /** {@code muster runbook plan NAME}. */
    @Command(name = "plan", description = "Says what a run would do to whom, and what stands against it; does nothing.")
    static final class Plan extends Starting {
        @Override
        void run() {
            JsonNode plan = root().api().post(Query.of("runbooks", name, "plan"), body());
            if (!root().printer().isTable()) {
                root().printer().one(plan);
                return;
            }
            PrintStream out = root().terminal().out();
            out.println(name + " would act on " + text(plan, "assets") + " assets"
                    + (plan.path("needsSecondPerson").asBoolean(false) ? ", after a second person has approved" : ""));
            plan.path("targets").forEach(target -> out.println("  " + target.asString("")));
            plan.path("steps").forEach(step -> out.println("  - " + step.asString("")));
            if (!plan.path("onFailure").isEmpty()) {
                out.println("when that fails");
                plan.path("onFailure").forEach(step -> out.println("  - " + step.asString("")));
            }
            if (plan.hasNonNull("problem")) {
                out.println("it would not be run now: " + text(plan, "problem"));
            }
            out.flush();
        }
    }

    /** {@code muster runbook run NAME}. */
    @Command(name = "run", description = "Starts a runbook; its guards hold.")
    static final class Run extends Starting {
        @Option(names = "--dry-run", description = "The same as muster runbook plan.")
        private boolean dryRun;

        @Override
        void run() {
            if (dryRun) {
                root().printer().one(root().api().post(Query.of("runbooks", name, "plan"), body()));
                return;
            }
            tell(root(), root().api().post(Query.of("runbooks", name, "run"), body()));
        }
    }

    private static void tell(Root root, JsonNode run) {
        if (!root.printer().isTable()) {
            root.printer().one(run);
            return;
        }
        PrintStream out = root.terminal().out();
        out.println("run " + text(run, "id") + " of " + text(run, "runbook") + " is " + text(run, "phase")
                + (run.hasNonNull("step") ? ", at " + text(run, "step") : "")
                + (text(run, "reason").isEmpty() ? "" : ": " + text(run, "reason")));
        run.path("history")
                .forEach(line -> out.println("  " + text(line, "at") + "  " + text(line, "step") + " "
                        + text(line, "what") + (text(line, "text").isEmpty() ? "" : ": " + text(line, "text"))));
        out.flush();
    }

    /** {@code muster runbook runs [NAME]}. */
    @Command(name = "runs", description = "Lists runs, the newest first.")
    static final class Runs extends Verb {
        @Parameters(arity = "0..1", paramLabel = "NAME", description = "Of this runbook.")
        private @Nullable String name;

        @Option(names = "--active", description = "Only those that have not ended.")
        private boolean active;

        @Option(names = "--incident", paramLabel = "INC-N", description = "Only those for this incident.")
        private @Nullable String incident;

        @Option(
                names = "--state",
                paramLabel = "STATE",
                description = "Only those that ended so: indeterminate, failed, …")
        private @Nullable String state;

        @Option(names = "--limit", defaultValue = "50", paramLabel = "N", description = "At most so many (50).")
        private int limit;

        @Override
        void run() {
            root().printer()
                    .list(
                            List.of(
                                    Column.of("ID", "id"),
                                    Column.of("RUNBOOK", "runbook"),
                                    Column.of("PHASE", "phase"),
                                    Column.of("STEP", "step"),
                                    Column.age("STARTED", "startedAt", Instant.now()),
                                    Column.of("BY", "startedBy"),
                                    Column.of("INCIDENT", "incident"),
                                    Column.of("REASON", "reason"),
                                    Column.wide("TARGETS", "targets")),
                            "no runs",
                            page -> Pages.each(
                                    root().api(),
                                    Query.of("runbook-runs")
                                            .with("runbook", name)
                                            .with("incident", incident)
                                            .with("state", state)
                                            .with("active", active ? "true" : null),
                                    limit,
                                    page));
        }
    }

    /** What the verbs share that name one run. */
    abstract static class OfRun extends Verb {
        @Parameters(index = "0", paramLabel = "RUN", description = "The id of the run.")
        String id = "";
    }

    /** {@code muster runbook show RUN}. */
    @Command(name = "show", description = "Shows a run and what each step of it came to.")
    static final class Show extends OfRun {
        @Override
        void run() {
            tell(root(), root().api().get(Query.of("runbook-runs", id)));
        }
    }

    /** {@code muster runbook stop RUN}. */
    @Command(name = "stop", description = "Stops a run before its next step, and prints how it ended.")
    static final class Stop extends OfRun {
        /** The step that is under way may take as long as a call to another system. */
        private static final Duration AT_MOST = Duration.ofSeconds(15);

        @Override
        void run() {
            JsonNode asked = root().api().post(Query.of("runbook-runs", id, "stop"), Api.JSON.createObjectNode());
            try {
                tell(
                        root(),
                        hasEnded(asked)
                                .orElseGet(() -> new Waiting(AT_MOST, Duration.ofMillis(500))
                                        .until(
                                                "run " + id + " will stop, and is " + text(asked, "phase"),
                                                () -> hasEnded(root().api().get(Query.of("runbook-runs", id))))));
            } catch (CommandFailed late) {
                throw late.code() != ExitCode.TIMED_OUT
                        ? late
                        : new CommandFailed(
                                late.code(), late.getMessage() + "; muster runbook show " + id + " tells when it has");
            }
        }

        private static Optional<JsonNode> hasEnded(JsonNode run) {
            return run.hasNonNull("endedAt") ? Optional.of(run) : Optional.empty();
        }
    }

    /** {@code muster runbook approve RUN}. */
    @Command(
            name = "approve",
            description = "Lets a run begin that needs a second person, or says that what a step asks for is done.")
    static final class Approve extends OfRun {
        @Override
        void run() {
            tell(root(), root().api().post(Query.of("runbook-runs", id, "approve"), Api.JSON.createObjectNode()));
        }
    }

    /** {@code muster runbook claim RUN ASSET}. */
    @Command(name = "claim", description = "Prints, once, the claim token with which a target of a run enrols anew.")
    static final class Claim extends OfRun {
        @Parameters(index = "1", paramLabel = "ASSET", description = "The target.")
        private String asset = "";

        @Override
        void run() {
            ObjectNode body = Api.JSON.createObjectNode().put("asset", asset);
            JsonNode claim = root().api().post(Query.of("runbook-runs", id, "claim"), body);
            root().terminal().out().println(text(claim, "token"));
            root().terminal().out().flush();
        }
    }

    /** {@code muster runbook figures}. */
    @Command(name = "figures", description = "How runs went, and the minutes of work that they saved.")
    static final class Figures extends Verb {
        @Option(names = "--days", defaultValue = "30", paramLabel = "N", description = "Started within so many (30).")
        private int days;

        @Override
        void run() {
            JsonNode figures = root().api().get(Query.of("runbooks", "figures").with("days", days));
            if (!root().printer().isTable()) {
                root().printer().one(figures);
                return;
            }
            PrintStream out = root().terminal().out();
            out.println(text(figures, "toilSavedMinutes") + " minutes saved in " + days + " days");
            figures.path("runbooks")
                    .forEach(each -> out.println("  " + text(each, "runbook") + ": " + text(each, "succeeded") + " of "
                            + text(each, "runs") + " succeeded, " + text(each, "failed") + " failed, "
                            + text(each, "indeterminate") + " indeterminate, " + text(each, "refused") + " refused, "
                            + text(each, "toilSavedMinutes") + " minutes saved"));
            out.flush();
        }
    }
}

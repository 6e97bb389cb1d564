package dev.muster.cli.command;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import dev.muster.cli.Terminal;
import dev.muster.cli.output.Column;
import dev.muster.cli.output.ProgressBar;
import dev.muster.cli.output.Table;
import dev.muster.cli.rest.Api;
import dev.muster.cli.rest.Pages;
import dev.muster.cli.rest.Query;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code muster run NAME --asset ID | --selector CEL}: gives a command and waits for its end. */
@Command(
        name = "run",
        description = "Gives a command to an asset, or to every asset of a selection, and waits for the end.",
        footer = {
            "",
            "  muster run show-message --asset pos-00001 --param text=Hello",
            "  muster run restart-app --selector \"asset.labels.region == 'eu'\" --concurrency 20 --max-failures 3",
            "  muster run --retry-of ID          the same for what did not succeed",
            "",
            "Ends with 0 when all succeeded, 1 when not, 3 when it was refused. Ctrl-C stops waiting, not the command;",
            "muster commands cancel ID does."
        })
final class RunCommand extends Verb {
    private static final Set<String> SETTLED =
            Set.of("succeeded", "failed", "rejected", "expired", "indeterminate", "cancelled");
    private static final String UNSUCCESSFUL = "failed,rejected,expired,indeterminate,cancelled";
    private static final int SHOWN = 20;

    @Parameters(arity = "0..1", paramLabel = "NAME", description = "A command that the assets' type declares.")
    private @Nullable String name;

    @Option(names = "--asset", paramLabel = "ID", description = "To one asset.")
    private @Nullable String asset;

    @Option(
            names = {"-s", "--selector"},
            paramLabel = "CEL",
            description = "To every asset for which it holds now.")
    private @Nullable String selector;

    @Option(
            names = "--retry-of",
            paramLabel = "ID",
            description = "The same once more: of a command, or of a run for what did not succeed.")
    private @Nullable String retryOf;

    @Option(
            names = {"-p", "--param"},
            paramLabel = "NAME=VALUE",
            description = "Parameter; may be repeated. A value that is a number, true or false is one, else it is text;"
                    + " so is one in double quotes.")
    private Map<String, String> params = new LinkedHashMap<>();

    @Option(names = "--params", paramLabel = "JSON", description = "All parameters as one JSON object.")
    private @Nullable String json;

    @Option(names = "--timeout", paramLabel = "TIME", description = "Until the deadline of each command, as 10m.")
    private @Nullable String timeout;

    @Option(
            names = "--concurrency",
            paramLabel = "N",
            description = "Of a selection: commands under way at a time (50).")
    private @Nullable Integer concurrency;

    @Option(
            names = "--max-failures",
            paramLabel = "N",
            description = "Of a selection: when more did not succeed, no more go out.")
    private @Nullable Integer maxFailures;

    @Option(
            names = "--wait",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Whether to wait for the end (it does).")
    private boolean wait = true;

    @Option(
            names = {"-y", "--yes"},
            description = "Does not ask before a command that interrupts service.")
    private boolean yes;

    @Override
    void run() {
        requireOneTarget();
        String path = isRun() ? "command-runs" : "commands";
        ObjectNode wanted = wanted();
        JsonNode plan = root().api().post(Query.of(path).with("dryRun", "true"), wanted);
        if (plan.path("disruptive").asBoolean(false)) {
            confirm(plan);
            wanted.put("confirm", true);
        }
        JsonNode given = root().api().post(Query.of(path), wanted);
        if (!wait) {
            if (root().printer().isTable()) {
                line(given.path("id").asString(""));
            } else {
                root().printer().one(given);
            }
            return;
        }
        if (isRun()) {
            showRun(await(path, given, plan.path("assets").asLong(0)));
        } else {
            showCommand(await(path, given, 0));
        }
    }

    private void requireOneTarget() {
        int targets = (asset == null ? 0 : 1) + (selector == null ? 0 : 1) + (retryOf == null ? 0 : 1);
        if (targets != 1 || (retryOf == null && name == null)) {
            throw new CommandFailed(
                    ExitCode.USAGE, "give NAME and one of --asset ID and --selector CEL, or --retry-of ID alone");
        }
        if (json != null && !params.isEmpty()) {
            throw new CommandFailed(ExitCode.USAGE, "give parameters by --param or by --params, not by both");
        }
        if ((concurrency != null || maxFailures != null) && asset != null) {
            throw new CommandFailed(ExitCode.USAGE, "--concurrency and --max-failures are for a selection");
        }
    }

    private @Nullable Boolean retriesRun;

    /** An id of a retry says by itself whether it is a run's. */
    private boolean isRun() {
        if (retryOf == null) {
            return selector != null;
        }
        if (retriesRun == null) {
            retriesRun = isKnown("command-runs", retryOf);
        }
        return retriesRun;
    }

    private boolean isKnown(String path, String id) {
        try {
            root().api().get(Query.of(path, id));
            return true;
        } catch (CommandFailed failed) {
            if (failed.code() == ExitCode.NOT_FOUND) {
                return false;
            }
            throw failed;
        }
    }

    private ObjectNode wanted() {
        ObjectNode wanted = Api.JSON.createObjectNode();
        put(wanted, "name", name);
        put(wanted, "asset", asset);
        put(wanted, "selector", selector);
        put(wanted, "retryOf", retryOf);
        put(wanted, "timeout", timeout);
        if (isRun() && concurrency != null) {
            wanted.put("concurrency", concurrency);
        }
        if (isRun() && maxFailures != null) {
            wanted.put("maxFailures", maxFailures);
        }
        if (json != null) {
            wanted.set("parameters", object(json));
        } else if (!params.isEmpty()) {
            ObjectNode given = wanted.putObject("parameters");
            params.forEach((field, text) -> given.set(field, value(text)));
        }
        return wanted;
    }

    private static JsonNode object(String text) {
        try {
            JsonNode parsed = Api.JSON.readTree(text);
            if (parsed.isObject()) {
                return parsed;
            }
        } catch (JacksonException e) {
            throw new CommandFailed(ExitCode.USAGE, "--params is not JSON: " + e.getOriginalMessage());
        }
        throw new CommandFailed(ExitCode.USAGE, "--params is not a JSON object, as {\"text\":\"Hello\"}");
    }

    private static JsonNode value(String text) {
        try {
            JsonNode parsed = Api.JSON.readTree(text);
            if (parsed.isNumber() || parsed.isBoolean() || parsed.isString()) {
                return parsed;
            }
        } catch (JacksonException e) {
            return Api.JSON.getNodeFactory().stringNode(text);
        }
        return Api.JSON.getNodeFactory().stringNode(text);
    }

    private void confirm(JsonNode plan) {
        if (yes) {
            return;
        }
        long assets = plan.path("assets").asLong(1);
        String what = plan.path("name").asString("") + " interrupts the service of "
                + (asset != null ? "asset " + asset : assets(assets));
        Terminal terminal = root().terminal();
        if (!terminal.interactive()) {
            throw new CommandFailed(ExitCode.REFUSED, what + "; give --yes when that is meant");
        }
        if (!terminal.agrees(what + " (" + Column.text(plan.path("types")) + "). Go on?")) {
            throw new CommandFailed(ExitCode.REFUSED, "nothing was done");
        }
    }

    /** Asks until it has ended. */
    private JsonNode await(String path, JsonNode given, long total) {
        String id = given.path("id").asString("");
        ProgressBar bar = new ProgressBar(root().terminal(), given.path("name").asString("") + " " + id);
        AtomicReference<String> shown = new AtomicReference<>("");
        try {
            return new Following("command", RunCommand::hasEnded)
                    .toItsEnd(given, () -> root().api().get(Query.of(path, id)), now -> {
                        String status = now.path("status").asString("");
                        if (total > 0) {
                            bar.show(settled(now), total);
                        } else if (root().terminal().interactive()
                                && !shown.getAndSet(status).equals(status)) {
                            root().terminal().err().println(status);
                        }
                    });
        } finally {
            bar.end();
        }
    }

    private static boolean hasEnded(JsonNode object) {
        return object.path("state").asString("").equals("ended")
                || SETTLED.contains(object.path("status").asString(""));
    }

    private static long settled(JsonNode run) {
        long settled = 0;
        for (String status : SETTLED) {
            settled += run.path("commands").path(status).asLong(0);
        }
        return settled;
    }

    private void showCommand(JsonNode command) {
        String status = command.path("status").asString("");
        if (!root().printer().isTable()) {
            root().printer().one(command);
        } else {
            String output = command.path("output").asString("");
            if (!output.isEmpty()) {
                output.lines().forEach(each -> line(Table.printable(each)));
            }
            if (!command.path("detail").isMissingNode()) {
                line(Table.printable(command.path("detail").toString()));
            }
        }
        String what = "command " + command.path("id").asString("") + " to asset "
                + command.path("asset").asString("");
        if (!status.equals("succeeded")) {
            String reason = command.path("reason").asString("");
            throw new CommandFailed(
                    status.equals("rejected") || status.equals("cancelled") ? ExitCode.REFUSED : ExitCode.FAILED,
                    what + " " + ended(status)
                            + (status.equals("cancelled") && !reason.isEmpty() ? ": " + reason : ""));
        }
        if (root().printer().isTable()) {
            root().terminal().err().println(what + " succeeded");
        }
    }

    private static String ended(String status) {
        return switch (status) {
            case "rejected" -> "was rejected by the asset";
            case "expired" -> "was not taken before its deadline";
            case "indeterminate" -> "was taken, and nobody knows how it ended";
            case "cancelled" -> "was cancelled";
            default -> status;
        };
    }

    private void showRun(JsonNode run) {
        String id = run.path("id").asString("");
        long assets = run.path("assets").asLong(0);
        long succeeded = run.path("commands").path("succeeded").asLong(0);
        if (!root().printer().isTable()) {
            root().printer().one(run);
        } else {
            if (succeeded < assets) {
                tellUnsuccessful(id);
            }
            List<String> parts = new ArrayList<>();
            run.path("commands").forEachEntry((status, count) -> parts.add(count.asString() + " " + status));
            line("run " + id + " of " + assets(assets) + ": " + String.join(", ", parts));
        }
        if (succeeded < assets) {
            String stopped = run.path("stopped").asString("");
            throw new CommandFailed(
                    ExitCode.FAILED,
                    assets - succeeded + " of " + assets + " did not succeed"
                            + (stopped.isEmpty() ? "" : "; the run was stopped: " + stopped)
                            + "; try them again with muster run --retry-of " + id);
        }
    }

    private void tellUnsuccessful(String run) {
        List<JsonNode> found =
                Pages.all(root().api(), Query.of("commands").with("run", run).with("status", UNSUCCESSFUL), SHOWN + 1);
        for (JsonNode command : found.subList(0, Math.min(SHOWN, found.size()))) {
            String why = command.has("reason")
                    ? command.path("reason").asString("")
                    : command.has("detail") ? command.path("detail").toString() : "";
            line(Table.printable(command.path("asset").asString("") + ": "
                    + command.path("status").asString("") + (why.isEmpty() ? "" : ", " + why)));
        }
        if (found.size() > SHOWN) {
            line("and more: muster commands --run " + run + " --status " + UNSUCCESSFUL);
        }
    }

    private void line(String text) {
        root().terminal().out().println(text);
        root().terminal().out().flush();
    }
}

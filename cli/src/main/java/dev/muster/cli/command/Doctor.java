package dev.muster.cli.command;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import dev.muster.cli.Terminal;
import dev.muster.cli.Terminal.Colour;
import dev.muster.cli.doctor.Check;
import dev.muster.cli.doctor.Examination;
import dev.muster.cli.rest.Api;
import dev.muster.cli.rest.ServerAddress;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/** {@code muster doctor}. */
@Command(name = "doctor", description = "Checks what Muster needs of this machine, and says how to mend it.")
final class Doctor extends Verb {
    @Option(names = "--ports", split = ",", defaultValue = "8080,8883,8443", description = "Ports to look at.")
    private int[] ports = {};

    @Override
    void run() {
        ServerAddress server = server();
        JsonNode local = server == null ? null : server.local();
        Long pid = local != null && local.has("pid") ? local.path("pid").asLong() : null;
        List<Check> checks = Examination.run(
                root().dataDir(), pid, server == null ? null : server.server().toString(), ports);
        if (root().printer().isTable()) {
            checks.forEach(this::print);
            root().terminal().out().flush();
        } else {
            root().printer().one(asJson(checks));
        }
        long failed = checks.stream()
                .filter(check -> check.verdict() == Check.Verdict.FAIL)
                .count();
        if (failed > 0) {
            throw new CommandFailed(ExitCode.FAILED, failed + " of " + checks.size() + " checks failed");
        }
    }

    /** Null when none is known: that is no reason not to look at the rest. */
    private @Nullable ServerAddress server() {
        try {
            return root().address();
        } catch (CommandFailed e) {
            if (e.code() == ExitCode.UNREACHABLE) {
                return null;
            }
            throw e;
        }
    }

    private void print(Check check) {
        Terminal terminal = root().terminal();
        Colour colour = switch (check.verdict()) {
            case OK -> Colour.GREEN;
            case WARN -> Colour.YELLOW;
            case FAIL -> Colour.RED;
        };
        String verdict =
                String.format(Locale.ROOT, "%-5s", check.verdict().name().toLowerCase(Locale.ROOT));
        terminal.out()
                .println(terminal.coloured(colour, verdict)
                        + String.format(Locale.ROOT, "%-16s", check.name())
                        + check.found());
        if (!check.mend().isEmpty()) {
            terminal.out().println(" ".repeat(21) + "→ " + check.mend());
        }
    }

    private static ArrayNode asJson(List<Check> checks) {
        ArrayNode all = Api.JSON.createArrayNode();
        for (Check check : checks) {
            all.addObject()
                    .put("check", check.name())
                    .put("verdict", check.verdict().name().toLowerCase(Locale.ROOT))
                    .put("found", check.found())
                    .put("mend", check.mend());
        }
        return all;
    }
}

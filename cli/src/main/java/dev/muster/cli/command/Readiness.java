package dev.muster.cli.command;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import dev.muster.cli.Terminal;
import dev.muster.cli.Terminal.Colour;
import dev.muster.cli.output.Table;
import dev.muster.cli.rest.Query;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** {@code muster readiness}. */
@Command(
        name = "readiness",
        description = "Checks, live, what a fleet in production needs, and says what to do about it.",
        footer = {
            "",
            "Ends with 0 when no check fails and none is unknown, else with 1: what nobody knows is not ok.",
            "What Muster cannot know, such as backups of your own making, may be left out: --except backup."
        })
final class Readiness extends Verb {
    @Option(
            names = "--except",
            split = ",",
            paramLabel = "CHECK",
            description = "Checks that are shown, and do not count for the exit code.")
    private Set<String> except = new TreeSet<>();

    @Override
    void run() {
        JsonNode answer = root().api().get(Query.of("readiness"));
        mustExist(answer);
        if (root().printer().isTable()) {
            answer.path("checks").forEach(this::print);
            root().terminal().out().flush();
        } else {
            root().printer().one(answer);
        }
        List<String> open = new ArrayList<>();
        answer.path("checks").forEach(check -> {
            String state = check.path("state").asString("unknown");
            String name = check.path("name").asString("");
            if (!state.equals("ok") && !state.equals("warn") && !except.contains(name)) {
                open.add(name + " " + (state.equals("fail") ? "fails" : "is unknown"));
            }
        });
        if (!open.isEmpty()) {
            throw new CommandFailed(ExitCode.FAILED, "not ready: " + String.join(", ", open));
        }
    }

    /** A misspelt exception would count for nothing, unnoticed. */
    private void mustExist(JsonNode answer) {
        Set<String> names = new TreeSet<>();
        answer.path("checks").forEach(check -> names.add(check.path("name").asString("")));
        Set<String> unknown = new TreeSet<>(except);
        unknown.removeAll(names);
        if (!unknown.isEmpty()) {
            throw new CommandFailed(
                    ExitCode.USAGE,
                    "--except names no check: " + String.join(", ", unknown) + "; there are "
                            + String.join(", ", names));
        }
    }

    private void print(JsonNode check) {
        Terminal terminal = root().terminal();
        String state = check.path("state").asString("unknown");
        Colour colour = switch (state) {
            case "ok" -> Colour.GREEN;
            case "fail" -> Colour.RED;
            default -> Colour.YELLOW;
        };
        terminal.out()
                .println(terminal.coloured(colour, String.format(Locale.ROOT, "%-8s", state))
                        + String.format(Locale.ROOT, "%-12s", check.path("name").asString(""))
                        + Table.printable(check.path("found").asString("")));
        String todo = check.path("todo").asString("");
        if (!todo.isEmpty()) {
            terminal.out().println(" ".repeat(20) + "→ " + Table.printable(todo));
        }
    }
}

package dev.muster.cli.command;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import dev.muster.cli.output.Column;
import dev.muster.cli.rest.Query;
import java.io.Console;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** {@code muster alert secret …}. */
@Command(
        name = "secret",
        description =
                "Keeps secrets that receivers use as {{secret:NAME}}; nobody can read them again. For administrators.",
        subcommands = {AlertSecret.Set.class, AlertSecret.ListThem.class, AlertSecret.Remove.class})
final class AlertSecret extends Menu {

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
            say("secret " + name + " is stored");
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
            say("secret " + name + " is deleted");
        }
    }
}

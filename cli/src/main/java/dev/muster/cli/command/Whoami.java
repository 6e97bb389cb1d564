package dev.muster.cli.command;

import dev.muster.cli.rest.Query;
import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;

/** {@code muster whoami}. */
@Command(name = "whoami", description = "Tells with whose token and what rights you ask.")
final class Whoami extends Verb {
    @Override
    void run() {
        JsonNode me = root().api().get(Query.of("whoami"));
        if (!root().printer().isTable()) {
            root().printer().one(me);
            return;
        }
        String scope = me.path("scope").asString("");
        root().terminal()
                .out()
                .println(me.path("name").asString("") + " (" + me.path("kind").asString("") + "), role "
                        + me.path("role").asString("") + ", scope " + (scope.isEmpty() ? "all assets" : scope) + ", at "
                        + root().api().address().server());
        root().terminal().out().flush();
    }
}

package dev.muster.cli.command;

import dev.muster.cli.rest.Api;
import dev.muster.cli.rest.Query;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code muster token …}: API tokens of people and programs. */
@Command(
        name = "token",
        description = "Creates and revokes API tokens.",
        subcommands = {Token.Create.class, Token.Revoke.class})
final class Token extends Menu {

    /** {@code muster token create NAME --role ROLE}: prints the secret, once. */
    @Command(name = "create", description = "Creates an API token and prints its secret, this once.")
    static final class Create extends Verb {
        @Parameters(paramLabel = "NAME", description = "Whose it is, for the audit trail.")
        private String name = "";

        @Option(names = "--role", required = true, description = "admin, operator or viewer.")
        private String role = "";

        @Option(names = "--scope", paramLabel = "CEL", description = "Only assets for which it holds.")
        private @Nullable String scope;

        @Option(names = "--expires", paramLabel = "TIME", description = "For example 30d; never without it.")
        private @Nullable String expires;

        @Override
        void run() {
            ObjectNode wanted = Api.JSON.createObjectNode().put("name", name).put("role", role);
            if (scope != null) {
                wanted.put("scope", scope);
            }
            Instant end = Times.moment(expires, Instant.now());
            if (end != null) {
                wanted.put("expiresAt", end.toString());
            }
            JsonNode created = root().api().post(Query.of("tokens"), wanted);
            Secrets.print(root(), created, created.path("secret").asString(""), "token " + name);
        }
    }

    /** {@code muster token revoke ID}. */
    @Command(name = "revoke", description = "Revokes an API token, at once.")
    static final class Revoke extends Verb {
        @Parameters(paramLabel = "ID", description = "From muster get tokens.")
        private String id = "";

        @Override
        void run() {
            root().api().delete(Query.of("tokens", id));
            say("token " + id + " revoked");
        }
    }
}

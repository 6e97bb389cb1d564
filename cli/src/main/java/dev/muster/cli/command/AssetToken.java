package dev.muster.cli.command;

import dev.muster.cli.output.Column;
import dev.muster.cli.rest.Api;
import dev.muster.cli.rest.Query;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code muster asset token …}: what lets an asset in that shows no certificate. */
@Command(
        name = "token",
        description =
                "Makes and revokes tokens of an asset: for MQTT without TLS on the server's machine, and as hawkBit target token.",
        subcommands = {AssetToken.Create.class, AssetToken.ListThem.class, AssetToken.Revoke.class})
final class AssetToken extends Menu {

    /** {@code muster asset token create ID}: prints the token, once. */
    @Command(
            name = "create",
            description = "Creates a token of an asset and prints it, this once.",
            footer = {"", "The asset id is the user name of CONNECT, the token the password."})
    static final class Create extends Verb {
        @Parameters(paramLabel = "ID", description = "The asset.")
        private String id = "";

        @Option(names = "--expires", defaultValue = "90d", paramLabel = "TIME", description = "90d; at most 366d")
        private String expires = "90d";

        @Override
        void run() {
            Times.duration(expires);
            JsonNode created = root().api()
                    .post(
                            Query.of("assets", id, "tokens"),
                            Api.JSON.createObjectNode().put("expiresIn", expires));
            Secrets.print(root(), created, created.path("token").asString(""), "token of asset " + id);
        }
    }

    /** {@code muster asset token list ID}. */
    @Command(name = "list", description = "Lists an asset's tokens, oldest first.")
    static final class ListThem extends Verb {
        @Parameters(paramLabel = "ID", description = "The asset.")
        private String id = "";

        @Override
        void run() {
            list(
                    Query.of("assets", id, "tokens"),
                    "asset " + id + " has no tokens",
                    Column.of("ID", "id"),
                    Column.of("STATE", "state"),
                    Column.of("EXPIRES", "expiresAt"),
                    Column.of("CREATED", "createdAt"),
                    Column.of("BY", "createdBy"));
        }
    }

    /** {@code muster asset token revoke ID TOKEN}. */
    @Command(name = "revoke", description = "Revokes a token of an asset; its live sessions end at once.")
    static final class Revoke extends Verb {
        @Parameters(index = "0", paramLabel = "ID", description = "The asset.")
        private String id = "";

        @Parameters(index = "1", paramLabel = "TOKEN", description = "Id of the token, from muster asset token list.")
        private String token = "";

        @Override
        void run() {
            root().api().delete(Query.of("assets", id, "tokens", token));
            say("token " + token + " of asset " + id + " revoked");
        }
    }
}

package dev.muster.cli.command;

import dev.muster.cli.output.Column;
import dev.muster.cli.rest.Api;
import dev.muster.cli.rest.Query;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code muster gateway-token …}: what speaks for many assets that poll by hawkBit's DDI. */
@Command(
        name = "gateway-token",
        description = "Makes and revokes tokens that speak for many assets that poll by hawkBit's DDI.",
        subcommands = {GatewayToken.Create.class, GatewayToken.ListThem.class, GatewayToken.Revoke.class})
final class GatewayToken extends Menu {

    /** {@code muster gateway-token create --type TYPE}: prints the token, once. */
    @Command(
            name = "create",
            description = "Creates a gateway token and prints it, this once.",
            footer = {"", "Devices send Authorization: GatewayToken TOKEN; the server needs ddi-gateway-tokens: true."})
    static final class Create extends Verb {
        @Option(
                names = "--type",
                required = true,
                paramLabel = "TYPE",
                description = "Asset type of what it registers.")
        private String type = "";

        @Option(names = "--ids", defaultValue = "*", paramLabel = "PATTERN", description = "For which asset ids (*).")
        private String ids = "*";

        @Option(names = "--expires", defaultValue = "90d", paramLabel = "TIME", description = "90d; at most 366d")
        private String expires = "90d";

        @Option(
                names = {"-l", "--label"},
                paramLabel = "KEY=VALUE",
                description = "Label of the assets it registers; may be repeated.")
        private Map<String, String> labels = new LinkedHashMap<>();

        @Option(names = "--name", description = "For people.")
        private @Nullable String name;

        @Option(names = "--hardware", description = "Of the assets it registers.")
        private @Nullable String hardware;

        @Option(names = "--owner", description = "Of the assets it registers.")
        private @Nullable String owner;

        @Option(names = "--region", description = "Of the assets it registers.")
        private @Nullable String region;

        @Option(names = "--site", description = "Of the assets it registers.")
        private @Nullable String site;

        @Override
        void run() {
            Times.duration(expires);
            ObjectNode wanted = Api.JSON.createObjectNode();
            wanted.put("type", type).put("idPattern", ids).put("expiresIn", expires);
            ObjectNode given = wanted.putObject("labels");
            labels.forEach(given::put);
            put(wanted, "name", name);
            put(wanted, "hardware", hardware);
            put(wanted, "owner", owner);
            put(wanted, "region", region);
            put(wanted, "site", site);
            JsonNode created = root().api().post(Query.of("gateway-tokens"), wanted);
            Secrets.print(root(), created, created.path("token").asString(""), "gateway token");
        }
    }

    /** {@code muster gateway-token list}. */
    @Command(name = "list", description = "Lists gateway tokens, oldest first.")
    static final class ListThem extends Verb {
        @Override
        void run() {
            list(
                    Query.of("gateway-tokens"),
                    "there are no gateway tokens",
                    Column.of("ID", "id"),
                    Column.of("NAME", "name"),
                    Column.of("TYPE", "type"),
                    Column.of("IDS", "idPattern"),
                    Column.of("STATE", "state"),
                    Column.of("EXPIRES", "expiresAt"),
                    Column.of("BY", "createdBy"));
        }
    }

    /** {@code muster gateway-token revoke ID}. */
    @Command(name = "revoke", description = "Revokes a gateway token; the assets that it registered stay.")
    static final class Revoke extends Verb {
        @Parameters(paramLabel = "ID", description = "From muster gateway-token list.")
        private String id = "";

        @Override
        void run() {
            root().api().delete(Query.of("gateway-tokens", id));
            say("gateway token " + id + " revoked");
        }
    }
}

package dev.muster.cli.command;

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

/** {@code muster claim-token …}: what lets devices enrol. */
@Command(
        name = "claim-token",
        description = "Creates and revokes claim tokens, with which devices enrol.",
        subcommands = {ClaimToken.Create.class, ClaimToken.Revoke.class})
final class ClaimToken extends Menu {

    /** {@code muster claim-token create --type TYPE}: prints the token, once. */
    @Command(name = "create", description = "Creates a claim token and prints it, this once.")
    static final class Create extends Verb {
        @Option(names = "--type", required = true, paramLabel = "TYPE", description = "Asset type of what it enrols.")
        private String type = "";

        @Option(names = "--uses", defaultValue = "1", paramLabel = "N", description = "How many assets (1).")
        private int uses;

        @Option(names = "--expires", defaultValue = "24h", paramLabel = "TIME", description = "24h")
        private String expires = "24h";

        @Option(
                names = {"-l", "--label"},
                paramLabel = "KEY=VALUE",
                description = "Label of the assets it creates; may be repeated.")
        private Map<String, String> labels = new LinkedHashMap<>();

        @Option(names = "--ids", paramLabel = "PATTERN", description = "Which asset ids, for example pump-*.")
        private @Nullable String ids;

        @Option(names = "--name", description = "For people.")
        private @Nullable String name;

        @Option(names = "--owner", description = "Of the assets it creates.")
        private @Nullable String owner;

        @Option(names = "--region", description = "Of the assets it creates.")
        private @Nullable String region;

        @Option(names = "--site", description = "Of the assets it creates.")
        private @Nullable String site;

        @Option(
                names = "--allow-reenrol",
                description = "Assets with a valid certificate may be claimed again; the old one is then revoked.")
        private boolean allowReenrol;

        @Override
        void run() {
            Times.duration(expires);
            ObjectNode wanted = Api.JSON.createObjectNode();
            wanted.put("type", type).put("uses", uses).put("expiresIn", expires);
            ObjectNode given = wanted.putObject("labels");
            labels.forEach(given::put);
            put(wanted, "idPattern", ids);
            put(wanted, "name", name);
            put(wanted, "owner", owner);
            put(wanted, "region", region);
            put(wanted, "site", site);
            if (allowReenrol) {
                wanted.put("allowReenrol", true);
            }
            JsonNode created = root().api().post(Query.of("claim-tokens"), wanted);
            Secrets.print(root(), created, created.path("token").asString(""), "claim token");
        }
    }

    /** {@code muster claim-token revoke ID}. */
    @Command(name = "revoke", description = "Revokes a claim token; certificates that were issued with it stay valid.")
    static final class Revoke extends Verb {
        @Parameters(paramLabel = "ID", description = "From muster get claim-tokens.")
        private String id = "";

        @Override
        void run() {
            root().api().delete(Query.of("claim-tokens", id));
            say("claim token " + id + " revoked");
        }
    }
}

package dev.muster.cli.command;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
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

/** {@code muster create asset ID --type TYPE}; other kinds are declared with {@code muster apply}. */
@Command(name = "create", description = "Creates an asset.")
final class Create extends Verb {
    @Parameters(index = "0", paramLabel = "KIND", description = "asset; the others by muster apply.")
    private String kind = "";

    @Parameters(index = "1", paramLabel = "ID", description = "Chosen by you: letters, digits, . _ -")
    private String id = "";

    @Option(names = "--type", required = true, paramLabel = "TYPE", description = "Asset type.")
    private String type = "";

    @Option(
            names = {"-l", "--label"},
            paramLabel = "KEY=VALUE",
            description = "Label; may be repeated.")
    private Map<String, String> labels = new LinkedHashMap<>();

    @Option(names = "--owner", description = "Who is responsible.")
    private @Nullable String owner;

    @Option(names = "--region", description = "Region.")
    private @Nullable String region;

    @Option(names = "--site", description = "Site.")
    private @Nullable String site;

    @Option(names = "--hardware", description = "Hardware.")
    private @Nullable String hardware;

    @Override
    void run() {
        if (Kind.named(kind) != Kind.ASSETS) {
            throw new CommandFailed(
                    ExitCode.USAGE,
                    "muster create makes assets; tokens are made with muster token create and muster claim-token"
                            + " create, everything else with muster apply -f FILE");
        }
        ObjectNode asset = Api.JSON.createObjectNode().put("id", id).put("type", type);
        ObjectNode given = asset.putObject("labels");
        labels.forEach(given::put);
        put(asset, "owner", owner);
        put(asset, "region", region);
        put(asset, "site", site);
        put(asset, "hardware", hardware);
        JsonNode created = root().api().post(Query.of("assets"), asset);
        if (root().printer().isTable()) {
            say("asset " + id + " created");
        } else {
            root().printer().one(created);
        }
    }
}

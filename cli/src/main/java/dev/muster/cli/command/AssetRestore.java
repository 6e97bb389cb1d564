package dev.muster.cli.command;

import dev.muster.cli.rest.Api;
import dev.muster.cli.rest.Query;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code muster asset restore ASSET}: brings a retired asset back. */
@Command(
        name = "restore",
        description =
                "Brings a retired asset back, as one that is registered and has to enrol anew; for administrators.",
        footer = {"", "Of an asset that waits for its wipe and has not taken it, takes the retirement back."})
final class AssetRestore extends Verb {
    @Parameters(paramLabel = "ASSET", description = "The asset.")
    private String asset = "";

    @Option(names = "--reason", paramLabel = "TEXT", description = "For the audit trail.")
    private @Nullable String reason;

    @Override
    void run() {
        ObjectNode body = Api.JSON.createObjectNode();
        if (reason != null) {
            body.put("reason", reason);
        }
        JsonNode back = root().api().post(Query.of("assets", asset, "restore"), body);
        if (!root().printer().isTable()) {
            root().printer().one(back);
            return;
        }
        String lifecycle = back.path("lifecycle").asString("");
        root().terminal()
                .out()
                .println("asset " + asset + " is " + lifecycle
                        + (lifecycle.equals("registered") ? "; it enrols with a new claim token" : ""));
        root().terminal().out().flush();
    }
}

package dev.muster.cli.command;

import dev.muster.cli.output.Column;
import dev.muster.cli.rest.Api;
import dev.muster.cli.rest.Query;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code muster alert key …}: with which other systems raise alerts. */
@Command(
        name = "key",
        description =
                "Keeps integration keys: what speaks PagerDuty's Events API v2 sends one as routing_key to /v2/enqueue. For administrators.",
        subcommands = {IntegrationKey.Create.class, IntegrationKey.ListThem.class, IntegrationKey.Remove.class})
final class IntegrationKey extends Menu {

    /** {@code muster alert key create NAME -l owner=payments}: prints the key, once. */
    @Command(name = "create", description = "Creates an integration key and prints it, this once.")
    static final class Create extends Verb {
        @Parameters(paramLabel = "NAME", description = "Of the sender; the label integration of its alerts.")
        private String name = "";

        @Option(
                names = {"-l", "--label"},
                paramLabel = "NAME=VALUE",
                description = "Of every alert that it raises, such as owner=payments.")
        private Map<String, String> labels = Map.of();

        @Override
        void run() {
            ObjectNode wanted = Api.JSON.createObjectNode().put("name", name);
            ObjectNode given = wanted.putObject("labels");
            labels.forEach(given::put);
            JsonNode created = root().api().post(Query.of("integration-keys"), wanted);
            Secrets.print(root(), created, created.path("key").asString(""), "integration key " + name);
        }
    }

    /** {@code muster alert key list}. */
    @Command(name = "list", description = "Lists integration keys, without the keys themselves.")
    static final class ListThem extends Verb {
        @Override
        void run() {
            List<JsonNode> keys = new ArrayList<>();
            root().api().get(Query.of("integration-keys")).forEach(keys::add);
            root().printer()
                    .list(
                            List.of(
                                    Column.of("NAME", "name"),
                                    Column.of("LABELS", "labels"),
                                    Column.age("CREATED", "created", Instant.now()),
                                    Column.of("BY", "createdBy"),
                                    Column.age("LAST USED", "lastUsed", Instant.now())),
                            "no integration keys",
                            page -> page.accept(keys));
        }
    }

    /** {@code muster alert key delete NAME}. */
    @Command(name = "delete", description = "Deletes an integration key: it opens nothing any more.")
    static final class Remove extends Verb {
        @Parameters(paramLabel = "NAME", description = "The key.")
        private String name = "";

        @Override
        void run() {
            root().api().delete(Query.of("integration-keys", name));
            say("integration key " + name + " is deleted");
        }
    }
}

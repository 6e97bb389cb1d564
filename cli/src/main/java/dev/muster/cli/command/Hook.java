package dev.muster.cli.command;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import dev.muster.cli.output.Column;
import dev.muster.cli.rest.Query;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** {@code muster hook …}: doors at which registries tell of pushes. */
@Command(
        name = "hook",
        description = "Lets pushes to a registry start rollouts from a template; for administrators.",
        subcommands = {Hook.Create.class, Hook.ListThem.class, Hook.Deliveries.class, Hook.Remove.class})
final class Hook extends Menu {

    /** {@code muster hook create -f FILE}: prints the secret, once. */
    @Command(
            name = "create",
            description = "Creates a hook and prints its secret, this once.",
            footer = {
                "",
                "The file:",
                "  name: app-images",
                "  format: github                 # or standard (standardwebhooks.com), oci (notifications of a registry)",
                "  component: app",
                "  repository: acme/app",
                "  tagPrefix: v",
                "  rolloutName: app-{{version}}",
                "  rollout: {selector: …, change: {release: {component: app, version: \"{{version}}\"}}, …}",
                "  start: true                    # or false: leaves a draft"
            })
    static final class Create extends Verb {
        @Option(
                names = {"-f", "--file"},
                required = true,
                paramLabel = "FILE",
                description = "What the hook is, in YAML.")
        private Path file = Path.of("");

        @Override
        void run() {
            JsonNode wanted;
            try {
                wanted = new YAMLMapper().readTree(Files.readString(file));
            } catch (IOException e) {
                throw new CommandFailed(ExitCode.USAGE, "cannot read " + file + ": " + e.getMessage());
            } catch (JacksonException e) {
                throw new CommandFailed(ExitCode.USAGE, file + " is not YAML: " + e.getOriginalMessage());
            }
            JsonNode created = root().api().post(Query.of("release-hooks"), wanted);
            if (!root().printer().isTable()) {
                root().printer().one(created);
                return;
            }
            root().terminal()
                    .err()
                    .println("hook " + created.path("hook").path("name").asString("") + " takes messages at "
                            + root().api()
                                    .address()
                                    .server()
                                    .resolve(created.path("hook").path("path").asString(""))
                            + "; its secret, shown this once:");
            root().terminal().err().flush();
            say(created.path("secret").asString(""));
        }
    }

    /** {@code muster hook list}. */
    @Command(name = "list", description = "Lists hooks, without their secrets.")
    static final class ListThem extends Verb {
        @Override
        void run() {
            list(
                    Query.of("release-hooks"),
                    "no hooks",
                    Column.of("NAME", "name"),
                    Column.of("FORMAT", "format"),
                    Column.of("COMPONENT", "component"),
                    Column.of("REPOSITORY", "repository"),
                    Column.of("TAGS", "tagPrefix"),
                    Column.of("ROLLOUT", "rolloutName"),
                    Column.of("START", "start"),
                    Column.wide("CREATED BY", "createdBy"));
        }
    }

    /** {@code muster hook deliveries NAME}. */
    @Command(name = "deliveries", description = "Shows what pushes of the last week came to, the newest first.")
    static final class Deliveries extends Verb {
        @Parameters(paramLabel = "NAME", description = "The hook.")
        private String name = "";

        @Override
        void run() {
            List<JsonNode> deliveries = new ArrayList<>();
            root().api().get(Query.of("release-hooks", name, "deliveries")).forEach(deliveries::add);
            root().printer()
                    .list(
                            List.of(
                                    Column.age("AGE", "received", Instant.now()),
                                    Column.of("TAG", "tag"),
                                    Column.of("OUTCOME", "outcome"),
                                    Column.of("ROLLOUT", "rollout"),
                                    Column.of("DETAIL", "detail"),
                                    Column.wide("DELIVERY", "delivery")),
                            "hook " + name + " has taken nothing in the last week",
                            page -> page.accept(deliveries));
        }
    }

    /** {@code muster hook delete NAME}. */
    @Command(name = "delete", description = "Closes the door at once; its secret is good for nothing any more.")
    static final class Remove extends Verb {
        @Parameters(paramLabel = "NAME", description = "The hook.")
        private String name = "";

        @Override
        void run() {
            root().api().delete(Query.of("release-hooks", name));
            say("hook " + name + " is deleted");
        }
    }
}

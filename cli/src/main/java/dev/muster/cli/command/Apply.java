package dev.muster.cli.command;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import dev.muster.cli.rest.Query;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** {@code muster apply -f FILE|DIR|-}: all documents go in one request, so that they take effect together or not at all. */
@Command(
        name = "apply",
        description = "Declares asset types, groups, assets, configurations and rollouts as files say.",
        footer = {
            "",
            "Several documents in a file are separated by ---. A change of a field that somebody else declared is",
            "refused unless --force."
        })
final class Apply extends Verb {
    private static final long MAX_BYTES = 4L << 20;

    @Option(
            names = {"-f", "--file"},
            required = true,
            paramLabel = "FILE",
            description = "A file, a folder of .yaml, .yml and .json files, or - for standard input; may be repeated.")
    private List<String> files = List.of();

    @Option(names = "--dry-run", description = "Only tells what would change.")
    private boolean dryRun;

    @Option(names = "--force", description = "Takes over fields that somebody else declared.")
    private boolean force;

    @Option(names = "--field-manager", paramLabel = "NAME", description = "Who declares; apply without it.")
    private @Nullable String fieldManager;

    @Override
    void run() {
        List<String> documents = new ArrayList<>();
        for (String file : files) {
            documents.addAll(read(file));
        }
        Query query = Query.of("apply")
                .with("dryRun", dryRun ? "true" : null)
                .with("fieldManager", fieldManager)
                .with("force", force ? "true" : null);
        JsonNode answer = root().api().post(query, String.join("\n---\n", documents), "application/yaml");
        if (!root().printer().isTable()) {
            root().printer().one(answer);
            return;
        }
        for (JsonNode result : answer.path("results")) {
            root().terminal()
                    .out()
                    .println(result.path("kind").asString("") + " "
                            + result.path("name").asString("") + " " + (dryRun ? "would be " : "")
                            + result.path("result").asString(""));
        }
        root().terminal().out().flush();
    }

    private List<String> read(String file) {
        try {
            if (file.equals("-")) {
                byte[] input = root().terminal().in().readNBytes((int) MAX_BYTES + 1);
                check(file, input.length);
                return List.of(new String(input, StandardCharsets.UTF_8));
            }
            Path path = Path.of(file);
            if (!Files.exists(path)) {
                throw new CommandFailed(ExitCode.USAGE, "there is no file or folder " + file);
            }
            List<String> documents = new ArrayList<>();
            for (Path one : Files.isDirectory(path) ? inside(path) : List.of(path)) {
                check(one.toString(), Files.size(one));
                documents.add(Files.readString(one));
            }
            return documents;
        } catch (IOException e) {
            throw new CommandFailed(ExitCode.FAILED, "cannot read " + file + ": " + e.getMessage());
        }
    }

    private static void check(String file, long bytes) {
        if (bytes > MAX_BYTES) {
            throw new CommandFailed(
                    ExitCode.USAGE, file + " is larger than " + (MAX_BYTES >> 20) + " MB; use muster import assets");
        }
    }

    private static List<Path> inside(Path folder) throws IOException {
        try (Stream<Path> found = Files.list(folder)) {
            List<Path> files = found.filter(path -> path.toString().matches(".*\\.(yaml|yml|json)"))
                    .sorted()
                    .toList();
            if (files.isEmpty()) {
                throw new CommandFailed(ExitCode.USAGE, "the folder " + folder + " has no .yaml, .yml or .json file");
            }
            return files;
        }
    }
}

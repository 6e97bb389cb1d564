package dev.muster.cli.command;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import dev.muster.cli.output.ProgressBar;
import dev.muster.cli.output.Table;
import dev.muster.cli.rest.Api;
import dev.muster.cli.rest.Query;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code muster import assets FILE}: bad rows are told by line, the others imported, or none with {@code --strict}. */
@Command(
        name = "import",
        description = "Imports assets from CSV.",
        footer = {"", "The first line names the columns: id,type,owner,region,site,hardware,lifecycle,label.KEY…"})
final class Import extends Verb {
    private static final int SHOWN_ROWS = 50;

    @Parameters(index = "0", paramLabel = "KIND", description = "assets")
    private String kind = "";

    @Parameters(index = "1", paramLabel = "FILE", description = "CSV, or - for standard input.")
    private String file = "";

    @Option(names = "--strict", description = "Imports nothing when a row is bad.")
    private boolean strict;

    @Override
    void run() {
        if (Kind.named(kind) != Kind.ASSETS) {
            throw new CommandFailed(ExitCode.USAGE, "only assets are imported; others are declared with apply -f");
        }
        Query query = Query.of("assets", "import").with("strict", strict ? "true" : null);
        ProgressBar bar = new ProgressBar(root().terminal(), "importing");
        JsonNode summary = null;
        int rejected = 0;
        try (BufferedReader lines = new BufferedReader(
                new InputStreamReader(root().api().upload(query, body(), "text/csv"), StandardCharsets.UTF_8))) {
            String line;
            while ((line = lines.readLine()) != null) {
                JsonNode told = Api.JSON.readTree(line);
                switch (told.path("type").asString("")) {
                    case "progress" ->
                        bar.show(
                                told.path("bytes").asLong(0),
                                told.path("totalBytes").asLong(0));
                    case "rejected" -> tellRejected(told, bar, ++rejected);
                    case "summary" -> summary = told;
                    case "failed" ->
                        throw new CommandFailed(
                                ExitCode.FAILED,
                                "the import stopped: " + told.path("message").asString(""));
                    default -> {
                        // a newer server may tell more
                    }
                }
            }
        } catch (IOException e) {
            throw new CommandFailed(
                    ExitCode.FAILED, "the import broke off: " + e.getMessage() + "; running it again is safe");
        } finally {
            bar.end();
        }
        if (summary == null) {
            throw new CommandFailed(
                    ExitCode.FAILED, "the import broke off without a summary; running it again is safe");
        }
        summarize(summary);
    }

    private void tellRejected(JsonNode row, ProgressBar bar, int count) {
        bar.clear();
        if (count <= SHOWN_ROWS) {
            String id = row.path("id").asString("");
            root().terminal()
                    .err()
                    .println(Table.printable("line " + row.path("line").asInt(0)
                            + (id.isEmpty() ? "" : " (" + id + ")") + ": "
                            + row.path("message").asString("")));
        } else if (count == SHOWN_ROWS + 1) {
            root().terminal().err().println("more rows are bad; the first " + SHOWN_ROWS + " are told");
        }
    }

    private void summarize(JsonNode summary) {
        long rejected = summary.path("rejected").asLong(0);
        boolean imported = summary.path("imported").asBoolean(true);
        if (!root().printer().isTable()) {
            root().printer().one(summary);
        } else if (imported) {
            root().terminal()
                    .out()
                    .println(summary.path("rows").asLong(0) + " rows: "
                            + summary.path("created").asLong(0) + " created, "
                            + summary.path("updated").asLong(0) + " updated, "
                            + summary.path("unchanged").asLong(0) + " unchanged, " + rejected + " rejected, in "
                            + summary.path("milliseconds").asLong(0) / 1_000.0 + " s");
            root().terminal().out().flush();
        }
        if (!imported) {
            throw new CommandFailed(
                    ExitCode.FAILED, "nothing was imported: " + rejected + " rows are bad and --strict was given");
        }
        if (rejected > 0) {
            throw new CommandFailed(
                    ExitCode.FAILED, rejected + " rows were not imported; mend them and import the file again");
        }
    }

    private InputStream body() {
        if (file.equals("-")) {
            return root().terminal().in();
        }
        try {
            return Files.newInputStream(Path.of(file));
        } catch (IOException e) {
            throw new CommandFailed(ExitCode.USAGE, "there is no readable file " + file);
        }
    }
}

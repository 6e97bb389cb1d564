package dev.muster.cli.command;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import dev.muster.cli.rest.Query;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code muster export assets}: CSV to standard output, as {@code muster import assets} takes it. */
@Command(name = "export", description = "Writes assets as CSV, as import takes it.")
final class Export extends Verb {
    @Parameters(index = "0", paramLabel = "KIND", description = "assets")
    private String kind = "";

    @Option(
            names = {"-s", "--selector"},
            paramLabel = "CEL",
            description = "Only assets for which it holds.")
    private @Nullable String selector;

    @Override
    void run() {
        if (Kind.named(kind) != Kind.ASSETS) {
            throw new CommandFailed(ExitCode.USAGE, "only assets are exported; others are shown by get -o yaml");
        }
        try (InputStream csv = root().api().stream(Query.of("assets", "export").with("selector", selector))) {
            csv.transferTo(root().terminal().out());
            root().terminal().out().flush();
        } catch (IOException e) {
            throw new CommandFailed(ExitCode.FAILED, "the export broke off: " + e.getMessage());
        }
    }
}

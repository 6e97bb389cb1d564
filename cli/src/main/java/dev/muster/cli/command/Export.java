package dev.muster.cli.command;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import dev.muster.cli.rest.Query;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code muster export assets|telemetry}: a file, to standard output or to {@code --out}. */
@Command(
        name = "export",
        description = "Writes assets as CSV, as import takes it, or what they measured as CSV or Parquet.",
        footer = {
            "",
            "  muster export assets > fleet.csv",
            "  muster export telemetry -s \"asset.type == 'vehicle'\" --from -1d --format parquet --out day.parquet"
        })
final class Export extends Verb {
    @Parameters(index = "0", paramLabel = "KIND", description = "assets or telemetry")
    private String kind = "";

    @Option(
            names = {"-s", "--selector"},
            paramLabel = "CEL",
            description = "Only assets for which it holds.")
    private @Nullable String selector;

    @Option(names = "--out", paramLabel = "FILE", description = "Standard output without it.")
    private @Nullable Path out;

    @Option(names = "--type", paramLabel = "TYPE", description = "Telemetry: of assets of this type.")
    private @Nullable String type;

    @Option(names = "--metrics", paramLabel = "A,B", description = "Telemetry: only these; all without it.")
    private @Nullable String metrics;

    @Option(names = "--from", paramLabel = "TIME", description = "Telemetry: -1d, or a date; -1h without it.")
    private @Nullable String from;

    @Option(names = "--to", paramLabel = "TIME", description = "Telemetry: now without it.")
    private @Nullable String to;

    @Option(names = "--format", paramLabel = "FORMAT", description = "Telemetry: csv or parquet (csv).")
    private @Nullable String format;

    @Override
    void run() {
        try (InputStream content = root().api().stream(query())) {
            if (out == null) {
                content.transferTo(root().terminal().out());
                root().terminal().out().flush();
            } else {
                write(content, out);
            }
        } catch (IOException e) {
            throw new CommandFailed(ExitCode.FAILED, "the export broke off: " + e.getMessage());
        }
    }

    private Query query() {
        if (kind.equals("telemetry")) {
            Instant now = Instant.now();
            return Query.of("telemetry", "export")
                    .with("selector", selector)
                    .with("type", type)
                    .with("metrics", metrics)
                    .with("from", Times.moment(from, now))
                    .with("to", Times.moment(to, now))
                    .with("format", format);
        }
        if (Kind.named(kind) != Kind.ASSETS) {
            throw new CommandFailed(
                    ExitCode.USAGE, "only assets and telemetry are exported; others are shown by get -o yaml");
        }
        return Query.of("assets", "export").with("selector", selector);
    }

    /** Under its name when it is whole. */
    private static void write(InputStream content, Path file) throws IOException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try {
            Files.copy(content, part, StandardCopyOption.REPLACE_EXISTING);
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
    }
}

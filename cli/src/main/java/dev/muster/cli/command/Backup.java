package dev.muster.cli.command;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import dev.muster.cli.backup.Download;
import dev.muster.cli.output.ProgressBar;
import dev.muster.cli.rest.Query;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code muster backup FILE|DIR}: everything that the server owns, while it runs. */
@Command(
        name = "backup",
        description = "Writes a backup of everything that the server owns, while it runs; for administrators.",
        footer = {
            "",
            "The file holds keys and secrets and is readable by its owner only. Compressed, unless it ends with .tar.",
            "The way back: muster restore FILE --data-dir NEW; whether a file is whole: muster restore FILE --check."
        })
final class Backup extends Verb {
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final Pattern RATE = Pattern.compile("(\\d{1,9})(KiB|MiB|GiB)");
    private static final long MIB = 1 << 20;

    @Parameters(paramLabel = "FILE|DIR", description = "A file that does not exist, or a folder for one.")
    private Path place = Path.of("");

    @Option(names = "--limit-rate", paramLabel = "SIZE", description = "At most so much a second, as 20MiB.")
    private @Nullable String rate;

    @Override
    void run() {
        Path file = Files.isDirectory(place)
                ? place.resolve("muster-backup-" + STAMP.format(Instant.now()) + ".tar.gz")
                : place;
        Query query = Query.of("backups").with("bytesPerSecond", rate == null ? null : bytes(rate));
        ProgressBar bar = new ProgressBar(root().terminal(), "MiB");
        try {
            if (Files.exists(file)) {
                throw new FileAlreadyExistsException(file.toString());
            }
            try (InputStream archive =
                    root().api().upload(query, InputStream.nullInputStream(), "application/octet-stream")) {
                Download.Result result = new Download(file).from(archive, bytes -> bar.show(bytes / MIB, 0));
                bar.end();
                tell(file, result);
            }
        } catch (FileAlreadyExistsException e) {
            throw new CommandFailed(
                    ExitCode.REFUSED, "will not overwrite " + e.getMessage() + "; move it away or give another file");
        } catch (IOException e) {
            bar.end();
            throw new CommandFailed(ExitCode.FAILED, "no backup in " + file + ": " + e.getMessage());
        }
    }

    private void tell(Path file, Download.Result result) {
        root().terminal()
                .out()
                .println(String.format(
                        Locale.ROOT,
                        "%s: %d files, %.1f MiB, in %.1f MiB",
                        file,
                        result.files(),
                        (double) result.bytes() / MIB,
                        (double) result.stored() / MIB));
        root().terminal().out().flush();
    }

    private static long bytes(String text) {
        Matcher matcher = RATE.matcher(text);
        if (!matcher.matches()) {
            throw new CommandFailed(ExitCode.USAGE, "--limit-rate is \"" + text + "\"; write it as 20MiB");
        }
        int shift = switch (matcher.group(2)) {
            case "KiB" -> 10;
            case "MiB" -> 20;
            default -> 30;
        };
        return Long.parseLong(matcher.group(1)) << shift;
    }
}

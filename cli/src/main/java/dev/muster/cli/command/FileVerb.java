package dev.muster.cli.command;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import dev.muster.cli.output.Column;
import dev.muster.cli.rest.Api;
import dev.muster.cli.rest.Pages;
import dev.muster.cli.rest.Query;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code muster file …}: files that assets sent. */
@Command(
        name = "file",
        description = "Lists, fetches, keeps and deletes files that assets sent: log bundles, images, dumps.",
        subcommands = {FileVerb.ListThem.class, FileVerb.Fetch.class, FileVerb.Keep.class, FileVerb.Delete.class})
final class FileVerb extends Menu {

    /** {@code muster file list --selector CEL}. */
    @Command(name = "list", description = "Lists files of assets, the newest first.")
    static final class ListThem extends Verb {
        @Option(names = "--asset", paramLabel = "ID", description = "Only of this asset.")
        private @Nullable String asset;

        @Option(names = "--selector", paramLabel = "CEL", description = "Only of these assets.")
        private @Nullable String selector;

        @Option(names = "--kind", paramLabel = "WORD", description = "log, image, … as the assets say.")
        private @Nullable String kind;

        @Option(names = "--limit", defaultValue = "0", paramLabel = "N", description = "At most so many.")
        private int limit;

        @Override
        void run() {
            Query query = Query.of("files")
                    .with("asset", asset)
                    .with("selector", selector)
                    .with("kind", kind);
            root().printer()
                    .list(
                            List.of(
                                    Column.of("ID", "id"),
                                    Column.of("ASSET", "asset"),
                                    Column.of("NAME", "name"),
                                    Column.of("KIND", "kind"),
                                    Column.of("BYTES", "size"),
                                    Column.of("TAKEN", "takenAt"),
                                    Column.of("UNTIL", "until"),
                                    Column.of("HELD", "hold.reason"),
                                    Column.wide("TYPE", "mediaType"),
                                    Column.wide("SHA-256", "sha256")),
                            "no files",
                            page -> Pages.each(root().api(), query, limit, page));
        }
    }

    /** {@code muster file get ID --out FILE}. */
    @Command(
            name = "get",
            description = "Fetches a file; who did is in the audit trail.",
            footer = {"", "  muster file get 01a0… --out dump.gz", "  muster file get 01a0… --out - | tar tz"})
    static final class Fetch extends Verb {
        @Parameters(paramLabel = "ID", description = "From muster file list.")
        private String id = "";

        @Option(
                names = "--out",
                paramLabel = "FILE",
                description = "Where to; - is standard output (ID in this folder).")
        private @Nullable String out;

        @Override
        void run() {
            String sha256 =
                    root().api().get(Query.of("files", id)).path("sha256").asString("");
            MessageDigest digest = sha256Digest();
            try (InputStream content =
                    new DigestInputStream(root().api().stream(Query.of("files", id, "content")), digest)) {
                if ("-".equals(out)) {
                    OutputStream standard = root().terminal().out();
                    content.transferTo(standard);
                    standard.flush();
                    requireSame(sha256, digest);
                } else {
                    // Never under the name that the asset chose, unless somebody types it.
                    Path file = Path.of(out == null ? id : out);
                    write(content, file, sha256, digest);
                    root().terminal().out().println(Files.size(file) + " bytes in " + file);
                    root().terminal().out().flush();
                }
            } catch (IOException e) {
                throw new CommandFailed(ExitCode.FAILED, "the file broke off: " + e.getMessage());
            }
        }

        /** Under its name when it is whole and right. */
        private void write(InputStream content, Path file, String sha256, MessageDigest digest) throws IOException {
            Path part = file.resolveSibling(file.getFileName() + ".part");
            try {
                Files.copy(content, part, StandardCopyOption.REPLACE_EXISTING);
                requireSame(sha256, digest);
                Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(part);
            }
        }

        private void requireSame(String sha256, MessageDigest digest) {
            String found = HexFormat.of().formatHex(digest.digest());
            if (!found.equals(sha256)) {
                throw new CommandFailed(
                        ExitCode.FAILED, "file " + id + " came with the SHA-256 " + found + ", expected " + sha256);
            }
        }

        private static MessageDigest sha256Digest() {
            try {
                return MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every JDK has SHA-256", e);
            }
        }
    }

    /** {@code muster file keep ID --hold REASON}. */
    @Command(name = "keep", description = "Says how long a file is kept, or that it must not go.")
    static final class Keep extends Verb {
        @Parameters(paramLabel = "ID", description = "From muster file list.")
        private String id = "";

        @Option(names = "--for", paramLabel = "TIME", description = "From now on, 90d.")
        private @Nullable String length;

        @Option(names = "--hold", paramLabel = "REASON", description = "It does not go and cannot be deleted.")
        private @Nullable String hold;

        @Option(names = "--no-hold", description = "It goes again when its time is over.")
        private boolean noHold;

        @Override
        void run() {
            if ((length == null && hold == null && !noHold) || (hold != null && noHold)) {
                throw new CommandFailed(ExitCode.USAGE, "give --for, and one of --hold and --no-hold, or one of all");
            }
            ObjectNode change = Api.JSON.createObjectNode();
            if (length != null) {
                change.put("until", Instant.now().plus(Times.duration(length)).toString());
            }
            if (hold != null || noHold) {
                change.put("hold", hold == null ? "" : hold);
            }
            byte[] body = change.toString().getBytes(StandardCharsets.UTF_8);
            JsonNode file = root().api().patch(Query.of("files", id), body, "application/json", Map.of());
            if (root().printer().isTable()) {
                String reason = file.path("hold").path("reason").asString("");
                root().terminal()
                        .out()
                        .println("file " + id
                                + (reason.isEmpty()
                                        ? " is kept until " + file.path("until").asString("")
                                        : " is held: " + reason));
                root().terminal().out().flush();
            } else {
                root().printer().one(file);
            }
        }
    }

    /** {@code muster file delete ID…}. */
    @Command(name = "delete", description = "Deletes files that nobody holds.")
    static final class Delete extends Verb {
        @Parameters(arity = "1..*", paramLabel = "ID", description = "From muster file list.")
        private List<String> ids = List.of();

        @Override
        void run() {
            for (String id : ids) {
                root().api().delete(Query.of("files", id));
                root().terminal().out().println("file " + id + " deleted");
            }
            root().terminal().out().flush();
        }
    }
}

package dev.muster.identity;

import dev.muster.platform.config.DataDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** Sees that somebody can administer: writes an admin token into a file of the data directory when there is none. */
@Component
public class FirstRun {
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS'Z'").withZone(ZoneOffset.UTC);

    private final ApiTokenStore store;
    private final ApiTokens tokens;
    private final DataDirectory data;
    private final Clock clock;

    FirstRun(ApiTokenStore store, ApiTokens tokens, DataDirectory data, Clock clock) {
        this.store = store;
        this.tokens = tokens;
        this.data = data;
        this.clock = clock;
    }

    /**
     * Called once the schema stands, before the first request.
     *
     * @return the file with the new token; empty when a usable admin token exists
     */
    @Transactional
    public Optional<Path> ensureAdmin() {
        store.lockFirstRun();
        if (store.hasUsableAdmin(clock.instant())) {
            return Optional.empty();
        }
        String name = "first-admin-" + STAMP.format(clock.instant());
        ApiTokens.Created created = tokens.create(Actor.SYSTEM, name, Role.ADMIN, Scope.ALL, null);
        // Before the commit: a crash between the two leaves a file that opens nothing, and the next start writes
        // another one.
        write(data.adminToken(), created.secret().reveal() + "\n");
        return Optional.of(data.adminToken());
    }

    private static void write(Path file, String text) {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.deleteIfExists(fresh);
            try (FileChannel channel = FileChannel.open(
                    fresh, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), ownerOnly())) {
                ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the first administrator's token to " + file, e);
        }
    }

    /** The file is never readable by others, not even while it is written. */
    private static FileAttribute<?>[] ownerOnly() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }
}

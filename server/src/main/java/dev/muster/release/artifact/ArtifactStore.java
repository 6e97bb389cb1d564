package dev.muster.release.artifact;

import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.protocol.tuf.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Content-addressed files: {@code ab/abcdef…} when whole, {@code uploads/abcdef…} while they come.
 *
 * <p>A whole file is synced before it gets its name and its name is synced before anybody is told, so it is whole for ever. A
 * partial one promises nothing: what a power cut took from it shows when its hash is taken.
 */
public final class ArtifactStore {
    private static final Logger log = LoggerFactory.getLogger(ArtifactStore.class);
    private static final int BUFFER = 1 << 16;
    private static final long SYNC_EVERY = 8 << 20;
    private static final Pattern UPLOAD = Pattern.compile("[0-9a-f-]{36}");

    private final Path directory;
    private final Path uploads;
    private final long maxBytes;
    private final int maxUploads;
    /** Whose uploads are being written or tidied at this moment. */
    private final Set<String> busy = ConcurrentHashMap.newKeySet();

    private final ReentrantReadWriteLock removal = new ReentrantReadWriteLock();

    /**
     * @param maxBytes of one artifact
     * @param maxUploads that are not whole, at the same time
     */
    public ArtifactStore(Path directory, long maxBytes, int maxUploads) {
        this.directory = directory;
        this.uploads = directory.resolve("uploads");
        this.maxBytes = maxBytes;
        this.maxUploads = maxUploads;
        try {
            Files.createDirectories(uploads);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot prepare the folder of artifacts " + uploads, e);
        }
    }

    /** @param size of the whole, as far as it is there */
    public record Progress(long size, boolean isWhole) {
        static final Progress NOTHING = new Progress(0, false);
    }

    public Progress progress(String sha256) {
        Path whole = file(sha256);
        try {
            if (Files.exists(whole)) {
                return new Progress(Files.size(whole), true);
            }
            Path part = uploads.resolve(sha256);
            return Files.exists(part) ? new Progress(Files.size(part), false) : Progress.NOTHING;
        } catch (NoSuchFileException completedMeanwhile) {
            return progress(sha256);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot look at artifact " + sha256, e);
        }
    }

    /** The whole file. */
    public Optional<Path> find(String sha256) {
        Path whole = file(sha256);
        return Sha256.isHash(sha256) && Files.exists(whole) ? Optional.of(whole) : Optional.empty();
    }

    /**
     * Appends a piece; when it was the last one, the whole is checked and gets its name.
     *
     * @param offset where the piece belongs: as much as is there, else {@code CONFLICT}
     * @param length of the whole
     * @throws Refusal REFUSED when the whole has another hash, and is thrown away; UNAVAILABLE when the disk is full, what was
     *     written until then stays
     */
    public Progress append(String sha256, long offset, long length, InputStream piece) {
        requireAllowed(sha256, offset, length);
        if (!busy.add(sha256)) {
            throw new Refusal(
                    ErrorCode.CONFLICT,
                    "artifact " + sha256 + " is being uploaded by another request; ask for its progress and try again");
        }
        try {
            Progress before = progress(sha256);
            if (before.isWhole()) {
                return before;
            }
            if (before.size() != offset) {
                throw new Refusal(
                        ErrorCode.CONFLICT,
                        "the piece of artifact " + sha256 + " begins at " + offset + ", " + before.size()
                                + " bytes are there; go on from there");
            }
            long size = write(sha256, offset, length, piece, UNTOLD);
            return size == length ? complete(sha256, length) : new Progress(size, false);
        } finally {
            busy.remove(sha256);
        }
    }

    private void requireAllowed(String sha256, long offset, long length) {
        if (!Sha256.isHash(sha256)) {
            throw new Refusal(
                    ErrorCode.INVALID, "an artifact is named by its SHA-256, 64 characters 0-9a-f, found another name");
        }
        if (length < 0 || length > maxBytes) {
            throw new Refusal(
                    ErrorCode.TOO_LARGE,
                    "artifact " + sha256 + " has " + length + " bytes, allowed are " + maxBytes
                            + "; raise artifact-max-bytes");
        }
        if (offset < 0 || offset > length) {
            throw new Refusal(
                    ErrorCode.INVALID, "a piece at " + offset + " of " + length + " bytes is outside of the artifact");
        }
        if (!Files.exists(uploads.resolve(sha256)) && partial().size() >= maxUploads) {
            throw new Refusal(
                    ErrorCode.RATE_LIMITED,
                    maxUploads
                            + " artifacts are being uploaded already, no more are allowed; complete some, or wait until"
                            + " they expire");
        }
    }

    /** Where what is written is promised to nobody until it is whole. */
    private static final LongConsumer UNTOLD = size -> {};

    private long write(String sha256, long offset, long length, InputStream piece, LongConsumer synced) {
        long size = offset;
        long told = offset;
        try (FileChannel channel =
                FileChannel.open(uploads.resolve(sha256), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.truncate(offset).position(offset);
            byte[] buffer = new byte[BUFFER];
            for (int read = read(piece, buffer); read >= 0; read = read(piece, buffer)) {
                if (size + read > length) {
                    Files.deleteIfExists(uploads.resolve(sha256));
                    throw new Refusal(
                            ErrorCode.INVALID,
                            "artifact " + sha256 + " was announced with " + length
                                    + " bytes and more came; it is thrown away");
                }
                ByteBuffer remaining = ByteBuffer.wrap(buffer, 0, read);
                while (remaining.hasRemaining()) {
                    size += channel.write(remaining);
                }
                if (synced != UNTOLD && size - told >= SYNC_EVERY) {
                    channel.force(true);
                    synced.accept(size);
                    told = size;
                }
            }
            if (size == length || synced != UNTOLD) {
                channel.force(true);
                synced.accept(size);
            }
            return size;
        } catch (IOException e) {
            throw cannotStore(sha256, e);
        }
    }

    /** A client that goes away has sent a shorter piece: what came is kept. */
    private static int read(InputStream piece, byte[] buffer) {
        try {
            return piece.read(buffer);
        } catch (IOException gone) {
            log.debug("an upload broke off: {}", gone.getMessage());
            return -1;
        }
    }

    private Progress complete(String sha256, long length) {
        Path part = uploads.resolve(sha256);
        Path whole = file(sha256);
        try {
            String found;
            try (InputStream in = Files.newInputStream(part)) {
                found = Sha256.of(in);
            }
            if (!found.equals(sha256)) {
                Files.delete(part);
                throw new Refusal(
                        ErrorCode.REFUSED,
                        "what was uploaded as artifact " + sha256 + " has the SHA-256 " + found
                                + " and is thrown away; upload it again");
            }
            Files.createDirectories(parent(whole));
            Files.move(part, whole, StandardCopyOption.ATOMIC_MOVE);
            sync(parent(whole));
            sync(directory);
            return new Progress(length, true);
        } catch (IOException e) {
            throw cannotStore(sha256, e);
        }
    }

    // ---- uploads of which nothing is known before they are whole

    /**
     * Writes a piece of an upload. What lies beyond its offset was promised to nobody, and goes.
     *
     * @param upload a UUID of whoever makes it
     * @param length of the whole; more is an {@code INVALID} piece, and the upload is thrown away
     * @param synced told how much is on disk: now and then, and at the end, be it an early one
     * @return bytes that are there
     * @throws Refusal UNAVAILABLE when the disk is full, what was told until then stays
     */
    public long write(String upload, long offset, long length, LongConsumer synced, InputStream piece) {
        requireUpload(upload);
        return write(upload, offset, length, piece, synced);
    }

    /** Whether so many bytes of an upload are there. */
    public boolean holds(String upload, long bytes) {
        requireUpload(upload);
        Path part = uploads.resolve(upload);
        try {
            return bytes == 0 || (Files.exists(part) && Files.size(part) >= bytes);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot look at the upload " + upload, e);
        }
    }

    /** The SHA-256 of what an upload has so far. */
    public String hash(String upload) {
        requireUpload(upload);
        try (InputStream in = Files.newInputStream(uploads.resolve(upload))) {
            return Sha256.of(in);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the upload " + upload, e);
        }
    }

    /** Gives an upload the name of its content; again is no error. @param sha256 from {@link #hash} */
    public void keep(String upload, String sha256) {
        requireUpload(upload);
        Path part = uploads.resolve(upload);
        Path whole = file(sha256);
        try {
            if (Files.exists(part)) {
                Files.createDirectories(parent(whole));
                Files.move(part, whole, StandardCopyOption.ATOMIC_MOVE);
                sync(parent(whole));
                sync(directory);
            } else if (!Files.exists(whole)) {
                throw new NoSuchFileException(part.toString());
            }
        } catch (IOException e) {
            throw cannotStore(sha256, e);
        }
    }

    /** One that is being written at this moment is left to {@link #expireUploads}. */
    public void discard(String upload) {
        requireUpload(upload);
        if (busy.add(upload)) {
            try {
                forget(upload);
            } finally {
                busy.remove(upload);
            }
        }
    }

    /** Within {@link #exclusively}. */
    public void forget(String upload) {
        requireUpload(upload);
        try {
            Files.deleteIfExists(uploads.resolve(upload));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove the upload " + upload, e);
        }
    }

    /** Runs what looks at an upload and then changes it: nobody else does meanwhile, else {@code CONFLICT}. */
    public <T> T exclusively(String upload, Supplier<T> task) {
        requireUpload(upload);
        if (!busy.add(upload)) {
            throw new Refusal(
                    ErrorCode.CONFLICT,
                    "upload " + upload + " is being written by another request; ask for its offset and try again");
        }
        try {
            return task.get();
        } finally {
            busy.remove(upload);
        }
    }

    private static void requireUpload(String upload) {
        if (!UPLOAD.matcher(upload).matches()) {
            throw new IllegalArgumentException(
                    "an upload is named by a UUID, found " + upload.length() + " characters");
        }
    }

    private Refusal cannotStore(String sha256, IOException e) {
        log.warn("artifact {} cannot be stored in {}", sha256, directory, e);
        long free = freeBytes();
        return new Refusal(
                ErrorCode.UNAVAILABLE,
                "artifact " + sha256 + " cannot be stored: " + e.getMessage() + "; "
                        + (free < 0 ? "" : free + " bytes are free where artifacts lie; ")
                        + "make room, then go on with the upload");
    }

    /** Where the files lie; -1 when that is not known. */
    public long freeBytes() {
        try {
            return Files.getFileStore(directory).getUsableSpace();
        } catch (IOException unknown) {
            return -1;
        }
    }

    /** Runs what relies on artifacts to be there: none is removed meanwhile. */
    public <T> T whileKept(Supplier<T> task) {
        removal.readLock().lock();
        try {
            return task.get();
        } finally {
            removal.readLock().unlock();
        }
    }

    /**
     * Removes whole files.
     *
     * @param needed asked once, with all of them, when nothing can become needed any more: those that stay
     * @return bytes that were freed
     */
    public long remove(Set<String> hashes, Function<Set<String>, Set<String>> needed) {
        removal.writeLock().lock();
        try {
            Set<String> stay = needed.apply(hashes);
            long freed = 0;
            for (String sha256 : hashes) {
                Path whole = file(sha256);
                if (!stay.contains(sha256) && Files.exists(whole)) {
                    long size = Files.size(whole);
                    Files.delete(whole);
                    freed += size;
                }
            }
            return freed;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove artifacts from " + directory, e);
        } finally {
            removal.writeLock().unlock();
        }
    }

    /** Removes uploads that nobody went on with. */
    public int expireUploads(Instant now, Duration life) {
        int expired = 0;
        for (Path part : partial()) {
            String sha256 = part.getFileName().toString();
            if (busy.add(sha256)) {
                try {
                    if (Files.exists(part) && isOlder(part, now, life)) {
                        Files.delete(part);
                        expired++;
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException("cannot remove the upload " + part, e);
                } finally {
                    busy.remove(sha256);
                }
            }
        }
        return expired;
    }

    /** Whole files that are older: uploaded, and perhaps never published. */
    public List<String> wholeOlderThan(Instant now, Duration age) {
        List<String> found = new ArrayList<>();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(directory, "[0-9a-f][0-9a-f]")) {
            for (Path folder : folders) {
                try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
                    for (Path file : files) {
                        String name = file.getFileName().toString();
                        if (Sha256.isHash(name) && isOlder(file, now, age)) {
                            found.add(name);
                        }
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list the artifacts in " + directory, e);
        }
        return found;
    }

    private List<Path> partial() {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(uploads)) {
            files.forEach(found::add);
            return found;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list the uploads in " + uploads, e);
        }
    }

    private static boolean isOlder(Path file, Instant now, Duration age) throws IOException {
        return Files.getLastModifiedTime(file).toInstant().isBefore(now.minus(age));
    }

    private Path file(String sha256) {
        return Sha256.isHash(sha256)
                ? directory.resolve(sha256.substring(0, 2)).resolve(sha256)
                : uploads.resolve("none");
    }

    private static Path parent(Path file) {
        Path parent = file.getParent();
        if (parent == null) {
            throw new IllegalArgumentException(file + " is in no folder");
        }
        return parent;
    }

    private static void sync(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}

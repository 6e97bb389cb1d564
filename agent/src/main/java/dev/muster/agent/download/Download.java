package dev.muster.agent.download;

import dev.muster.agent.budget.Bandwidth;
import dev.muster.agent.budget.HeavyWork;
import dev.muster.protocol.delta.DamagedDeltaException;
import dev.muster.protocol.delta.DeltaPatch;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Fetches a file over HTTPS until it is whole: goes on where it was cut, also after a restart, and takes it for the file only
 * when size and SHA-256 are right. What is there of it lies beside it as {@code .part}, never larger than the file may be.
 *
 * <p>It takes the file packed where the server has it so ({@code .zst.part}), or what makes it from another one that is there ({@code .delta.part});
 * whatever goes wrong with these, the file is fetched as it is.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9110#section-14">RFC 9110, range requests</a>
 */
public final class Download {
    private static final int CHUNK = 1 << 14;
    private static final int CONNECT_MILLIS = 30_000;
    private static final int READ_MILLIS = 60_000;
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);
    private static final Duration BUSY = Duration.ofSeconds(5);
    /** Bytes per second that the downloads of this asset's site may take together. */
    private static final String RATE = "muster-bytes-per-second";

    private static final System.Logger LOG = System.getLogger(Download.class.getName());
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18}|\\*)");
    /** Worth another try, by RFC 9110 and 6585. */
    private static final Set<Integer> PASSING = Set.of(408, 425, 429, 500, 502, 503, 504);

    private final URI server;
    private final Supplier<SSLSocketFactory> tls;
    private final Bandwidth bandwidth;
    private final HeavyWork heavyWork;
    private final Bounds bounds;
    private final Pause pause;

    /**
     * @param maxBytes of a file whose size is not told
     * @param reserveBytes that stay free on the disk
     * @param maxFailures one after another without a new byte
     * @param maxWrong how often the whole file may turn out to be another one
     */
    public record Bounds(long maxBytes, long reserveBytes, int maxFailures, int maxWrong) {
        public static Bounds usual() {
            return new Bounds(8L << 30, 64L << 20, 10, 2);
        }
    }

    /** Lets time pass between two tries. */
    @FunctionalInterface
    public interface Pause {
        void pause(Duration duration) throws InterruptedException;
    }

    /**
     * @param sha256 lower-case hexadecimal
     * @param size in bytes, where it is told
     */
    public record Source(URI url, String sha256, @Nullable Long size) {}

    /** A file that is there, and named by its SHA-256: what differs from it is fetched rather than the whole. */
    private record Delta(Path base, String sha256, URI url) {}

    /**
     * @param server to which addresses without scheme are relative
     * @param tls with the asset's certificate, asked anew for each connection, since it is renewed
     */
    public Download(
            URI server,
            Supplier<SSLSocketFactory> tls,
            Bandwidth bandwidth,
            HeavyWork heavyWork,
            Bounds bounds,
            Pause pause) {
        this.server = server;
        this.tls = tls;
        this.bandwidth = bandwidth;
        this.heavyWork = heavyWork;
        this.bounds = bounds;
        this.pause = pause;
    }

    /**
     * Returns when the file is at its place, whole and synced.
     *
     * @param percent is told how far it is; of a file of unknown size nothing
     * @param cancelled is asked often; what is there then stays for another time
     * @return why it is not there; empty when it is
     */
    public Optional<String> fetch(Source source, Path to, IntConsumer percent, BooleanSupplier cancelled)
            throws InterruptedException {
        return fetch(source, Optional.empty(), to, percent, cancelled);
    }

    /** @param base a file like the wanted one, named by its SHA-256 */
    public Optional<String> fetch(
            Source source, Optional<Path> base, Path to, IntConsumer percent, BooleanSupplier cancelled)
            throws InterruptedException {
        Source absolute = new Source(server.resolve(source.url()), source.sha256(), source.size());
        try {
            Attempt attempt = new Attempt(absolute, to, percent, cancelled);
            if (base.isPresent() && Unpacker.IS_THERE && !attempt.hasBegun()) {
                patch(absolute, base.get(), to, percent, cancelled);
            }
            return attempt.run();
        } catch (IOException e) {
            return Optional.of("file " + to + " cannot be written: " + e);
        }
    }

    /** Does what it can; whether the file is there then is looked at by whoever fetches the whole otherwise. */
    private void patch(Source source, Path base, Path to, IntConsumer percent, BooleanSupplier cancelled)
            throws IOException, InterruptedException {
        Path delta = to.resolveSibling(to.getFileName() + ".delta");
        Path made = to.resolveSibling(to.getFileName() + ".made");
        if (source.size() == null || !roomFor(source.size(), to)) {
            return;
        }
        URI url = URI.create(source.url() + "/from/" + base.getFileName());
        Attempt attempt = new Attempt(new Source(url, "", null), delta, percent, cancelled);
        attempt.isDelta = true;
        attempt.most = source.size() / 2;
        Optional<String> problem = attempt.run();
        try {
            if (problem.isEmpty()) {
                DeltaPatch.apply(base, delta, made, source.sha256());
                Files.move(made, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } else if (cancelled.getAsBoolean()) {
                return; // goes on another time
            }
        } catch (DamagedDeltaException | IOException | LinkageError | RuntimeException e) {
            problem = Optional.of(e.toString());
        }
        Files.deleteIfExists(made);
        Files.deleteIfExists(delta);
        Files.deleteIfExists(attempt.part);
        problem.ifPresent(why -> LOG.log(System.Logger.Level.INFO, "{0} is fetched whole: {1}", source.url(), why));
    }

    private boolean roomFor(long bytes, Path to) throws IOException {
        Path folder = to.toAbsolutePath().getParent();
        return Files.getFileStore(folder == null ? to : folder).getUsableSpace() >= bytes + bounds.reserveBytes();
    }

    /** What came of one connection. */
    private sealed interface Outcome {
        record Whole() implements Outcome {}

        /** @param asked as the server asked for; zero when it did not */
        record Again(String why, Duration asked) implements Outcome {}

        record Hopeless(String why) implements Outcome {}
    }

    private final class Attempt {
        private final Source source;
        private final Path to;
        private final Path part;
        private final Path packedPart;
        private final IntConsumer percent;
        private final BooleanSupplier cancelled;
        private final MessageDigest digest = sha256();
        private long have;
        /** What is fetched is the file packed, and lies in {@link #packedPart}. */
        private boolean isPacked;
        /** Whether the server may send it so. */
        private boolean mayBePacked;
        /** What is fetched is known by nothing but its length: whoever uses it looks. */
        private boolean isDelta;
        /** Of a delta, in bytes. */
        private long most;

        Attempt(Source source, Path to, IntConsumer percent, BooleanSupplier cancelled) {
            this.source = source;
            this.to = to;
            this.part = to.resolveSibling(to.getFileName() + ".part");
            this.packedPart = to.resolveSibling(to.getFileName() + ".zst.part");
            this.mayBePacked = source.size() != null && Unpacker.IS_THERE;
            this.percent = percent;
            this.cancelled = cancelled;
        }

        /** Some of it is there, as it is or packed. */
        boolean hasBegun() {
            return Files.exists(to) || Files.exists(part) || Files.exists(packedPart);
        }

        Optional<String> run() throws IOException, InterruptedException {
            if (isDelta) {
                Files.deleteIfExists(to);
            } else if (Files.exists(to)) {
                if (hash(to).equals(source.sha256())) {
                    return Optional.empty();
                }
                Files.delete(to);
            }
            resume();
            int failures = 0;
            int wrong = 0;
            while (true) {
                if (!waitForRoom()) {
                    return Optional.of("it is not wanted any more");
                }
                long before = have;
                Outcome outcome = isWhole() ? new Outcome.Whole() : once();
                switch (outcome) {
                    case Outcome.Hopeless(String why) -> {
                        return Optional.of(why);
                    }
                    case Outcome.Again(String why, Duration asked) -> {
                        failures = have > before ? 1 : failures + 1;
                        if (failures > bounds.maxFailures()) {
                            return Optional.of(why + ", " + failures + " times");
                        }
                        if (cancelled.getAsBoolean()) {
                            return Optional.of("it is not wanted any more");
                        }
                        pause.pause(longer(asked, backoff(failures)));
                    }
                    case Outcome.Whole()
                    when isDelta -> {
                        moveIntoPlace();
                        return Optional.empty();
                    }
                    case Outcome.Whole() when isPacked -> unpack();
                    case Outcome.Whole() -> {
                        String found = HexFormat.of().formatHex(digest.digest());
                        if (found.equals(source.sha256())) {
                            moveIntoPlace();
                            return Optional.empty();
                        }
                        if (++wrong > bounds.maxWrong()) {
                            drop();
                            return Optional.of(source.url() + " is another file: its SHA-256 is " + found
                                    + ", expected is " + source.sha256());
                        }
                        drop();
                    }
                }
            }
        }

        /** What an earlier attempt left is hashed, and goes on; more than the file can have is none of it. */
        private void resume() throws IOException, InterruptedException {
            if (!Files.exists(part)) {
                isPacked = mayBePacked && Files.exists(packedPart);
                have = isPacked ? Files.size(packedPart) : 0;
                return;
            }
            if (Files.size(part) > limit()) {
                Files.delete(part);
                return;
            }
            try (InputStream in = Files.newInputStream(part)) {
                byte[] buffer = new byte[CHUNK];
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    digest.update(buffer, 0, n);
                    have += n;
                }
            }
        }

        private boolean isWhole() {
            return !isPacked && source.size() != null && have == source.size();
        }

        private long limit() {
            return isDelta ? most : source.size() == null ? bounds.maxBytes() : source.size();
        }

        /** What is packed is believed when the file comes of it; else it is fetched as it is. */
        private void unpack() throws IOException {
            try {
                Unpacker.unpack(packedPart, part, Objects.requireNonNull(source.size()), digest);
                Files.delete(packedPart);
                isPacked = false;
                have = source.size();
                return;
            } catch (IOException | LinkageError e) {
                LOG.log(System.Logger.Level.INFO, "{0} is fetched as it is: {1}", source.url(), e);
            }
            drop();
            isPacked = false;
            mayBePacked = false;
        }

        /** Waits while the machine has more important things to do; false when the file is not wanted any more. */
        private boolean waitForRoom() throws InterruptedException {
            while (!heavyWork.allowed()) {
                if (cancelled.getAsBoolean()) {
                    return false;
                }
                pause.pause(BUSY);
            }
            return !cancelled.getAsBoolean();
        }

        private Outcome once() throws IOException, InterruptedException {
            Optional<String> full = noSpace();
            if (full.isPresent()) {
                return new Outcome.Again(full.get(), Duration.ZERO);
            }
            HttpURLConnection connection = null;
            try {
                connection = (HttpURLConnection) source.url().toURL().openConnection();
                return ask(connection);
            } catch (WriteFailure e) {
                throw e.cause;
            } catch (IOException e) {
                return new Outcome.Again(source.url().getHost() + " cannot be read: " + e, Duration.ZERO);
            } finally {
                if (connection != null) {
                    connection.disconnect();
                }
            }
        }

        private Optional<String> noSpace() throws IOException {
            long needed = (source.size() == null ? 0 : source.size() - have) + bounds.reserveBytes();
            Path folder = to.toAbsolutePath().getParent();
            long free = Files.getFileStore(folder == null ? to : folder).getUsableSpace();
            return free >= needed
                    ? Optional.empty()
                    : Optional.of("the disk of " + to + " has " + free + " bytes free, " + needed + " are needed");
        }

        private Outcome ask(HttpURLConnection connection) throws IOException, InterruptedException {
            if (connection instanceof HttpsURLConnection https) {
                https.setSSLSocketFactory(tls.get());
            }
            connection.setConnectTimeout(CONNECT_MILLIS);
            connection.setReadTimeout(READ_MILLIS);
            connection.setUseCaches(false);
            connection.setRequestProperty(
                    "Accept-Encoding", isPacked || (mayBePacked && have == 0) ? "zstd" : "identity");
            if (have > 0) {
                connection.setRequestProperty("Range", "bytes=" + have + "-");
            }
            int status = connection.getResponseCode();
            return switch (status) {
                case 200 -> {
                    drop();
                    isPacked = mayBePacked && comesPacked(connection);
                    yield receive(connection);
                }
                case 206 ->
                    continues(connection) && isPacked == comesPacked(connection)
                            ? receive(connection)
                            : startOver("answered with another range");
                case 416 -> startOver("has not more than " + have + " bytes");
                default ->
                    PASSING.contains(status)
                            ? new Outcome.Again(source.url().getHost() + " answered " + status, retryAfter(connection))
                            : new Outcome.Hopeless(source.url().getHost() + " answered " + status);
            };
        }

        private static boolean comesPacked(HttpURLConnection connection) {
            return "zstd".equalsIgnoreCase(connection.getHeaderField("Content-Encoding"));
        }

        private boolean continues(HttpURLConnection connection) {
            String header = connection.getHeaderField("Content-Range");
            Matcher range = CONTENT_RANGE.matcher(header == null ? "" : header);
            return range.matches()
                    && Long.parseLong(range.group(1)) == have
                    && (isPacked
                            || source.size() == null
                            || range.group(3).equals("*")
                            || Long.parseLong(range.group(3)) == source.size());
        }

        private Outcome startOver(String why) throws IOException {
            boolean hadSome = have > 0;
            drop();
            isPacked = false;
            return hadSome
                    ? new Outcome.Again(source.url().getHost() + " " + why, Duration.ZERO)
                    : new Outcome.Hopeless(source.url().getHost() + " " + why);
        }

        private Outcome receive(HttpURLConnection connection) throws IOException, InterruptedException {
            long announced = connection.getContentLengthLong();
            if (announced >= 0 && have + announced > limit()) {
                return new Outcome.Hopeless(source.url() + " has " + (have + announced) + " bytes, " + expected());
            }
            long end = announced >= 0 ? have + announced : -1;
            Path into = isPacked ? packedPart : part;
            long size = !isPacked && source.size() != null ? source.size() : end;
            Bandwidth allowed = allowed(connection);
            try (InputStream in = connection.getInputStream();
                    FileChannel out = FileChannel.open(into, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
                byte[] buffer = new byte[CHUNK];
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    if (have + n > limit()) {
                        return new Outcome.Hopeless(source.url() + " has more bytes than expected, " + expected());
                    }
                    allowed.take(n);
                    take(buffer, n, out, size);
                    if (!waitForRoom()) {
                        return new Outcome.Again("stopped", Duration.ZERO);
                    }
                }
            }
            long whole = size >= 0 ? size : have;
            return have == whole
                    ? new Outcome.Whole()
                    : new Outcome.Again(
                            source.url().getHost() + " ended after " + have + " of " + whole + " bytes", Duration.ZERO);
        }

        private String expected() {
            return source.size() == null
                    ? "at most " + bounds.maxBytes() + " are allowed"
                    : source.size() + " are expected";
        }

        /** What the server allows; a cache on the way that knows it only by this header may send faster. */
        private static Bandwidth allowed(HttpURLConnection connection) {
            return new Bandwidth(Math.max(0, connection.getHeaderFieldLong(RATE, 0)), System::nanoTime);
        }

        /** @param size of all that comes; -1 when it is not known */
        private void take(byte[] buffer, int n, FileChannel out, long size) throws WriteFailure, InterruptedException {
            bandwidth.take(n);
            try {
                ByteBuffer chunk = ByteBuffer.wrap(buffer, 0, n);
                while (chunk.hasRemaining()) {
                    out.write(chunk);
                }
            } catch (IOException e) {
                throw new WriteFailure(e);
            }
            if (!isPacked) {
                digest.update(buffer, 0, n);
            }
            have += n;
            if (size > 0) {
                percent.accept((int) (have * 100 / size));
            }
        }

        private void moveIntoPlace() throws IOException {
            try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(part, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }

        private void drop() throws IOException {
            Files.deleteIfExists(part);
            Files.deleteIfExists(packedPart);
            digest.reset();
            have = 0;
        }
    }

    /** Tells trouble of the own disk from trouble of the network. */
    private static final class WriteFailure extends IOException {
        private static final long serialVersionUID = 1L;
        private final transient IOException cause;

        WriteFailure(IOException cause) {
            super(cause);
            this.cause = cause;
        }
    }

    private static Duration retryAfter(HttpURLConnection connection) {
        long seconds = connection.getHeaderFieldLong("Retry-After", 0);
        return Duration.ofSeconds(Math.clamp(seconds, 0, LONGEST_PAUSE.toSeconds()));
    }

    private static Duration backoff(int failures) {
        Duration pause = Duration.ofSeconds(1L << Math.min(failures - 1, 9));
        return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    /** Of a file, lower-case hexadecimal. */
    public static String hash(Path file) throws IOException {
        MessageDigest digest = sha256();
        try (InputStream in = Files.newInputStream(file)) {
            byte[] buffer = new byte[CHUNK];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}

package dev.muster.agent.upload;

import dev.muster.agent.budget.Bandwidth;
import dev.muster.agent.budget.HeavyWork;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Sends a file over HTTPS until the server has the whole of it: goes on where it was cut, no faster than the asset may send. What
 * is appended meanwhile is left out; a file that changes otherwise is refused by its hash.
 *
 * @see <a href="https://tus.io/protocols/resumable-upload">tus 1.0</a>
 */
public final class Upload {
    private static final int CHUNK = 1 << 14;
    private static final int CONNECT_MILLIS = 30_000;
    private static final int READ_MILLIS = 60_000;
    private static final int MAX_PROBLEM_BYTES = 2_000;
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);
    private static final Duration BUSY = Duration.ofSeconds(5);
    /** Worth another try, by RFC 9110 and 6585; 409 is another offset, or our own piece that is still being written. */
    private static final Set<Integer> PASSING = Set.of(408, 409, 425, 429, 500, 502, 503, 504);

    private final URI server;
    private final Supplier<SSLSocketFactory> tls;
    private final Bandwidth bandwidth;
    private final HeavyWork heavyWork;
    private final int maxFailures;
    private final Pause pause;

    /** Lets time pass between two tries. */
    @FunctionalInterface
    public interface Pause {
        void pause(Duration duration) throws InterruptedException;
    }

    /**
     * @param tls with the asset's certificate, asked anew for each connection, since it is renewed
     * @param maxFailures one after another without a new byte
     */
    public Upload(
            URI server,
            Supplier<SSLSocketFactory> tls,
            Bandwidth bandwidth,
            HeavyWork heavyWork,
            int maxFailures,
            Pause pause) {
        this.server = server;
        this.tls = tls;
        this.bandwidth = bandwidth;
        this.heavyWork = heavyWork;
        this.maxFailures = maxFailures;
        this.pause = pause;
    }

    /** What came of it. */
    public sealed interface Result {
        /** @param file its id on the server */
        record Sent(String file, long size) implements Result {}

        record Failed(String why) implements Result {}
    }

    /**
     * Returns when the server has it, or does not want it.
     *
     * @param metadata by key, as docs/files.md has them
     */
    public Result send(Path file, Map<String, String> metadata) throws InterruptedException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            return new Attempt(channel, metadata).run();
        } catch (IOException e) {
            return new Result.Failed("file " + file + " cannot be read: " + e);
        }
    }

    /** What came of one request. */
    private sealed interface Step {
        record Whole(String file) implements Step {}

        record Going() implements Step {}

        /** @param asked as the server asked for; zero when it did not */
        record Again(String why, Duration asked) implements Step {}

        record Hopeless(String why) implements Step {}
    }

    private final class Attempt {
        private final FileChannel file;
        private final Map<String, String> metadata;
        private final long size;
        private final String digest;
        private @Nullable URI upload;
        private long offset;

        Attempt(FileChannel file, Map<String, String> metadata) throws IOException {
            this.file = file;
            this.metadata = metadata;
            this.size = file.size();
            this.digest = digest();
        }

        Result run() throws IOException, InterruptedException {
            int failures = 0;
            while (true) {
                while (!heavyWork.allowed()) {
                    pause.pause(BUSY);
                }
                long before = offset;
                URI known = upload;
                switch (failures > 0 && known != null ? ask(known) : next()) {
                    case Step.Whole(String id) -> {
                        return new Result.Sent(id, size);
                    }
                    case Step.Hopeless(String why) -> {
                        return new Result.Failed(why);
                    }
                    case Step.Going() -> failures = 0;
                    case Step.Again(String why, Duration asked) -> {
                        failures = offset > before ? 1 : failures + 1;
                        if (failures > maxFailures) {
                            return new Result.Failed(why + ", " + failures + " times");
                        }
                        Duration wait = backoff(failures);
                        pause.pause(asked.compareTo(wait) > 0 ? asked : wait);
                    }
                }
            }
        }

        private Step next() throws IOException, InterruptedException {
            URI known = upload;
            return known == null ? begin() : piece(known);
        }

        private Step begin() throws IOException, InterruptedException {
            return exchange(server.resolve("/v1/files"), connection -> {
                connection.setRequestMethod("POST");
                connection.setRequestProperty("Upload-Length", Long.toString(size));
                connection.setRequestProperty("Upload-Metadata", encoded(metadata));
                connection.setRequestProperty("Repr-Digest", digest);
                connection.setFixedLengthStreamingMode(0);
                connection.setDoOutput(true);
                connection.getOutputStream().close();
                String location = connection.getResponseCode() == 201 ? connection.getHeaderField("Location") : null;
                if (location == null) {
                    return refused(connection);
                }
                upload = server.resolve(location);
                String whole = connection.getHeaderField("Muster-File");
                return whole == null ? new Step.Going() : new Step.Whole(whole);
            });
        }

        /** After a cut: how far the server is. */
        private Step ask(URI known) throws IOException, InterruptedException {
            return exchange(known, connection -> {
                connection.setRequestMethod("HEAD");
                int status = connection.getResponseCode();
                if (status == 404 || status == 410) {
                    upload = null;
                    offset = 0;
                    return new Step.Going();
                }
                return status == 200 ? at(connection) : refused(connection);
            });
        }

        private Step piece(URI known) throws IOException, InterruptedException {
            return exchange(known, connection -> {
                connection.setRequestMethod("POST");
                connection.setRequestProperty("X-HTTP-Method-Override", "PATCH");
                connection.setRequestProperty("Content-Type", "application/offset+octet-stream");
                connection.setRequestProperty("Upload-Offset", Long.toString(offset));
                connection.setFixedLengthStreamingMode(size - offset);
                connection.setDoOutput(true);
                try (OutputStream out = connection.getOutputStream()) {
                    write(out);
                }
                return connection.getResponseCode() == 204 ? at(connection) : refused(connection);
            });
        }

        private void write(OutputStream out) throws IOException, InterruptedException {
            ByteBuffer buffer = ByteBuffer.allocate(CHUNK);
            for (long at = offset; at < size; ) {
                buffer.clear().limit((int) Math.min(CHUNK, size - at));
                int n = file.read(buffer, at);
                if (n < 0) {
                    throw new IOException("the file has become shorter");
                }
                bandwidth.take(n);
                out.write(buffer.array(), 0, n);
                at += n;
            }
        }

        private Step at(HttpURLConnection connection) {
            offset = Math.clamp(connection.getHeaderFieldLong("Upload-Offset", 0), 0L, size);
            String whole = connection.getHeaderField("Muster-File");
            return whole == null ? new Step.Going() : new Step.Whole(whole);
        }

        /** {@code Repr-Digest}, of as much as there is now. */
        private String digest() throws IOException {
            MessageDigest sha256 = sha256();
            file.position(0);
            InputStream in = Channels.newInputStream(file); // not closed: it is the channel
            byte[] buffer = new byte[CHUNK];
            for (long left = size; left > 0; ) {
                int n = in.read(buffer, 0, (int) Math.min(CHUNK, left));
                if (n < 0) {
                    throw new IOException("the file has become shorter");
                }
                sha256.update(buffer, 0, n);
                left -= n;
            }
            return "sha-256=:" + Base64.getEncoder().encodeToString(sha256.digest()) + ":";
        }
    }

    private interface Talk {
        Step over(HttpURLConnection connection) throws IOException, InterruptedException;
    }

    private Step exchange(URI where, Talk talk) throws IOException, InterruptedException {
        HttpURLConnection connection = (HttpURLConnection) where.toURL().openConnection();
        try {
            if (connection instanceof HttpsURLConnection https) {
                https.setSSLSocketFactory(tls.get());
            }
            connection.setConnectTimeout(CONNECT_MILLIS);
            connection.setReadTimeout(READ_MILLIS);
            connection.setUseCaches(false);
            connection.setRequestProperty("Tus-Resumable", "1.0.0");
            return talk.over(connection);
        } catch (IOException e) {
            return new Step.Again(where.getHost() + " cannot be written to: " + e, Duration.ZERO);
        } finally {
            connection.disconnect();
        }
    }

    private static Step refused(HttpURLConnection connection) throws IOException {
        int status = connection.getResponseCode();
        String why = connection.getURL().getHost() + " answered " + status + problem(connection);
        if (!PASSING.contains(status)) {
            return new Step.Hopeless(why);
        }
        long seconds = connection.getHeaderFieldLong("Retry-After", 0);
        return new Step.Again(why, Duration.ofSeconds(Math.clamp(seconds, 0, LONGEST_PAUSE.toSeconds())));
    }

    /** In the server's words, which are for people. */
    private static String problem(HttpURLConnection connection) throws IOException {
        try (InputStream body = connection.getErrorStream()) {
            return body == null ? "" : ": " + new String(body.readNBytes(MAX_PROBLEM_BYTES), StandardCharsets.UTF_8);
        }
    }

    private static String encoded(Map<String, String> metadata) {
        return metadata.entrySet().stream()
                .map(entry -> entry.getKey() + " "
                        + Base64.getEncoder().encodeToString(entry.getValue().getBytes(StandardCharsets.UTF_8)))
                .collect(Collectors.joining(","));
    }

    private static Duration backoff(int failures) {
        Duration wait = Duration.ofSeconds(1L << Math.min(failures - 1, 9));
        return wait.compareTo(LONGEST_PAUSE) < 0 ? wait : LONGEST_PAUSE;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}

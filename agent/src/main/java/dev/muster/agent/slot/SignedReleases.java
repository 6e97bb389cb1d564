package dev.muster.agent.slot;

import dev.muster.agent.desired.Wanted;
import dev.muster.protocol.tuf.MetadataRefusedException;
import dev.muster.protocol.tuf.MetadataSource;
import dev.muster.protocol.tuf.TargetFile;
import dev.muster.protocol.tuf.UpdateClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLSocketFactory;

/**
 * Lets only versions through that a trusted role of the release metadata has signed for: whoever holds the server, but not the
 * keys, cannot install anything. What is believed goes back to one root, that of the settings or else the first that the server
 * has shown over its verified connection; it is kept on disk, and no other is believed ever after.
 */
final class SignedReleases implements AppWorld.Trust {
    private static final int TRIES = 5;
    private static final int TIMEOUT_MILLIS = 30_000;
    /** For one file; a server that lets it drip would otherwise hold a check up for ever. */
    private static final Duration LONGEST = Duration.ofMinutes(15);

    private static final int CHUNK = 8_192;

    private final Path directory;
    private final Optional<String> rootSha256;
    private final String hardware;
    private final MetadataSource source;
    private final Clock clock;
    private final Pause pause;

    @FunctionalInterface
    interface Pause {
        void pause(Duration duration) throws InterruptedException;
    }

    /**
     * @param rootSha256 of the root that is trusted, lower-case hexadecimal; empty for the first that the server shows
     * @param hardware of this asset; empty where it is not known
     */
    SignedReleases(
            Path directory,
            Optional<String> rootSha256,
            String hardware,
            MetadataSource source,
            Clock clock,
            Pause pause) {
        this.directory = directory;
        this.rootSha256 = rootSha256;
        this.hardware = hardware;
        this.source = source;
        this.clock = clock;
        this.pause = pause;
    }

    @Override
    public synchronized String begin() throws IOException {
        try {
            return client().begin();
        } catch (MetadataRefusedException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private UpdateClient client() throws IOException {
        UpdateClient client = UpdateClient.in(directory, source, clock);
        return rootSha256.isPresent() ? client.pinRoot(rootSha256.get()) : client;
    }

    /** One component after another: what is believed is kept in files. */
    @Override
    public synchronized Optional<String> problem(String component, Wanted wanted) throws InterruptedException {
        if (wanted.target() == null) {
            return Optional.of("the desired state names no target, and this asset installs only signed releases");
        }
        IOException last = new IOException("not asked");
        for (int attempt = 0; attempt < TRIES; attempt++) {
            if (attempt > 0) {
                pause.pause(Duration.ofSeconds(1L << attempt));
            }
            try {
                return check(component, wanted, wanted.target());
            } catch (MetadataRefusedException e) {
                return Optional.of("the release metadata does not vouch for it: " + e.getMessage());
            } catch (IOException e) {
                last = e;
            }
        }
        return Optional.of("the release metadata cannot be had: " + last.getMessage());
    }

    private Optional<String> check(String component, Wanted wanted, String target)
            throws IOException, MetadataRefusedException {
        UpdateClient client = client();
        client.refresh();
        TargetFile file = client.find(target);
        file.requireFits(component, wanted.version(), hardware);
        if (!file.sha256().equals(wanted.sha256())) {
            return Optional.of("the release metadata signs for " + target + " with the SHA-256 " + file.sha256()
                    + ", the desired state wants " + wanted.sha256());
        }
        boolean sameLength = wanted.size() == null || wanted.size() == file.length();
        return sameLength
                ? Optional.empty()
                : Optional.of("the release metadata signs for " + target + " with " + file.length()
                        + " bytes, the desired state wants " + wanted.size());
    }

    /** Files below a URL that ends with a slash. */
    static MetadataSource below(URI base, Supplier<SSLSocketFactory> tls) {
        return below(base, tls, LONGEST);
    }

    /** @param longest that one file may take */
    static MetadataSource below(URI base, Supplier<SSLSocketFactory> tls, Duration longest) {
        return (file, maxBytes) -> {
            HttpURLConnection connection =
                    (HttpURLConnection) base.resolve(file).toURL().openConnection();
            try {
                if (connection instanceof HttpsURLConnection https) {
                    https.setSSLSocketFactory(tls.get());
                }
                connection.setConnectTimeout(TIMEOUT_MILLIS);
                connection.setReadTimeout(TIMEOUT_MILLIS);
                return read(connection, file, maxBytes, longest);
            } finally {
                connection.disconnect();
            }
        };
    }

    private static Optional<byte[]> read(HttpURLConnection connection, String file, int maxBytes, Duration longest)
            throws IOException {
        long began = System.nanoTime();
        int status = connection.getResponseCode();
        if (status == 404) {
            return Optional.empty();
        }
        if (status != 200) {
            throw new IOException(connection.getURL().getHost() + " answered " + status + " for " + file);
        }
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        InputStream in = connection.getInputStream();
        byte[] chunk = new byte[CHUNK];
        for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
            content.write(chunk, 0, read);
            if (content.size() > maxBytes) {
                throw new IOException(file + " has more than " + maxBytes + " bytes");
            }
            if (System.nanoTime() - began > longest.toNanos()) {
                throw new IOException(file + " did not come whole within " + longest.toSeconds() + " s");
            }
        }
        return Optional.of(content.toByteArray());
    }
}

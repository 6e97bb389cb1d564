package dev.muster.simulator.enrol;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Fetches an artifact with an asset's certificate, verifies it and keeps nothing of it. */
public final class ArtifactClient {
    private static final Duration TIMEOUT = Duration.ofMinutes(5);
    /** More than any artifact of a simulated fleet; a server that never ends is refused. */
    private static final long MAX_BYTES = 4L << 30;

    private ArtifactClient() {}

    /**
     * @param url absolute, or relative to the device HTTPS address
     * @param sha256 lower-case hexadecimal; null when nobody said
     * @param size in bytes; null when nobody said
     * @return null when the artifact is what it should be, else what was wrong
     */
    public static @Nullable String fetch(
            URI device, AssetIdentity identity, @Nullable String url, @Nullable String sha256, @Nullable Long size)
            throws InterruptedException {
        if (url == null) {
            return "the desired state names no url";
        }
        try (HttpClient http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(20))
                .sslContext(TlsTrust.trusting(identity.cas(), identity))
                .build()) {
            HttpResponse<InputStream> answer = http.send(
                    HttpRequest.newBuilder(device.resolve(url)).timeout(TIMEOUT).build(), BodyHandlers.ofInputStream());
            try (InputStream body = answer.body()) {
                return answer.statusCode() == 200
                        ? verified(body, sha256, size)
                        : "the download answered " + answer.statusCode();
            }
        } catch (IOException | IllegalArgumentException e) {
            return "the download broke off: "
                    + (e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
        }
    }

    private static @Nullable String verified(InputStream body, @Nullable String sha256, @Nullable Long size)
            throws IOException {
        MessageDigest digest = sha256();
        long most = size == null ? MAX_BYTES : size;
        long bytes = 0;
        byte[] buffer = new byte[64 * 1024];
        for (int read = body.read(buffer); read >= 0 && bytes <= most; read = body.read(buffer)) {
            digest.update(buffer, 0, read);
            bytes += read;
        }
        if (bytes > most || (size != null && bytes < size)) {
            return "the artifact has " + (bytes > most ? "more than " + most : String.valueOf(bytes)) + " bytes, "
                    + most + " were expected";
        }
        String found = HexFormat.of().formatHex(digest.digest());
        return sha256 == null || sha256.equals(found)
                ? null
                : "the artifact has the SHA-256 " + found + ", not " + sha256;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}

package dev.muster.testing;

import dev.muster.main.MusterServer;
import dev.muster.main.SettingsCatalog;
import dev.muster.platform.config.Settings;
import dev.muster.platform.testing.TestDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;

/** The whole server in this process: free ports, a data directory of its own, a database of its own. */
public final class TestServer implements AutoCloseable {
    private final Path directory;
    private final MusterServer server;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build();

    private TestServer(Path directory, MusterServer server) {
        this.directory = directory;
        this.server = server;
    }

    public static TestServer start() {
        return start(Map.of());
    }

    /** @param settings by key, over those that a test needs */
    public static TestServer start(Map<String, String> settings) {
        return start(temporaryFolder(), settings);
    }

    /** @param directory that the server has from now on, and that is deleted with it */
    public static TestServer start(Path directory, Map<String, String> settings) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("data-dir", directory.toString());
        all.put("http-listen", "127.0.0.1:0");
        all.put("mqtt-listen", "127.0.0.1:0");
        all.put("device-listen", "127.0.0.1:0");
        if (!settings.containsKey("db-url")) {
            all.put("db-url", TestDatabase.freshUrl());
        }
        all.putAll(settings);
        try {
            return new TestServer(directory, MusterServer.start(Settings.of(SettingsCatalog.ALL, all)));
        } catch (RuntimeException e) {
            delete(directory);
            throw e;
        }
    }

    public String url() {
        return server.httpUrl();
    }

    public Path directory() {
        return directory;
    }

    public <T> T bean(Class<T> type) {
        return server.bean(type);
    }

    /** The secret of the first administrator. */
    public String adminToken() {
        try {
            return Files.readString(directory.resolve("admin.token")).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the first administrator's token", e);
        }
    }

    /** A request of the first administrator, to be completed and given to {@link #send}. */
    public HttpRequest.Builder adminRequest(String path) {
        return request(path).header("Authorization", "Bearer " + adminToken());
    }

    /** GET without a token. */
    public HttpResponse<String> get(String path) {
        return send(request(path).GET());
    }

    /** A request to a path, to be completed and given to {@link #send}. */
    public HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(url() + path)).timeout(Duration.ofSeconds(30));
    }

    public HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for an answer", e);
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
        server.close();
        delete(directory);
    }

    private static Path temporaryFolder() {
        try {
            return Files.createTempDirectory("muster-test-server");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make a data directory", e);
        }
    }

    private static void delete(Path folder) {
        try (var paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + folder, e);
        }
    }
}

package dev.muster.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.gateway.journal.EntryKind;
import dev.muster.gateway.journal.Journal;
import dev.muster.ingest.Ingest;
import dev.muster.ingest.JournalProbe;
import dev.muster.main.SettingsCatalog;
import dev.muster.platform.config.DataDirectory;
import dev.muster.platform.config.Settings;
import dev.muster.platform.config.SettingsReader;
import dev.muster.platform.error.StartRefusal;
import dev.muster.platform.postgres.Database;
import dev.muster.platform.testing.TestDatabase;
import dev.muster.telemetry.store.TelemetryStore;
import dev.muster.testing.TestServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A backup taken from a server under load, and what is made of it. */
class BackupTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final long NOW = System.currentTimeMillis() / 1000 * 1000;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static TestServer server;

    @SuppressWarnings("NullAway.Init")
    private static byte[] backup;

    /** Acknowledged before the backup was asked for. */
    private static final Set<Long> BEFORE = new TreeSet<>();

    private static final Set<Long> EVER = new TreeSet<>();

    @BeforeAll
    static void backUpUnderLoad() throws Exception {
        server = TestServer.start();
        assertThat(post("/api/v1/assets", "{\"id\":\"truck-1\",\"type\":\"vehicle\",\"labels\":{\"site\":\"a\"}}"))
                .isEqualTo(201);
        Files.writeString(server.directory().resolve("artifacts").resolve("some"), "an artifact");
        say(0, 200);
        server.bean(Ingest.class).awaitCaughtUp(Duration.ofSeconds(30));
        say(200, 50); // some of which the stores lack
        BEFORE.addAll(EVER);
        AtomicBoolean enough = new AtomicBoolean();
        Thread load = Thread.ofPlatform().start(() -> {
            for (int i = 250; !enough.get(); i++) {
                say(i, 1);
            }
        });
        Path file = folder.resolve("backup.tar");
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<Path> answer = http.send(
                    server.adminRequest("/api/v1/backups")
                            .POST(BodyPublishers.noBody())
                            .build(),
                    HttpResponse.BodyHandlers.ofFile(file));
            assertThat(answer.statusCode())
                    .as(Files.readString(file, StandardCharsets.ISO_8859_1))
                    .isEqualTo(200);
        }
        enough.set(true);
        load.join();
        backup = Files.readAllBytes(file);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static synchronized void say(int first, int count) {
        for (int i = first; i < first + count; i++) {
            long ts = NOW - 3_000_000 + i * 100L;
            try {
                JournalProbe.say(
                        server.bean(Journal.class),
                        "truck-1",
                        EntryKind.TELEMETRY,
                        "{\"ts\":%d,\"values\":{\"speed\":%d}}".formatted(ts, i));
            } catch (Exception e) {
                throw new AssertionError(e);
            }
            EVER.add(ts);
        }
    }

    @Test
    void aServerOnTheRestoredDirectoryHasEverythingOnce() throws Exception {
        Path directory = Files.createTempDirectory("muster-restored");
        String url = TestDatabase.emptyUrl();
        Restoration.Result result = restore(backup, directory, url);
        assertThat(result.external()).isTrue();
        assertThat(result.files()).isGreaterThan(20);
        try (TestServer restored = TestServer.start(directory, Map.of("db-url", url))) {
            assertThat(restored.adminToken()).isEqualTo(server.adminToken());
            assertThat(restored.bean(Ingest.class).awaitCaughtUp(Duration.ofSeconds(30)))
                    .isTrue();
            restored.bean(TelemetryStore.class).awaitReadable(Duration.ofSeconds(30));
            List<Long> found = readings(restored);
            assertThat(found).doesNotHaveDuplicates().containsAll(BEFORE);
            assertThat(EVER).containsAll(found);
            assertThat(get(restored, "/api/v1/assets/truck-1")
                            .at("/labels/site")
                            .asString())
                    .isEqualTo("a");
            assertThat(Files.readString(directory.resolve("artifacts/some"))).isEqualTo("an artifact");
            assertThat(directory.resolve(".checkpoint/db")).doesNotExist();

            // and it goes on: what comes now gets places of its own in the journal
            JournalProbe.say(
                    restored.bean(Journal.class),
                    "truck-1",
                    EntryKind.TELEMETRY,
                    "{\"ts\":%d,\"values\":{\"speed\":1}}".formatted(NOW));
            restored.bean(Ingest.class).awaitCaughtUp(Duration.ofSeconds(30));
            restored.bean(TelemetryStore.class).awaitReadable(Duration.ofSeconds(30));
            assertThat(readings(restored)).hasSize(found.size() + 1).contains(NOW);
            assertThat(post(restored, "/api/v1/assets", "{\"id\":\"truck-2\",\"type\":\"vehicle\"}"))
                    .as("a sequence does not begin again")
                    .isEqualTo(201);
        }
    }

    @Test
    void aBackupIsListedAuditedAndKnownToReadiness() {
        JsonNode newest = get(server, "/api/v1/backups").get(0);
        assertThat(newest.get("outcome").asString()).isEqualTo("done");
        assertThat(newest.get("bytes").asLong()).isPositive().isLessThanOrEqualTo(backup.length);
        assertThat(get(server, "/api/v1/audit?action=backup.create")
                        .at("/items/0/objectName")
                        .asString())
                .isEqualTo(newest.get("id").asString());
        assertThat(get(server, "/api/v1/readiness").toString())
                .contains("\"name\":\"backup\"", "the last backup ended");
    }

    @Test
    void whatWasDoneToABackupIsFound() throws Exception {
        assertThat(Restoration.check(new ByteArrayInputStream(backup)).files()).isGreaterThan(20);

        refused(changed(name -> name.startsWith("data/pki/") ? null : name, bytes -> bytes), "is missing");
        refused(
                changed(name -> name, bytes -> {
                    bytes[bytes.length / 2] ^= 1;
                    return bytes;
                }),
                "was altered");
        refused(
                changed(name -> name.equals("data/artifacts/some") ? "data/artifacts/other" : name, b -> b),
                "is missing");
        refused(changed(name -> name.equals("SHA256SUMS") ? null : name, bytes -> bytes), "it is torn");
        refused(Arrays.copyOf(backup, backup.length / 2), "torn");
        refused(Arrays.copyOf(backup, 700), "torn");
        refused("no backup at all".getBytes(StandardCharsets.UTF_8), "begin with");
        refused(
                changed(name -> name.equals("data/artifacts/some") ? "data/../../some" : name, bytes -> bytes),
                "has no place");
    }

    @Test
    void theBackupOfANewerMusterIsRefused() throws Exception {
        refused(
                header(
                        "{\"format\":2,\"schema\":\"092\",\"createdAt\":\"2026-11-25T00:00:00Z\",\"database\":\"embedded\"}"),
                "format 2");
        refused(
                header(
                        "{\"format\":1,\"schema\":\"999\",\"createdAt\":\"2026-11-25T00:00:00Z\",\"database\":\"embedded\"}"),
                "the schema 999");
    }

    @Test
    void nothingIsRestoredIntoADirectoryThatHoldsSomething() throws Exception {
        Path directory = Files.createDirectory(folder.resolve("mine"));
        Files.writeString(directory.resolve("diary"), "dear diary");
        assertThatThrownBy(() -> restore(backup, directory, TestDatabase.emptyUrl()))
                .hasMessageContaining("is not empty, it holds diary");
        assertThat(directory.resolve("diary")).exists();
    }

    @Test
    void aRestoreThatFailsLeavesNothing() throws Exception {
        Path directory = folder.resolve("fails");
        assertThatThrownBy(() -> restore(backup, directory, TestDatabase.freshUrl()))
                .isInstanceOf(BackupDamaged.class)
                .hasMessageContaining("is not empty, it has");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void noServerStartsWhereARestoreDidNotEnd() throws Exception {
        Path directory = Files.createDirectory(folder.resolve("half"));
        Files.createFile(directory.resolve(Restoration.UNFINISHED));
        assertThatThrownBy(() -> Restoration.requireFinished(new DataDirectory(directory)))
                .isInstanceOf(StartRefusal.class)
                .hasMessageContaining("restore again");
    }

    @Test
    void onlyAdministratorsOfTheWholeFleetGetOne() {
        String token = JSON.readTree(send(server, "/api/v1/tokens", "{\"name\":\"op\",\"role\":\"operator\"}")
                        .body())
                .get("secret")
                .asString();
        assertThat(server.send(server.request("/api/v1/backups")
                                .header("Authorization", "Bearer " + token)
                                .POST(BodyPublishers.noBody()))
                        .statusCode())
                .isEqualTo(403);
    }

    private static void refused(byte[] archive, String why) {
        Path directory = folder.resolve("never");
        assertThatThrownBy(() -> restore(archive, directory, "jdbc:postgresql://127.0.0.1:1/nowhere"))
                .isInstanceOf(BackupDamaged.class)
                .hasMessageContaining(why);
        assertThat(directory).isEmptyDirectory();
        assertThatThrownBy(() -> Restoration.check(new ByteArrayInputStream(archive)))
                .hasMessageContaining(why);
    }

    private static Restoration.Result restore(byte[] archive, Path directory, String url) throws Exception {
        Settings settings = Settings.of(SettingsCatalog.ALL, Map.of("data-dir", directory.toString(), "db-url", url));
        DataDirectory target = new DataDirectory(settings.get(SettingsReader.DATA_DIR));
        return new Restoration(target).run(new ByteArrayInputStream(archive), () -> Database.open(settings, target));
    }

    /** @param rename null leaves the file out; of all, what is done to the bytes is done to the artifact only */
    private static byte[] changed(Function<String, @Nullable String> rename, Function<byte[], byte[]> artifact)
            throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (TarArchiveInputStream in = new TarArchiveInputStream(new ByteArrayInputStream(backup));
                TarArchiveOutputStream tar = new TarArchiveOutputStream(out)) {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                byte[] bytes = in.readAllBytes();
                String name = rename.apply(entry.getName());
                if (name != null) {
                    put(tar, name, entry.getName().equals("data/artifacts/some") ? artifact.apply(bytes) : bytes);
                }
            }
        }
        return out.toByteArray();
    }

    private static byte[] header(String json) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(out)) {
            put(tar, BackupHeader.FILE, json.getBytes(StandardCharsets.UTF_8));
        }
        return out.toByteArray();
    }

    private static void put(TarArchiveOutputStream tar, String name, byte[] bytes) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(bytes.length);
        tar.putArchiveEntry(entry);
        tar.write(bytes);
        tar.closeArchiveEntry();
    }

    private static List<Long> readings(TestServer of) {
        List<Long> found = new ArrayList<>();
        get(of, "/api/v1/assets/truck-1/telemetry?metrics=speed")
                .at("/series/0/points")
                .forEach(point -> found.add(point.get("ts").asLong()));
        return found;
    }

    private static JsonNode get(TestServer of, String path) {
        HttpResponse<String> answer = of.send(of.adminRequest(path).GET());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body());
    }

    private static int post(String path, String body) {
        return post(server, path, body);
    }

    private static int post(TestServer of, String path, String body) {
        return send(of, path, body).statusCode();
    }

    private static HttpResponse<String> send(TestServer of, String path, String body) {
        return of.send(
                of.adminRequest(path).header("Content-Type", "application/json").POST(BodyPublishers.ofString(body)));
    }
}

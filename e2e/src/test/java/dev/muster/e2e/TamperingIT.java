package dev.muster.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.protocol.tuf.Metadata;
import dev.muster.protocol.tuf.Metadata.MetaFile;
import dev.muster.protocol.tuf.MetadataReader;
import dev.muster.protocol.tuf.Sha256;
import dev.muster.protocol.tuf.SignedDocument;
import dev.muster.protocol.tuf.SigningKey;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.SecureRandom;
import java.security.spec.PKCS8EncodedKeySpec;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Somebody who holds the server, all of its files, its database and the keys that lie on it, tries to bring the real agent to install
 * what nobody released; and somebody who may publish tries the same at the server. The words are those of docs/releases.md. The agent
 * keeps what it believes, so the metadata comes first: what it has verified it does not ask for again.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class TamperingIT {
    private static final Duration LONG = Duration.ofMinutes(3);
    private static final String ROLE = "releases-app";
    private static final String INSERT =
            "insert into tuf_metadata (role, version, document, accepted_at, accepted_by) values (?, ?, ?, now(), 'somebody')";

    @TempDir
    static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static ServerProcess server;

    @SuppressWarnings("NullAway.Init")
    private static ReleaseWorkshop workshop;

    @SuppressWarnings("NullAway.Init")
    private static Box box;

    @SuppressWarnings("NullAway.Init")
    private static Path archive;

    /** Of the untouched repository. */
    private static final List<Row> ROWS = new ArrayList<>();

    /** Of snapshot and timestamp: an asset takes nothing that is not newer than what it believed, so each is a new one. */
    private static long version;

    private static int rollouts;

    private record Row(String role, long version, byte[] document) {}

    @BeforeAll
    static void start() throws Exception {
        server = new ServerProcess(folder.resolve("data"), Map.of(), List.of());
        server.start();
        CommandLine muster = new CommandLine(server, folder.resolve("cli"));
        workshop = new ReleaseWorkshop(muster, folder.resolve("releases"), "app");
        server.apply("""
                apiVersion: muster.dev/v1
                kind: Asset
                metadata: {name: box-1}
                spec: {type: linux-device, hardware: pc}
                """);
        workshop.publish("app", "1.0", workshop.application("1.0", "exec sleep 1000\n") + "=pc");
        box = new Box(server, server.mqtt(), folder, "box-1", "--release-root=" + workshop.root(), "--hardware=pc");
        box.agent().start();
        box.agent().awaitConnected();
        assertThat(outcome("1.0").path("state").asString()).isEqualTo("succeeded");
        archive = workshop.application("2.0", "exec sleep 1000\n");
        workshop.publish("app", "2.0", archive + "=pc");
        ROWS.addAll(rows());
        version = newest("timestamp").version();
    }

    @AfterAll
    static void stop() throws Exception {
        try (ServerProcess ending = server;
                Box first = box) {
            assertThat(ending).isNotNull();
            assertThat(first).isNotNull();
        }
    }

    /** As the server does when it signs again: what it gives out is newer than what anybody has forged. */
    @AfterEach
    void putBack() throws Exception {
        store(ROWS);
        nameInSnapshot(newest(ROLE).document(), timestamp(1).expires());
    }

    @Test
    @Order(5)
    void anAlteredArtifactIsRefused() throws Exception {
        byte[] good = Files.readAllBytes(archive);
        String sha256 = Sha256.of(good);
        byte[] bad = good.clone();
        bad[bad.length / 2] ^= 1;

        byte[] other = "never uploaded".getBytes(StandardCharsets.UTF_8);
        String others = Sha256.of(other);
        other[0] ^= 1;
        HttpResponse<String> upload = server.exchange(
                "PATCH",
                "/api/v1/artifacts/" + others,
                "application/octet-stream",
                other,
                Map.of("Upload-Offset", "0", "Upload-Length", Integer.toString(other.length)));
        byServer("alters an artifact on its way up", upload, "has the SHA-256", "is thrown away; upload it again");

        Path stored = server.dataDirectory()
                .resolve("artifacts")
                .resolve(sha256.substring(0, 2))
                .resolve(sha256);
        Files.write(stored, bad);
        byAsset("alters an artifact in the store", "is another file: its SHA-256 is", "expected is " + sha256);
        Files.write(
                stored, (new String(good, StandardCharsets.ISO_8859_1) + "x").getBytes(StandardCharsets.ISO_8859_1));
        byAsset("makes it longer", "has " + (good.length + 1) + " bytes, " + good.length + " are expected");
        Files.write(stored, good);
    }

    @Test
    @Order(1)
    void alteredMetadataIsRefused() throws Exception {
        byte[] altered = altered(newest(ROLE).document());
        byServer(
                "alters metadata",
                publish(altered),
                "releases-app.json is not signed by the keys",
                "the metadata was altered after signing");

        replace(ROLE, altered);
        byAsset("alters metadata in the database", "releases-app.json has the SHA-256", "snapshot.json says");

        nameInSnapshot(altered, timestamp(1).expires());
        byAsset(
                "alters metadata, and signs snapshot and timestamp with the server's own keys",
                "releases-app.json is not signed by the keys that targets.json delegates to",
                "the metadata was altered after signing");

        putBack();
        insert("timestamp", altered(signed(timestamp(++version), own("timestamp"))));
        byAsset("alters the timestamp", "timestamp.json is not signed by", "the metadata was altered after signing");
    }

    @Test
    @Order(4)
    void oldMetadataIsNotTakenAgain() throws Exception {
        byte[] old = ROWS.stream()
                .filter(row ->
                        row.role().equals(ROLE) && row.version() == newest(ROLE).version() - 1)
                .findFirst()
                .orElseThrow()
                .document();
        byServer(
                "replays old metadata",
                publish(old),
                "releases-app.json has version",
                "it is a replay, or somebody published meanwhile");

        replace(ROLE, altered(newest(ROLE).document()));
        byAsset("has the newest timestamp, and altered metadata", "snapshot.json says");
        store(ROWS);
        byAsset(
                "replays an old timestamp",
                "timestamp.json has version " + newest("timestamp").version() + ", version " + version
                        + " was believed before: an older one is replayed");
    }

    @Test
    @Order(2)
    void metadataOfAnotherKeyIsRefused() throws Exception {
        SigningKey stranger = SigningKey.generate(new SecureRandom());
        Metadata.Targets targets =
                MetadataReader.targets(SignedDocument.parse(newest(ROLE).document(), ROLE));
        Metadata.Targets next =
                new Metadata.Targets(targets.version() + 1, targets.expires(), targets.files(), targets.delegations());
        byServer(
                "signs with another key",
                publish(signed(next, stranger)),
                "0 good signatures of its keys",
                "it is signed by other keys");

        byte[] forged = signed(targets, stranger);
        replace(ROLE, forged);
        nameInSnapshot(forged, timestamp(1).expires());
        byAsset(
                "signs a release with another key, snapshot and timestamp with the server's own",
                "releases-app.json is not signed by the keys that targets.json delegates to",
                "it is signed by other keys");

        putBack();
        insert("timestamp", signed(timestamp(++version), stranger));
        byAsset(
                "signs the timestamp with another key",
                "timestamp.json is not signed by",
                "it is signed by other keys");
    }

    @Test
    @Order(3)
    void expiredMetadataIsRefused() throws Exception {
        Instant past = Instant.now().minusSeconds(60).truncatedTo(ChronoUnit.SECONDS);
        Metadata.Targets targets =
                MetadataReader.targets(SignedDocument.parse(newest(ROLE).document(), ROLE));
        Metadata.Targets next =
                new Metadata.Targets(targets.version() + 1, past, targets.files(), targets.delegations());
        byServer(
                "publishes metadata that is over",
                publish(signed(next, key(workshop.keys().resolve(ROLE + ".key")))),
                "releases-app.json of version " + next.version() + " expired at " + past);

        nameInSnapshot(newest(ROLE).document(), past);
        byAsset(
                "holds newer metadata back until the timestamp is over",
                "timestamp.json of version " + version + " expired at " + past,
                "newer metadata is held back, or the clock is wrong");
    }

    @Test
    @Order(6)
    void theSameReleaseIsInstalledWhenNobodyHasTouchedIt() throws Exception {
        assertThat(outcome("2.0").path("state").asString()).isEqualTo("succeeded");
        assertThat(twin().at("/reported/software/app").asString()).isEqualTo("2.0");
    }

    // --- who refuses

    private static void byServer(String what, HttpResponse<String> answer, String... words) throws Exception {
        assertThat(answer.statusCode()).as(answer.body()).isBetween(400, 499);
        String detail =
                ServerProcess.JSON.readTree(answer.body()).path("detail").asString();
        System.out.println("tampering | " + what + " | server | " + detail);
        assertThat(detail).contains(words);
        assertThat(rows().stream()
                        .filter(row -> row.role().equals(ROLE))
                        .mapToLong(Row::version)
                        .max())
                .as("nothing of it is stored")
                .hasValue(newest(ROLE).version());
    }

    /** Rolls 2.0 out: the asset has to refuse, the version before it runs on, and the rollout shows the words. */
    private static void byAsset(String what, String... words) throws Exception {
        JsonNode update = outcome("2.0");
        String reason = update.path("reason").asString("");
        System.out.println("tampering | " + what + " | agent | " + reason);
        assertThat(update.path("state").asString()).as(what + ": " + update).isEqualTo("failed");
        assertThat(reason).as(what).contains(words);
        assertThat(twin().at("/reported/software/app").asString()).isEqualTo("1.0");
        String rollout = "tampering-" + rollouts;
        JsonNode target = Await.until(
                "the rollout has judged its target",
                LONG,
                () -> Optional.of(server.get("/api/v1/rollouts/" + rollout + "/targets")
                                .at("/items/0"))
                        .filter(it -> it.path("stage").asString().equals("failed")));
        assertThat(target.path("detail").asString())
                .isEqualTo(reason.substring(0, Math.min(300, reason.length())) + "; runs 1.0 again");
        server.post("/api/v1/rollouts/" + rollout + "/abort", Map.of());
    }

    private static JsonNode outcome(String version) throws Exception {
        String name = "tampering-" + ++rollouts;
        server.apply("""
                apiVersion: muster.dev/v1
                kind: Rollout
                metadata: {name: %s}
                spec:
                  selector: asset.id == 'box-1'
                  change: {release: {component: app, version: "%s"}}
                  soak: 1s
                  failures: {threshold: 10%%, then: pause}
                  withoutRollbackTarget: allow
                """.formatted(name, version));
        server.post("/api/v1/rollouts/" + name + "/start", Map.of());
        return Await.until(name + " has an outcome; see " + box.agent().log(), LONG, () -> {
            JsonNode update = twin().at("/reported/updates/app");
            return Optional.of(update)
                    .filter(it -> it.path("attempt").asString("").startsWith(name + "."))
                    .filter(it -> List.of("succeeded", "failed", "rolled_back")
                            .contains(it.path("state").asString("")));
        });
    }

    private static JsonNode twin() throws Exception {
        return server.get("/api/v1/assets/box-1/twin");
    }

    // --- what somebody does who holds the server

    private static HttpResponse<String> publish(byte[] document) throws Exception {
        String body = ServerProcess.JSON.writeValueAsString(
                Map.of("metadata", Map.of(ROLE, new String(document, StandardCharsets.UTF_8))));
        return server.exchange(
                "POST", "/api/v1/tuf", "application/json", body.getBytes(StandardCharsets.UTF_8), Map.of());
    }

    /** One digit of a number or a hash is another one; it is still of the form of its role. */
    private static byte[] altered(byte[] document) {
        String text = new String(document, StandardCharsets.UTF_8);
        int at = text.lastIndexOf("\"sha256\"");
        int digit = text.indexOf('"', text.indexOf(':', at)) + 1;
        char other = text.charAt(digit) == '0' ? '1' : '0';
        return (text.substring(0, digit) + other + text.substring(digit + 1)).getBytes(StandardCharsets.UTF_8);
    }

    /**
     * A newer snapshot and a newer timestamp that go with the document, signed with the server's own keys.
     *
     * @param expires of the timestamp
     */
    private static void nameInSnapshot(byte[] document, Instant expires) throws Exception {
        Metadata.Snapshot known =
                MetadataReader.snapshot(SignedDocument.parse(newest("snapshot").document(), "snapshot.json"));
        Map<String, MetaFile> files = new TreeMap<>(known.files());
        files.put(ROLE, MetaFile.of(newest(ROLE).version(), document));
        byte[] snapshot = signed(new Metadata.Snapshot(++version, known.expires(), files), own("snapshot"));
        insert("snapshot", snapshot);
        Metadata.Timestamp timestamp = new Metadata.Timestamp(
                version, expires, expires.minus(Duration.ofDays(7)), MetaFile.of(version, snapshot));
        insert("timestamp", signed(timestamp, own("timestamp")));
    }

    private static byte[] signed(Metadata metadata, SigningKey key) {
        return SignedDocument.sign(metadata.signed(), "forged", List.of(key)).bytes();
    }

    /** The untouched one with another version. */
    private static Metadata.Timestamp timestamp(long version) throws Exception {
        Metadata.Timestamp known = MetadataReader.timestamp(
                SignedDocument.parse(newest("timestamp").document(), "timestamp.json"));
        return new Metadata.Timestamp(version, known.expires(), known.issued(), known.snapshot());
    }

    /** They lie beside their passphrase: whoever has the data directory has them. */
    private static SigningKey own(String role) throws Exception {
        Path data = server.dataDirectory();
        return key(data.resolve("releases/" + role + ".key"), "-passin", "file:" + data.resolve("pki/passphrase"));
    }

    private static SigningKey key(Path file, String... more) throws Exception {
        List<String> command = new ArrayList<>(List.of("openssl", "pkey", "-in", file.toString(), "-outform", "DER"));
        command.addAll(List.of(more));
        Process openssl = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        byte[] pkcs8 = openssl.getInputStream().readAllBytes();
        assertThat(openssl.waitFor()).isZero();
        return SigningKey.of(KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(pkcs8)));
    }

    /** Of the untouched repository. */
    private static Row newest(String role) {
        return ROWS.stream()
                .filter(row -> row.role().equals(role))
                .reduce((one, other) -> one.version() > other.version() ? one : other)
                .orElseThrow();
    }

    private static List<Row> rows() throws Exception {
        try (Connection database = server.database();
                PreparedStatement select = database.prepareStatement(
                        "select role, version, document from tuf_metadata order by role, version");
                ResultSet found = select.executeQuery()) {
            List<Row> rows = new ArrayList<>();
            while (found.next()) {
                rows.add(new Row(found.getString(1), found.getLong(2), found.getBytes(3)));
            }
            return rows;
        }
    }

    private static void replace(String role, byte[] document) throws Exception {
        try (Connection database = server.database();
                PreparedStatement update = database.prepareStatement(
                        "update tuf_metadata set document = ? where role = ? and version = ?")) {
            update.setBytes(1, document);
            update.setString(2, role);
            update.setLong(3, newest(role).version());
            assertThat(update.executeUpdate()).isEqualTo(1);
        }
    }

    /** As the newest of its role. */
    private static void insert(String role, byte[] document) throws Exception {
        try (Connection database = server.database();
                PreparedStatement insert = database.prepareStatement(INSERT)) {
            insert.setString(1, role);
            insert.setLong(2, version);
            insert.setBytes(3, document);
            insert.executeUpdate();
        }
    }

    private static void store(List<Row> rows) throws Exception {
        try (Connection database = server.database()) {
            database.setAutoCommit(false);
            try (PreparedStatement clear = database.prepareStatement("delete from tuf_metadata");
                    PreparedStatement insert = database.prepareStatement(INSERT)) {
                clear.executeUpdate();
                for (Row row : rows) {
                    insert.setString(1, row.role());
                    insert.setLong(2, row.version());
                    insert.setBytes(3, row.document());
                    insert.addBatch();
                }
                insert.executeBatch();
            }
            database.commit();
        }
    }
}

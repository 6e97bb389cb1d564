package dev.muster.agent.slot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.agent.desired.Wanted;
import dev.muster.agent.testing.Artifact;
import dev.muster.protocol.tuf.Metadata;
import dev.muster.protocol.tuf.Metadata.MetaFile;
import dev.muster.protocol.tuf.Metadata.TopRole;
import dev.muster.protocol.tuf.MetadataSource;
import dev.muster.protocol.tuf.RoleKeys;
import dev.muster.protocol.tuf.Sha256;
import dev.muster.protocol.tuf.SignedDocument;
import dev.muster.protocol.tuf.SigningKey;
import dev.muster.protocol.tuf.TargetFile;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SignedReleasesTest {
    private static final String TARGET = "app/1.5.0/app.tar.gz";
    private static final String HASH = Sha256.of("the artifact".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    private static final Wanted WANTED =
            new Wanted("1.5.0", "r-1", TARGET, URI.create("https://muster.example/a"), HASH, 12L);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @SuppressWarnings("NullAway.Init")
    private Artifact server;

    private SigningKey key = SigningKey.generate(new SecureRandom());
    private final List<Duration> pauses = new ArrayList<>();

    @SuppressWarnings("NullAway.Init")
    private URI metadata;

    @SuppressWarnings("NullAway.Init")
    private String root;

    @BeforeEach
    void serve() throws IOException {
        server = new Artifact();
        publish(key);
    }

    private void publish(SigningKey with) throws IOException {
        key = with;
        Instant later = Instant.now().plus(Duration.ofDays(1));
        Map<TopRole, RoleKeys> roles = new EnumMap<>(TopRole.class);
        for (TopRole role : TopRole.values()) {
            roles.put(role, RoleKeys.of(key.publicKey()));
        }
        SignedDocument rootFile = sign(new Metadata.Root(1, later, roles), "root.json");
        TargetFile.Custom custom =
                new TargetFile.Custom(TargetFile.Kind.ARTIFACT, "app", "1.5.0", List.of("rpi4"), "", Map.of());
        SignedDocument targets = sign(
                new Metadata.Targets(1, later, Map.of(TARGET, new TargetFile(TARGET, 12, HASH, custom)), List.of()),
                "targets.json");
        SignedDocument snapshot =
                sign(new Metadata.Snapshot(1, later, Map.of("targets", MetaFile.of(1, targets))), "snapshot.json");
        SignedDocument timestamp =
                sign(new Metadata.Timestamp(1, later, Instant.now(), MetaFile.of(1, snapshot)), "timestamp.json");
        root = Sha256.of(rootFile.bytes());
        server.put("tuf/root.json", rootFile.bytes());
        server.put("tuf/1.root.json", rootFile.bytes());
        server.put("tuf/1.targets.json", targets.bytes());
        server.put("tuf/1.snapshot.json", snapshot.bytes());
        metadata = server.put("tuf/timestamp.json", timestamp.bytes()).resolve(".");
    }

    private SignedDocument sign(Metadata what, String name) {
        return SignedDocument.sign(what.signed(), name, List.of(key));
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void whatIsSignedForMayBeInstalled() throws Exception {
        assertThat(releases(root, "rpi4").problem("app", WANTED)).isEmpty();
        assertThat(releases(root, "rpi4").problem("app", WANTED)).isEmpty();
    }

    @Test
    void whatIsNotSignedForMayNot() throws Exception {
        SignedReleases releases = releases(root, "rpi4");
        assertThat(releases.problem("app", wanted("1.5.0", TARGET, "0".repeat(64), 12L)))
                .contains("the release metadata signs for " + TARGET + " with the SHA-256 " + HASH
                        + ", the desired state wants " + "0".repeat(64));
        assertThat(releases.problem("app", wanted("1.5.0", TARGET, HASH, 13L)).orElseThrow())
                .contains("12 bytes, the desired state wants 13");
        assertThat(releases.problem("app", wanted("1.6.0", TARGET, HASH, 12L)).orElseThrow())
                .contains("wanted is an artifact of app@1.6.0");
        assertThat(releases.problem("other", WANTED).orElseThrow()).contains("wanted is an artifact of other@1.5.0");
        assertThat(releases.problem("app", wanted("1.5.0", "app/1.5.0/evil", HASH, 12L))
                        .orElseThrow())
                .contains("no trusted role has signed for");
        assertThat(releases.problem("app", wanted("1.5.0", null, HASH, 12L)).orElseThrow())
                .startsWith("the desired state names no target");
        assertThat(releases(root, "x86").problem("app", WANTED).orElseThrow()).contains("is for the hardware rpi4");
    }

    @Test
    void anotherRootIsNotBelieved() throws Exception {
        assertThat(releases("0".repeat(64), "rpi4").problem("app", WANTED))
                .contains(
                        "the release metadata does not vouch for it: the server has no root.json with the pinned SHA-256 "
                                + "0".repeat(64));
        assertThat(pauses).isEmpty();
    }

    @Test
    void withoutAPinTheFirstRootIsTheOneForEver() throws Exception {
        SignedReleases releases = unpinned();
        assertThat(releases.begin()).isEqualTo(root);
        assertThat(releases.problem("app", WANTED)).isEmpty();
        // The server is taken over, and shows a root of its own, which signs for everything.
        SigningKey thief = SigningKey.generate(new SecureRandom());
        publish(thief);
        assertThat(root).isNotEqualTo(unpinned().begin());
        assertThat(unpinned().problem("app", WANTED).orElseThrow())
                .startsWith("the release metadata does not vouch for it: ");
        assertThat(pauses).isEmpty();
    }

    @Test
    void aPinWhoseRootWasLostWithThePowerHolds() throws Exception {
        String first = unpinned().begin();
        Files.delete(directory.resolve("unpinned/root.json"));
        assertThat(unpinned().begin()).isEqualTo(first);
        Files.delete(directory.resolve("unpinned/root.json"));
        publish(SigningKey.generate(new SecureRandom()));
        assertThatThrownBy(() -> unpinned().begin())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("the server has no root.json with the pinned SHA-256 " + first);
    }

    @Test
    void asLongAsTheServerHasNoRootNothingIsInstalled() throws Exception {
        SignedReleases releases = new SignedReleases(
                directory.resolve("empty"),
                Optional.empty(),
                "rpi4",
                source(metadata.resolve("nothing/")),
                Clock.systemUTC(),
                pauses::add);
        assertThatThrownBy(releases::begin)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("nobody has set up the signing of releases yet");
        assertThat(releases.problem("app", WANTED).orElseThrow())
                .contains("nobody has set up the signing of releases yet");
    }

    private SignedReleases unpinned() {
        return new SignedReleases(
                directory.resolve("unpinned"),
                Optional.empty(),
                "rpi4",
                source(metadata),
                Clock.systemUTC(),
                pauses::add);
    }

    @Test
    void aServerThatIsAwayIsAskedAgainSomeTimes() throws Exception {
        URI nowhere = metadata;
        server.close();
        SignedReleases releases = new SignedReleases(
                directory.resolve("other"), Optional.of(root), "rpi4", source(nowhere), Clock.systemUTC(), pauses::add);
        assertThat(releases.problem("app", WANTED).orElseThrow()).startsWith("the release metadata cannot be had: ");
        assertThat(pauses).hasSize(4).startsWith(Duration.ofSeconds(2), Duration.ofSeconds(4));
    }

    @Test
    void metadataWithoutEndIsGivenUp() {
        server.misbehave.add(SignedReleasesTest::withoutEnd);
        assertThatThrownBy(() -> source(metadata).fetch("timestamp.json", 100_000))
                .isInstanceOf(IOException.class)
                .hasMessage("timestamp.json has more than 100000 bytes");
    }

    @Test
    void metadataThatDripsIsGivenUp() {
        server.misbehave.add(SignedReleasesTest::withoutEnd);
        MetadataSource impatient =
                SignedReleases.below(metadata, () -> (SSLSocketFactory) SSLSocketFactory.getDefault(), Duration.ZERO);
        assertThatThrownBy(() -> impatient.fetch("timestamp.json", 100_000))
                .isInstanceOf(IOException.class)
                .hasMessage("timestamp.json did not come whole within 0 s");
    }

    /** Until the client hangs up. */
    private static void withoutEnd(com.sun.net.httpserver.HttpExchange exchange, byte[] content, int from) {
        try {
            exchange.sendResponseHeaders(200, 0);
            while (true) {
                exchange.getResponseBody().write(content);
            }
        } catch (IOException hungUp) {
            exchange.close();
        }
    }

    private static Wanted wanted(
            String version, @org.jspecify.annotations.Nullable String target, String hash, long size) {
        return new Wanted(version, "r-1", target, URI.create("https://muster.example/a"), hash, size);
    }

    private SignedReleases releases(String pinned, String hardware) {
        return new SignedReleases(
                directory.resolve(pinned),
                Optional.of(pinned),
                hardware,
                source(metadata),
                Clock.systemUTC(),
                pauses::add);
    }

    private static MetadataSource source(URI base) {
        return SignedReleases.below(base, () -> (SSLSocketFactory) SSLSocketFactory.getDefault());
    }
}

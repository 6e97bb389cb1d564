package dev.muster.protocol.tuf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.muster.protocol.tuf.Metadata.TopRole;
import dev.muster.protocol.tuf.MetadataRefusedException.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An asset's client against a repository that somebody tampers with; the words are part of the contract. */
class UpdateClientTest {
    @TempDir
    private Path directory;

    private final TestRepository repository = TestRepository.complete(1);
    private Instant now = Instant.parse("2026-11-26T12:00:00Z");
    private UpdateClient client;

    @BeforeEach
    void open() throws IOException {
        client = client();
    }

    private UpdateClient client() throws IOException {
        return UpdateClient.in(directory.resolve("tuf"), repository, Clock.fixed(now, ZoneOffset.UTC));
    }

    @Test
    void findsWhatADelegatedRoleSignedAndVerifiesTheFile() throws Exception {
        client.refresh();

        TargetFile found = client.find(TestRepository.PATH);

        assertThat(found).isEqualTo(repository.file());
        found.requireFits("app", "1.5.0", "rpi4");
        found.verify(Files.write(directory.resolve("file"), TestRepository.CONTENT));
    }

    @Test
    void anAlteredArtifactIsRefused() throws Exception {
        client.refresh();
        TargetFile found = client.find(TestRepository.PATH);
        byte[] altered = TestRepository.CONTENT.clone();
        altered[3] ^= 1;

        assertThat(refusal(() -> found.verify(Files.write(directory.resolve("altered"), altered))))
                .isEqualTo("app/1.5.0/app.tar.gz has the SHA-256 " + Sha256.of(altered) + ", the signed metadata says "
                        + Sha256.of(TestRepository.CONTENT));
        assertThat(refusal(() -> found.verify(Files.write(directory.resolve("short"), new byte[3]))))
                .isEqualTo("app/1.5.0/app.tar.gz has 3 bytes, the signed metadata says 12");
    }

    @Test
    void whatIsForOtherHardwareOrAnotherVersionIsRefused() throws Exception {
        client.refresh();
        TargetFile found = client.find(TestRepository.PATH);

        assertThat(refusal(() -> found.requireFits("app", "1.5.0", "imx8")))
                .isEqualTo("app/1.5.0/app.tar.gz is for the hardware rpi4, this is imx8");
        assertThat(refusal(() -> found.requireFits("app", "1.6.0", "rpi4")))
                .isEqualTo(
                        "app/1.5.0/app.tar.gz is signed as artifact of app@1.5.0, wanted is an artifact of app@1.6.0");
    }

    @Test
    void whatNobodySignedForIsRefused() throws Exception {
        client.refresh();

        assertThat(refusal(() -> client.find("app/1.6.0/app.tar.gz")))
                .isEqualTo("no trusted role has signed for app/1.6.0/app.tar.gz: asked were releases-app, targets");
        assertThat(refusal(() -> client.find("os/1/os.img")))
                .isEqualTo("no trusted role has signed for os/1/os.img: asked were targets");
    }

    @Test
    void alteredMetadataIsRefused() throws Exception {
        repository.served.computeIfPresent("1.releases-app.json", (name, bytes) -> replaced(bytes, "1.5.0", "1.5.1"));
        client.refresh();

        assertThat(refusal(() -> client.find(TestRepository.PATH)))
                .startsWith("releases-app.json has the SHA-256 ")
                .contains(", snapshot.json says ");
    }

    @Test
    void aDelegatedFileSignedByAnotherKeyIsRefused() throws Exception {
        repository.add(
                TestRepository.APP,
                new Metadata.Targets(
                        2, now.plus(Duration.ofDays(9)), Map.of(TestRepository.PATH, repository.file()), List.of()),
                repository.stranger);
        repository.publish(2);
        client.refresh();

        assertThat(refusal(() -> client.find(TestRepository.PATH)))
                .isEqualTo(
                        "releases-app.json is not signed by the keys that targets.json delegates to: 0 good signatures of"
                                + " its keys [" + id(repository.app) + "], 1 needed; it is signed by other keys: ["
                                + id(repository.stranger) + "]");
    }

    @Test
    void unsignedMetadataIsRefused() throws Exception {
        repository.served.computeIfPresent(
                "timestamp.json",
                (name, bytes) -> new String(bytes, StandardCharsets.UTF_8)
                        .replaceAll("(?s)\"signatures\" : \\[.*?\\]", "\"signatures\" : []")
                        .getBytes(StandardCharsets.UTF_8));

        assertThat(refusal(client::refresh))
                .isEqualTo(
                        "timestamp.json is not signed by the timestamp keys of root version 1: 0 good signatures of its"
                                + " keys [" + id(repository.key(TopRole.TIMESTAMP)) + "], 1 needed");
    }

    @Test
    void anOldTimestampThatIsReplayedIsRefusedAlsoByTheNextProcess() throws Exception {
        byte[] old = repository.served("timestamp.json");
        repository.publish(2);
        client.refresh();
        repository.served.put("timestamp.json", old);

        assertThat(refusal(client()::refresh))
                .isEqualTo("timestamp.json has version 1, version 2 was believed before: an older one is replayed");
    }

    @Test
    void anOldTargetsFileUnderANewSnapshotIsRefused() throws Exception {
        Map<String, TargetFile> more = new HashMap<>(Map.of(TestRepository.PATH, repository.file()));
        repository.app(2, more);
        repository.publish(2);
        client.refresh();
        client.find(TestRepository.PATH);
        repository.app(1, more);
        repository.publish(3);

        assertThat(refusal(client()::refresh))
                .isEqualTo(
                        "releases-app.json in snapshot.json has version 1, version 2 was believed before: an older one is"
                                + " replayed");
    }

    @Test
    void aRoleThatVanishesFromTheSnapshotIsRefused() throws Exception {
        client.refresh();
        TestRepository other = new TestRepository(1);
        other.root(1, other.key(TopRole.ROOT));
        other.targets(1);
        other.publish(2);
        repository.served.putAll(other.served);

        assertThat(refusal(client()::refresh))
                .isEqualTo(
                        "snapshot.json does not list releases-app.json any more, which the snapshot believed before lists");
    }

    @Test
    void anExpiredTimestampIsRefused() throws Exception {
        now = Instant.parse("2026-12-02T12:00:00Z");

        assertThat(refusal(client()::refresh))
                .isEqualTo(
                        "timestamp.json of version 1 expired at 2026-12-02T12:00:00Z, it is 2026-12-02T12:00:00Z: newer"
                                + " metadata is held back, or the clock is wrong");
    }

    @Test
    void aClockThatStartsIn1970DoesNotMakeAnExpiredTimestampGood() throws Exception {
        byte[] old = repository.served("timestamp.json");
        repository.issued = Instant.parse("2026-12-20T12:00:00Z");
        repository.publish(2);
        now = Instant.parse("2026-12-20T13:00:00Z");
        client().refresh();
        // a stolen timestamp key could sign a new version, but an old one is held against the time that was learned
        repository.served.put("timestamp.json", old);
        Files.delete(directory.resolve("tuf/timestamp.json"));
        now = Instant.EPOCH;

        assertThat(refusal(client()::refresh))
                .startsWith("timestamp.json of version 1 expired at 2026-12-02T12:00:00Z, it is 2026-12-20T12:00:00Z");
    }

    @Test
    void piecesOfTwoStatesAreRefused() throws Exception {
        byte[] first = repository.served("1.snapshot.json");
        repository.targets(2);
        repository.publish(2);
        repository.served.put("2.snapshot.json", first);

        assertThat(refusal(client::refresh)).startsWith("snapshot.json has ").contains("timestamp.json says ");
    }

    @Test
    void aNewRootMustBeSignedByTheOldOne() throws Exception {
        client.refresh();
        SigningKey before = repository.key(TopRole.ROOT);
        repository.keys.put(TopRole.ROOT, repository.stranger);
        repository.root(2, repository.stranger);

        assertThat(refusal(client()::refresh))
                .isEqualTo("2.root.json is not signed by root of version 1: 0 good signatures of its keys ["
                        + id(before) + "], 1 needed; it is signed by other keys: [" + id(repository.stranger) + "]");
        repository.root(2, repository.stranger, before);
        client().refresh();
        assertThat(Files.readAllBytes(directory.resolve("tuf/root.json"))).isEqualTo(repository.served("2.root.json"));
    }

    @Test
    void aRootSaysItsOwnVersion() throws Exception {
        client.refresh();
        repository.served.put("2.root.json", repository.served("1.root.json"));

        assertThat(refusal(client()::refresh)).isEqualTo("2.root.json has version 1, after 1 comes 2");
    }

    @Test
    void aRootThatReplacesTheTimestampKeyIsTheWayOutOfAStolenOne() throws Exception {
        repository.publish(1_000_000);
        client.refresh();
        repository.keys.put(TopRole.TIMESTAMP, repository.key());
        repository.keys.put(TopRole.SNAPSHOT, repository.key());
        repository.root(2, repository.key(TopRole.ROOT));
        repository.publish(3);

        client = client();
        client.refresh();

        assertThat(client.trusted().orElseThrow().timestamp().orElseThrow().version())
                .isEqualTo(3);
    }

    @Test
    void onlyThePinnedRootIsWhereTrustBegins() throws Exception {
        String pin = Sha256.of(repository.served("1.root.json"));
        repository.root(2, repository.key(TopRole.ROOT));
        client.pinRoot(pin).refresh();
        assertThat(client.find(TestRepository.PATH)).isEqualTo(repository.file());

        String other = "0".repeat(64);
        assertThat(refusal(() -> client().pinRoot(other).refresh()))
                .isEqualTo("this directory began with the root " + pin + ", pinned is " + other
                        + "; start with an empty directory to believe another root");
        assertThat(refusal(() -> UpdateClient.in(directory.resolve("empty"), repository, Clock.systemUTC())
                        .pinRoot(other)
                        .refresh()))
                .isEqualTo("the server has no root.json with the pinned SHA-256 " + other);
    }

    @Test
    void aRefusedRefreshLeavesWhatWasBelieved() throws Exception {
        client.refresh();
        client.find(TestRepository.PATH);
        byte[] good = repository.served("timestamp.json");
        repository.served.put("timestamp.json", "{}".getBytes(StandardCharsets.UTF_8));

        assertThat(refusal(client()::refresh))
                .isEqualTo("timestamp.json has no object \"signed\" beside an array \"signatures\"");
        repository.served.put("timestamp.json", good);
        client = client();
        client.refresh();
        assertThat(client.find(TestRepository.PATH)).isEqualTo(repository.file());
    }

    @Test
    void everyReasonHasItsWord() {
        assertThat(List.of(Reason.values()).stream().map(Reason::wire))
                .containsExactly(
                        "malformed",
                        "not_signed",
                        "altered",
                        "rolled_back",
                        "expired",
                        "mixed",
                        "missing",
                        "not_listed",
                        "not_pinned",
                        "incompatible");
    }

    private static String id(SigningKey key) {
        return key.publicKey().id().substring(0, 8);
    }

    private static byte[] replaced(byte[] bytes, String from, String to) {
        return new String(bytes, StandardCharsets.UTF_8).replace(from, to).getBytes(StandardCharsets.UTF_8);
    }

    private static String refusal(org.assertj.core.api.ThrowableAssert.ThrowingCallable attempt) {
        return catchThrowableOfType(MetadataRefusedException.class, attempt).detail();
    }
}

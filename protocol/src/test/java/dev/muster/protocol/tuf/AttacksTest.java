package dev.muster.protocol.tuf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.muster.protocol.tuf.Metadata.Delegation;
import dev.muster.protocol.tuf.Metadata.TopRole;
import dev.muster.protocol.tuf.MetadataRefusedException.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The attacks that the specification names (1.5.2), each really made: with the keys that the attacker has, and those only. The
 * asset ends with a refusal, or where keys were replaced, with what is right.
 */
class AttacksTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Instant START = Instant.parse("2026-11-26T12:00:00Z");

    @TempDir
    private Path directory;

    private final TestRepository repository = TestRepository.complete(7);
    private Instant now = START;

    private UpdateClient client() throws IOException {
        return UpdateClient.in(directory.resolve("tuf"), repository, Clock.fixed(now, ZoneOffset.UTC));
    }

    private UpdateClient refreshed() throws IOException, MetadataRefusedException {
        UpdateClient client = client();
        client.refresh();
        return client;
    }

    // ---- rollback: something older than what was believed

    @Test
    void rollbackOfTheSnapshotByANewTimestampIsRefused() throws Exception {
        repository.publish(5);
        refreshed();
        repository.publish(4);
        SignedDocument timestamp = SignedDocument.sign(
                new Metadata.Timestamp(
                                6,
                                START.plus(Duration.ofDays(3)),
                                START,
                                Metadata.MetaFile.of(4, repository.served("4.snapshot.json")))
                        .signed(),
                "timestamp.json",
                List.of(repository.key(TopRole.TIMESTAMP)));
        repository.served.put("timestamp.json", timestamp.bytes());

        assertRefused(
                Reason.ROLLED_BACK,
                "snapshot.json in timestamp.json has version 4, version 5 was believed before: an older one is replayed");
    }

    @Test
    void rollbackOfTheTopTargetsIsRefused() throws Exception {
        repository.targets(2);
        repository.publish(2);
        refreshed();
        repository.targets(1);
        repository.publish(3);

        assertRefused(
                Reason.ROLLED_BACK,
                "targets.json in snapshot.json has version 1, version 2 was believed before: an older one is replayed");
    }

    @Test
    void rollbackOfTheRootIsRefused() throws Exception {
        repository.root(2, repository.key(TopRole.ROOT));
        refreshed();
        repository.served.put("3.root.json", repository.served("1.root.json"));

        assertRefused(Reason.ROLLED_BACK, "3.root.json has version 1, after 2 comes 3");
    }

    @Test
    void aRootThatSkipsAVersionIsRefused() throws Exception {
        refreshed();
        repository.root(3, repository.key(TopRole.ROOT));
        repository.served.put("2.root.json", repository.served("3.root.json"));

        assertRefused(Reason.MIXED, "2.root.json has version 3, after 1 comes 2");
    }

    // ---- freeze: nothing newer than what is over

    @Test
    void aFrozenSnapshotIsRefused() throws Exception {
        repository.shortLife = Duration.ofHours(25);
        repository.publish(2);
        byte[] old = repository.served("2.snapshot.json");
        repository.shortLife = Duration.ofDays(7);
        now = START.plus(Duration.ofDays(2));
        SignedDocument timestamp = SignedDocument.sign(
                new Metadata.Timestamp(3, now.plus(Duration.ofDays(3)), now, Metadata.MetaFile.of(2, old)).signed(),
                "timestamp.json",
                List.of(repository.key(TopRole.TIMESTAMP)));
        repository.served.put("timestamp.json", timestamp.bytes());

        assertRefused(Reason.EXPIRED, "snapshot.json of version 2 expired at 2026-11-26T13:00:00Z, it is");
    }

    @Test
    void aFrozenDelegatedRoleIsRefused() throws Exception {
        repository.add(
                TestRepository.APP,
                new Metadata.Targets(
                        2, START.plus(Duration.ofHours(1)), Map.of(TestRepository.PATH, repository.file()), List.of()),
                repository.app);
        repository.publish(2);
        now = START.plus(Duration.ofHours(1));
        UpdateClient client = refreshed();

        assertThat(refusal(() -> client.find(TestRepository.PATH)).detail())
                .startsWith(
                        "releases-app.json of version 2 expired at 2026-11-26T13:00:00Z, it is 2026-11-26T13:00:00Z");
    }

    @Test
    void aRootThatIsOverIsRefusedAndOneThatFollowsItIsTheWayOut() throws Exception {
        now = START.plus(Duration.ofDays(366));
        repository.shortLife = Duration.ofDays(400);
        repository.publish(2);
        assertRefused(Reason.EXPIRED, "root.json of version 1 expired at 2027-11-25T12:00:00Z, it is");

        repository.issued = now;
        repository.root(2, repository.key(TopRole.ROOT));
        repository.targets(2);
        repository.app(2, Map.of(TestRepository.PATH, repository.file()));
        repository.publish(3);
        assertThat(refreshed().find(TestRepository.PATH)).isEqualTo(repository.file());
    }

    // ---- mix and match: pieces that were never together

    @Test
    void mixAndMatchOfTargetsIsRefused() throws Exception {
        byte[] first = repository.served("1.targets.json");
        repository.targets(2);
        repository.publish(2);
        repository.served.put("2.targets.json", first); // signed, fresh, and of another snapshot

        assertThat(refusal(() -> client().refresh()).reason()).isEqualTo(Reason.ALTERED);
    }

    @Test
    void mixAndMatchWithoutHashesIsFoundByTheVersion() throws Exception {
        SignedDocument snapshot = SignedDocument.sign(
                new Metadata.Snapshot(
                                2,
                                START.plus(Duration.ofDays(3)),
                                Map.of(
                                        "targets",
                                        new Metadata.MetaFile(2, null, null),
                                        TestRepository.APP,
                                        new Metadata.MetaFile(1, null, null)))
                        .signed(),
                "snapshot.json",
                List.of(repository.key(TopRole.SNAPSHOT)));
        repository.served.put("2.snapshot.json", snapshot.bytes());
        repository.served.put("2.targets.json", repository.served("1.targets.json"));
        SignedDocument timestamp = SignedDocument.sign(
                new Metadata.Timestamp(2, START.plus(Duration.ofDays(3)), START, new Metadata.MetaFile(2, null, null))
                        .signed(),
                "timestamp.json",
                List.of(repository.key(TopRole.TIMESTAMP)));
        repository.served.put("timestamp.json", timestamp.bytes());

        assertRefused(Reason.MIXED, "targets.json has version 1, snapshot.json names version 2");
    }

    // ---- endless data

    @Test
    void dataWithoutEndIsNotWorkedOn() throws Exception {
        UpdateClient client = UpdateClient.in(
                directory.resolve("endless"),
                (file, maxBytes) -> file.equals("timestamp.json")
                        ? Optional.of(new byte[maxBytes + 1])
                        : repository.fetch(file, maxBytes),
                Clock.fixed(now, ZoneOffset.UTC));

        assertThat(refusal(client::refresh).detail())
                .isEqualTo("timestamp.json has 16385 bytes, at most 16384 are read");
    }

    @Test
    void rootsWithoutEndAreNotWalked() throws Exception {
        List<String> asked = new ArrayList<>();
        for (int version = 2; version <= UpdateClient.MAX_ROOT_ROTATIONS + 3; version++) {
            repository.root(version, repository.key(TopRole.ROOT));
        }
        UpdateClient client = UpdateClient.in(
                directory.resolve("roots"),
                (file, maxBytes) -> {
                    asked.add(file);
                    return repository.fetch(file, maxBytes);
                },
                Clock.fixed(now, ZoneOffset.UTC));
        client.pinRoot(Sha256.of(repository.served("1.root.json"))).refresh();

        assertThat(asked.stream().filter(file -> file.endsWith("root.json")))
                .hasSize(1 + UpdateClient.MAX_ROOT_ROTATIONS);
        assertThat(client.trusted().orElseThrow().root().version()).isEqualTo(1 + UpdateClient.MAX_ROOT_ROTATIONS);
    }

    // ---- threshold

    @Test
    void aThresholdIsNotReachedByTheSameKeyTwice() throws Exception {
        SigningKey second = repository.key();
        repository.appKeys = new RoleKeys(List.of(repository.app.publicKey(), second.publicKey()), 2);
        Metadata.Targets targets = new Metadata.Targets(
                2, START.plus(Duration.ofDays(9)), Map.of(TestRepository.PATH, repository.file()), List.of());
        repository.targets(2);
        repository.add(TestRepository.APP, targets, repository.app);
        repository.publish(2);
        UpdateClient once = refreshed();
        assertThat(refusal(() -> once.find(TestRepository.PATH)).detail())
                .contains("1 good signature of its keys [")
                .endsWith("], 2 needed");

        // the same signature again, as the file says it is
        JsonNode document = JSON.readTree(repository.served("2.releases-app.json"));
        ArrayNode signatures = (ArrayNode) document.get("signatures");
        signatures.add(signatures.get(0).deepCopy());
        assertThat(refusal(() -> parsed(document).requireSignedBy(repository.appKeys, "app"))
                        .detail())
                .startsWith("releases-app.json is signed twice by key ");
        // and under the name of the other key
        signatures.remove(1);
        signatures.add(((ObjectNode) signatures.get(0).deepCopy())
                .put("keyid", second.publicKey().id()));
        assertThat(refusal(() -> parsed(document).requireSignedBy(repository.appKeys, "app"))
                        .detail())
                .contains("1 good signature of its keys [")
                .endsWith("2 needed; 1 signature is wrong: the metadata was altered after signing");

        repository.add(TestRepository.APP, targets, repository.app, second);
        repository.publish(3);
        assertThat(refreshed().find(TestRepository.PATH)).isEqualTo(repository.file());
    }

    @Test
    void oneKeyUnderTwoIdsIsRefused() throws Exception {
        ObjectNode root = repository.rootOf(2).signed();
        ObjectNode keys = (ObjectNode) root.get("keys");
        ObjectNode again = ((ObjectNode)
                        keys.get(repository.key(TopRole.TARGETS).publicKey().id()))
                .deepCopy()
                .put("x", "another id, the same key");
        String id = Sha256.of(CanonicalJson.of(again));
        keys.set(id, again);
        ObjectNode role = (ObjectNode) root.path("roles").path("targets");
        ((ArrayNode) role.get("keyids")).add(id);
        role.put("threshold", 2);
        repository.served.put(
                "2.root.json",
                SignedDocument.sign(root, "root.json", List.of(repository.key(TopRole.ROOT)))
                        .bytes());

        assertRefused(Reason.MALFORMED, "2.root.json names for targets the key " + id + " twice");
    }

    @Test
    void aKeyUnderTheIdOfAnotherIsRefused() throws Exception {
        ObjectNode root = repository.rootOf(2).signed();
        String id = repository.key(TopRole.TIMESTAMP).publicKey().id();
        ((ObjectNode) root.get("keys")).set(id, repository.stranger.publicKey().json());
        repository.served.put(
                "2.root.json",
                SignedDocument.sign(root, "root.json", List.of(repository.key(TopRole.ROOT)))
                        .bytes());

        assertRefused(
                Reason.MALFORMED, "2.root.json: key " + id + " has another id than the SHA-256 of its canonical form");
    }

    // ---- root: N + 1 is signed by both

    @Test
    void aNewRootNeedsTheThresholdOfTheOldAndOfTheNewKeys() throws Exception {
        refreshed();
        SigningKey a = repository.key(TopRole.ROOT);
        SigningKey b = repository.key();
        SigningKey c = repository.key();
        repository.several.put(TopRole.ROOT, new RoleKeys(List.of(a.publicKey(), b.publicKey(), c.publicKey()), 2));

        repository.root(2, a); // enough for version 1, not for itself
        assertThat(refusal(() -> client().refresh()).detail())
                .startsWith("2.root.json is not signed by itself: 1 good signature of its keys [");
        repository.root(2, b, c); // enough for itself, and none of those that were believed
        assertThat(refusal(() -> client().refresh()).detail())
                .startsWith("2.root.json is not signed by root of version 1: 0 good signatures of its keys [");
        repository.root(2, a, b);
        assertThat(refreshed().trusted().orElseThrow().root().version()).isEqualTo(2);

        SigningKey d = repository.key();
        repository.several.put(TopRole.ROOT, new RoleKeys(List.of(c.publicKey(), d.publicKey()), 2));
        repository.root(3, c, d); // one of the old threshold of two
        assertThat(refusal(() -> client().refresh()).detail())
                .startsWith("3.root.json is not signed by root of version 2: 1 good signature of its keys [");
        repository.root(3, b, c, d);
        assertThat(refreshed().trusted().orElseThrow().root().version()).isEqualTo(3);
    }

    @Test
    void anAssetThatSleptWalksEveryRootInBetween() throws Exception {
        refreshed();
        for (int version = 2; version <= 6; version++) {
            SigningKey before = repository.key(TopRole.ROOT);
            repository.keys.put(TopRole.ROOT, repository.key());
            for (TopRole role : List.of(TopRole.TARGETS, TopRole.SNAPSHOT, TopRole.TIMESTAMP)) {
                repository.keys.put(role, repository.key());
            }
            repository.root(version, before, repository.key(TopRole.ROOT));
        }
        repository.targets(2);
        repository.publish(2);
        byte[] fourth = repository.served("4.root.json");
        repository.served.remove("4.root.json");
        assertThat(refusal(() -> client().refresh()).reason()).isEqualTo(Reason.NOT_SIGNED);
        repository.served.put("4.root.json", fourth);

        assertThat(refreshed().find(TestRepository.PATH)).isEqualTo(repository.file());
    }

    // ---- fast-forward: versions and times far ahead, by a stolen key; root takes the key away

    @Test
    void aStolenSnapshotKeyThatCountedFarAheadIsRecoveredFrom() throws Exception {
        repository.publish(1_000_000);
        refreshed();
        repository.keys.put(TopRole.SNAPSHOT, repository.key()); // the timestamp key stays as it was
        repository.root(2, repository.key(TopRole.ROOT));
        repository.publish(3);

        assertThat(refreshed().trusted().orElseThrow().snapshot().orElseThrow().version())
                .isEqualTo(3);
    }

    @Test
    void aStolenTimestampKeyThatMovedTheTimeIsRecoveredFrom() throws Exception {
        repository.publish(2, START.plus(Duration.ofDays(200)));
        refreshed();
        repository.publish(3);
        assertRefused(Reason.EXPIRED, "timestamp.json of version 3 expired at 2026-12-02T12:00:00Z, it is 2027-06-14");

        repository.keys.put(TopRole.TIMESTAMP, repository.key());
        repository.root(2, repository.key(TopRole.ROOT));
        repository.publish(4);
        assertThat(refreshed().find(TestRepository.PATH)).isEqualTo(repository.file());
        assertThat(refreshed().find(TestRepository.PATH)).isEqualTo(repository.file()); // and for good
    }

    @Test
    void aTimeAfterTheEndOfRootIsNotBelieved() throws Exception {
        repository.publish(2, START.plus(Duration.ofDays(36_500)));

        assertRefused(
                Reason.MIXED,
                "timestamp.json says that it was issued at 2126-11-02T12:00:00Z, root.json expires at 2027-11-25T12:00:00Z");
    }

    // ---- arbitrary software: by a key that may sign for something else

    @Test
    void aRoleCannotSignForAPathThatWasNotDelegatedToIt() throws Exception {
        String path = "os/1.0/os.img";
        TargetFile planted = new TargetFile(
                path, 3, Sha256.of(new byte[3]), repository.file().custom());
        repository.app(2, Map.of(path, planted));
        repository.publish(2);
        UpdateClient client = refreshed();

        assertThat(refusal(() -> client.find(path)).detail())
                .isEqualTo("no trusted role has signed for os/1.0/os.img: asked were targets");
    }

    @Test
    void anUnknownDelegationOfTheSameNameDoesNotLendItsKey() throws Exception {
        // two roles delegate to "shared" by different keys: each is checked by the key of whom it is reached through
        SigningKey shared = repository.key();
        repository.add(
                TestRepository.APP,
                delegating(
                        2,
                        new Delegation(
                                "shared", RoleKeys.of(repository.stranger.publicKey()), List.of("app/*/*"), true)),
                repository.app);
        repository.add(
                "targets",
                delegating(
                        2,
                        new Delegation(TestRepository.APP, repository.appKeys, List.of("app/*/*"), true),
                        new Delegation("shared", RoleKeys.of(shared.publicKey()), List.of("os/*/*"), true)),
                repository.key(TopRole.TARGETS));
        repository.add("shared", files(1), repository.stranger);
        repository.publish(2);
        UpdateClient client = refreshed();

        assertThat(client.find(TestRepository.PATH)).isEqualTo(repository.file());
        UpdateClient other = refreshed();
        assertThat(refusal(() -> other.find("os/1.0/os.img")).detail())
                .startsWith("shared.json is not signed by the keys that targets.json delegates to");
    }

    @Test
    void aTerminatingDelegationIsTheLastThatIsAsked() throws Exception {
        Delegation first = new Delegation("first", RoleKeys.of(repository.app.publicKey()), List.of("app/*/*"), true);
        Delegation second = new Delegation("second", RoleKeys.of(repository.app.publicKey()), List.of("app/*/*"), true);
        repository.add(
                "first", new Metadata.Targets(1, START.plus(Duration.ofDays(9)), Map.of(), List.of()), repository.app);
        repository.add("second", files(1), repository.app);
        repository.add("targets", delegating(2, first, second), repository.key(TopRole.TARGETS));
        repository.publish(2);
        UpdateClient client = refreshed();
        assertThat(refusal(() -> client.find(TestRepository.PATH)).detail()).endsWith("asked were first, targets");

        Delegation open = new Delegation("first", first.keys(), first.paths(), false);
        repository.add("targets", delegating(3, open, second), repository.key(TopRole.TARGETS));
        repository.publish(3);
        assertThat(refreshed().find(TestRepository.PATH)).isEqualTo(repository.file());
    }

    @Test
    void delegationsInACircleEnd() throws Exception {
        Delegation toApp = new Delegation(TestRepository.APP, repository.appKeys, List.of("app/*/*"), false);
        Delegation back = new Delegation("other", repository.appKeys, List.of("app/*/*"), false);
        repository.add("targets", delegating(2, toApp), repository.key(TopRole.TARGETS));
        repository.add(TestRepository.APP, delegating(2, back), repository.app);
        repository.add("other", delegating(1, toApp), repository.app);
        repository.publish(2);
        UpdateClient client = refreshed();

        assertThat(refusal(() -> client.find(TestRepository.PATH)).detail())
                .endsWith("asked were other, releases-app, targets");
    }

    private Metadata.Targets delegating(long version, Delegation... delegations) {
        return new Metadata.Targets(version, START.plus(Duration.ofDays(9)), Map.of(), List.of(delegations));
    }

    private Metadata.Targets files(long version) {
        return new Metadata.Targets(
                version, START.plus(Duration.ofDays(9)), Map.of(TestRepository.PATH, repository.file()), List.of());
    }

    private static SignedDocument parsed(JsonNode document) throws MetadataRefusedException {
        return SignedDocument.parse(document.toString().getBytes(StandardCharsets.UTF_8), TestRepository.APP + ".json");
    }

    private void assertRefused(Reason reason, String words) {
        MetadataRefusedException refused = refusal(() -> client().refresh());
        assertThat(refused.detail()).startsWith(words);
        assertThat(refused.reason()).isEqualTo(reason);
    }

    private static MetadataRefusedException refusal(ThrowingCallable attempt) {
        return catchThrowableOfType(MetadataRefusedException.class, attempt);
    }
}

package dev.muster.protocol.tuf;

import dev.muster.protocol.tuf.Metadata.Delegation;
import dev.muster.protocol.tuf.Metadata.MetaFile;
import dev.muster.protocol.tuf.Metadata.TopRole;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;

/** A repository with keys of its own; a test signs what it likes and serves what it likes. */
final class TestRepository implements MetadataSource {
    static final String APP = "releases-app";
    static final String PATH = "app/1.5.0/app.tar.gz";
    static final byte[] CONTENT = "the artifact".getBytes(StandardCharsets.UTF_8);

    final Map<String, byte[]> served = new LinkedHashMap<>();
    final Map<TopRole, SigningKey> keys = new EnumMap<>(TopRole.class);
    /** Instead of the one key of a role. */
    final Map<TopRole, RoleKeys> several = new EnumMap<>(TopRole.class);

    final SigningKey app;
    RoleKeys appKeys;
    final SigningKey stranger;
    private final Random random;
    private final Map<String, MetaFile> files = new HashMap<>();
    Instant issued = Instant.parse("2026-11-25T12:00:00Z");
    Duration shortLife = Duration.ofDays(7);

    TestRepository(long seed) {
        random = new Random(seed);
        for (TopRole role : TopRole.values()) {
            keys.put(role, key());
        }
        app = key();
        appKeys = RoleKeys.of(app.publicKey());
        stranger = key();
    }

    /** With version 1 of everything and one file. */
    static TestRepository complete(long seed) {
        TestRepository repository = new TestRepository(seed);
        repository.root(1, repository.key(TopRole.ROOT));
        repository.targets(1);
        repository.app(1, Map.of(PATH, repository.file()));
        repository.publish(1);
        return repository;
    }

    SigningKey key() {
        byte[] seed = new byte[32];
        random.nextBytes(seed);
        return SigningKey.ofSeed(seed);
    }

    SigningKey key(TopRole role) {
        return Objects.requireNonNull(keys.get(role));
    }

    TargetFile file() {
        return new TargetFile(
                PATH,
                CONTENT.length,
                Sha256.of(CONTENT),
                new TargetFile.Custom(
                        TargetFile.Kind.ARTIFACT, "app", "1.5.0", List.of("rpi4"), "asset.region == 'eu'", Map.of()));
    }

    Metadata.Root rootOf(long version) {
        Map<TopRole, RoleKeys> roles = new EnumMap<>(TopRole.class);
        keys.forEach((role, key) -> roles.put(role, several.getOrDefault(role, RoleKeys.of(key.publicKey()))));
        return new Metadata.Root(version, issued.plus(Duration.ofDays(365)), roles);
    }

    void root(long version, SigningKey... signers) {
        byte[] bytes = SignedDocument.sign(rootOf(version).signed(), "root.json", List.of(signers))
                .bytes();
        served.put(version + ".root.json", bytes);
        served.put("root.json", bytes);
    }

    void targets(long version) {
        Delegation delegation = new Delegation(APP, appKeys, List.of("app/*/*"), true);
        add(
                TrustedMetadata.TARGETS,
                new Metadata.Targets(version, issued.plus(Duration.ofDays(365)), Map.of(), List.of(delegation)),
                key(TopRole.TARGETS));
    }

    void app(long version, Map<String, TargetFile> targets) {
        add(APP, new Metadata.Targets(version, issued.plus(Duration.ofDays(365)), targets, List.of()), app);
    }

    void add(String role, Metadata.Targets targets, SigningKey... signers) {
        SignedDocument document = SignedDocument.sign(targets.signed(), role + ".json", List.of(signers));
        served.put(targets.version() + "." + role + ".json", document.bytes());
        files.put(role, MetaFile.of(targets.version(), document.bytes()));
    }

    /** Snapshot and timestamp of one version, over all that was added. */
    void publish(long version) {
        publish(version, issued);
    }

    /** @param says when it was signed, as the timestamp says */
    void publish(long version, Instant says) {
        SignedDocument snapshot = SignedDocument.sign(
                new Metadata.Snapshot(version, issued.plus(shortLife), files).signed(),
                "snapshot.json",
                List.of(key(TopRole.SNAPSHOT)));
        served.put(version + ".snapshot.json", snapshot.bytes());
        SignedDocument timestamp = SignedDocument.sign(
                new Metadata.Timestamp(version, issued.plus(shortLife), says, MetaFile.of(version, snapshot.bytes()))
                        .signed(),
                "timestamp.json",
                List.of(key(TopRole.TIMESTAMP)));
        served.put("timestamp.json", timestamp.bytes());
    }

    byte[] served(String file) {
        return Objects.requireNonNull(served.get(file), file);
    }

    @Override
    public Optional<byte[]> fetch(String file, int maxBytes) throws IOException {
        byte[] found = served.get(file);
        if (found != null && found.length > maxBytes) {
            throw new IOException(file + " is larger than " + maxBytes);
        }
        return Optional.ofNullable(found);
    }
}

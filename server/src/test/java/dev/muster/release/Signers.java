package dev.muster.release;

import dev.muster.protocol.provenance.Envelope;
import dev.muster.protocol.provenance.Statement;
import dev.muster.protocol.tuf.Metadata;
import dev.muster.protocol.tuf.Metadata.Delegation;
import dev.muster.protocol.tuf.Metadata.TopRole;
import dev.muster.protocol.tuf.RoleKeys;
import dev.muster.protocol.tuf.Sha256;
import dev.muster.protocol.tuf.SignedDocument;
import dev.muster.protocol.tuf.SigningKey;
import dev.muster.protocol.tuf.TargetFile;
import dev.muster.protocol.tuf.TufKey;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;

/** The people and the CI who sign, with keys of a test. */
final class Signers {
    final SigningKey root;
    final SigningKey targets;
    final SigningKey ci;
    final SigningKey stranger;
    private final TufKey snapshot;
    private final TufKey timestamp;
    private final Instant now;

    Signers(long seed, TufKey snapshot, TufKey timestamp, Instant now) {
        Random random = new Random(seed);
        root = key(random);
        targets = key(random);
        ci = key(random);
        stranger = key(random);
        this.snapshot = snapshot;
        this.timestamp = timestamp;
        this.now = now;
    }

    private static SigningKey key(Random random) {
        byte[] seed = new byte[32];
        random.nextBytes(seed);
        return SigningKey.ofSeed(seed);
    }

    byte[] root(long version, SigningKey... signers) {
        return root(version, RoleKeys.of(root.publicKey()), RoleKeys.of(targets.publicKey()), signers);
    }

    byte[] root(long version, RoleKeys rootKeys, RoleKeys targetsKeys, SigningKey... signers) {
        Metadata.Root metadata = new Metadata.Root(
                version,
                expires(),
                Map.of(
                        TopRole.ROOT,
                        rootKeys,
                        TopRole.TARGETS,
                        targetsKeys,
                        TopRole.SNAPSHOT,
                        RoleKeys.of(snapshot),
                        TopRole.TIMESTAMP,
                        RoleKeys.of(timestamp)));
        return SignedDocument.sign(metadata.signed(), "root.json", List.of(signers))
                .bytes();
    }

    /** Delegates to the CI for each of the components. */
    byte[] targets(long version, SigningKey signer, String... components) {
        return targets(version, RoleKeys.of(ci.publicKey()), signer, components);
    }

    byte[] targets(long version, RoleKeys delegated, SigningKey signer, String... components) {
        List<Delegation> delegations = List.of(components).stream()
                .map(component -> new Delegation("releases-" + component, delegated, List.of(component + "/*/*"), true))
                .toList();
        Metadata.Targets metadata = new Metadata.Targets(version, expires(), Map.of(), delegations);
        return SignedDocument.sign(metadata.signed(), "targets.json", List.of(signer))
                .bytes();
    }

    byte[] releases(long version, SigningKey signer, TargetFile... files) {
        return releases(version, expires(), List.of(signer), files);
    }

    byte[] releases(long version, List<SigningKey> nobody, TargetFile... files) {
        return releases(version, expires(), nobody, files);
    }

    byte[] releases(long version, Instant expires, List<SigningKey> signers, TargetFile... files) {
        Map<String, TargetFile> byPath = new TreeMap<>();
        for (TargetFile file : files) {
            byPath.put(file.path(), file);
        }
        Metadata.Targets metadata = new Metadata.Targets(version, expires, byPath, List.of());
        return SignedDocument.sign(metadata.signed(), "releases.json", signers).bytes();
    }

    private Instant expires() {
        return now.plus(Duration.ofDays(365));
    }

    static TargetFile.Custom kind(String component, String version, TargetFile.Kind kind) {
        return new TargetFile.Custom(kind, component, version, List.of(), "", Map.of());
    }

    /** CycloneDX with one component. */
    static byte[] sbom(String name, String version) {
        return """
                {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{
                  "type": "library", "group": "org.apache.logging.log4j", "name": "%1$s", "version": "%2$s",
                  "purl": "pkg:maven/org.apache.logging.log4j/%1$s@%2$s?type=jar"}]}
                """.formatted(name, version).getBytes(StandardCharsets.UTF_8);
    }

    /** Of a file, signed by the CI. */
    byte[] provenance(byte[] content) {
        Statement statement = new Statement(
                List.of(new Statement.Subject("file.bin", Sha256.of(content))),
                "https://ci.example/runner",
                "https://ci.example/build/v1",
                "git+https://git.example/app",
                "c0ffee",
                "https://ci.example/runs/7");
        return Envelope.sign(
                        Envelope.IN_TOTO, statement.bytes(JsonMapper.shared().createObjectNode()), ci)
                .getBytes(StandardCharsets.UTF_8);
    }

    static TargetFile artifact(
            String component, String version, byte[] content, String compatibility, String... hardware) {
        return file(
                component,
                version,
                "file.bin",
                content,
                new TargetFile.Custom(
                        TargetFile.Kind.ARTIFACT, component, version, List.of(hardware), compatibility, Map.of()));
    }

    static TargetFile set(String name, String version, byte[] content, Map<String, String> components) {
        return file(
                name,
                version,
                "set.json",
                content,
                new TargetFile.Custom(TargetFile.Kind.SET, name, version, List.of(), "", components));
    }

    static TargetFile file(String component, String version, String name, byte[] content, TargetFile.Custom custom) {
        return new TargetFile(component + "/" + version + "/" + name, content.length, Sha256.of(content), custom);
    }
}

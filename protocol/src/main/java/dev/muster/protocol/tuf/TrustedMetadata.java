package dev.muster.protocol.tuf;

import dev.muster.protocol.tuf.Metadata.MetaFile;
import dev.muster.protocol.tuf.Metadata.TopRole;
import dev.muster.protocol.tuf.MetadataRefusedException.Reason;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is believed at a moment: metadata that was verified in the order of the specification (5.3 to 5.6). Immutable; each
 * step gives the next one or refuses, and then the one before still holds.
 *
 * <p>Stored metadata is recalled before newer metadata is taken, so that nothing older is ever believed again. What is
 * recalled may be past its expiry; what is taken may not.
 */
public final class TrustedMetadata {
    static final String TARGETS = TopRole.TARGETS.wire();

    private final Instant now;
    private final Metadata.Root root;
    private final Metadata.@Nullable Timestamp timestamp;
    private final Metadata.@Nullable Snapshot snapshot;
    private final Map<String, Metadata.Targets> targets;

    private TrustedMetadata(
            Instant now,
            Metadata.Root root,
            Metadata.@Nullable Timestamp timestamp,
            Metadata.@Nullable Snapshot snapshot,
            Map<String, Metadata.Targets> targets) {
        this.now = now;
        this.root = root;
        this.timestamp = timestamp;
        this.snapshot = snapshot;
        this.targets = Map.copyOf(targets);
    }

    /**
     * Starts with a root that is trusted for a reason of its own: stored by an earlier run, or pinned.
     *
     * @param now for all steps, so that a slow network cannot move it (5.1)
     */
    public static TrustedMetadata startingWith(byte[] trustedRoot, Instant now) throws MetadataRefusedException {
        SignedDocument document = SignedDocument.parse(trustedRoot, "root.json");
        Metadata.Root root = MetadataReader.root(document);
        document.requireSignedBy(root.keysOf(TopRole.ROOT), "itself");
        return new TrustedMetadata(now, root, null, null, Map.of());
    }

    /** The same root at another time: what was known of the time came from a key that root has taken away. */
    TrustedMetadata at(Instant time) {
        return new TrustedMetadata(time, root, null, null, Map.of());
    }

    /** The next version of root: signed by the one before and by itself (5.3). Everything below is asked for anew. */
    public TrustedMetadata withRoot(byte[] bytes) throws MetadataRefusedException {
        SignedDocument document = SignedDocument.parse(bytes, (root.version() + 1) + ".root.json");
        Metadata.Root next = MetadataReader.root(document);
        document.requireSignedBy(root.keysOf(TopRole.ROOT), "root of version " + root.version());
        if (next.version() != root.version() + 1) {
            throw new MetadataRefusedException(
                    next.version() <= root.version() ? Reason.ROLLED_BACK : Reason.MIXED,
                    document + " has version " + next.version() + ", after " + root.version() + " comes "
                            + (root.version() + 1));
        }
        document.requireSignedBy(next.keysOf(TopRole.ROOT), "itself");
        return new TrustedMetadata(now, next, null, null, Map.of());
    }

    /** Stored metadata of an earlier run; refused when root has changed the keys since, and then to be forgotten. */
    public TrustedMetadata recallTimestamp(byte[] bytes) throws MetadataRefusedException {
        return new TrustedMetadata(now, root, verifiedTimestamp(bytes), null, Map.of());
    }

    /** A timestamp as it is served now (5.4). */
    public TrustedMetadata withTimestamp(byte[] bytes) throws MetadataRefusedException {
        requireFresh(root, "root.json");
        Metadata.Timestamp next = verifiedTimestamp(bytes);
        if (timestamp != null) {
            requireNotOlder("timestamp.json", timestamp.version(), next.version());
            requireNotOlder(
                    "snapshot.json in timestamp.json",
                    timestamp.snapshot().version(),
                    next.snapshot().version());
        }
        requireFresh(next, "timestamp.json");
        requireIssuedInTime(next);
        Metadata.Timestamp taken = timestamp != null && timestamp.version() == next.version() ? timestamp : next;
        return new TrustedMetadata(now, root, taken, snapshot, targets);
    }

    /** A stolen key cannot move an asset's time beyond the life of root: the asset would believe nothing ever after. */
    private void requireIssuedInTime(Metadata.Timestamp next) throws MetadataRefusedException {
        if (next.issued() != null && !next.issued().isBefore(root.expires())) {
            throw new MetadataRefusedException(
                    Reason.MIXED,
                    "timestamp.json says that it was issued at " + next.issued() + ", root.json expires at "
                            + root.expires());
        }
    }

    private Metadata.Timestamp verifiedTimestamp(byte[] bytes) throws MetadataRefusedException {
        SignedDocument document = SignedDocument.parse(bytes, "timestamp.json");
        Metadata.Timestamp read = MetadataReader.timestamp(document);
        document.requireSignedBy(root.keysOf(TopRole.TIMESTAMP), nameOf(TopRole.TIMESTAMP));
        return read;
    }

    /** Stored metadata of an earlier run, against which the next snapshot is compared. */
    public TrustedMetadata recallSnapshot(byte[] bytes) throws MetadataRefusedException {
        return new TrustedMetadata(now, root, timestamp, verifiedSnapshot(bytes), Map.of());
    }

    /** The snapshot that the timestamp names (5.5). */
    public TrustedMetadata withSnapshot(byte[] bytes) throws MetadataRefusedException {
        Metadata.Timestamp by = freshTimestamp();
        requireAsNamed("snapshot.json", bytes, by.snapshot(), "timestamp.json");
        Metadata.Snapshot next = verifiedSnapshot(bytes);
        requireVersion("snapshot.json", next.version(), by.snapshot(), "timestamp.json");
        if (snapshot != null) {
            for (Map.Entry<String, MetaFile> before : snapshot.files().entrySet()) {
                MetaFile now = next.files().get(before.getKey());
                if (now == null) {
                    throw new MetadataRefusedException(
                            Reason.ROLLED_BACK,
                            "snapshot.json does not list " + before.getKey()
                                    + ".json any more, which the snapshot believed before lists");
                }
                requireNotOlder(
                        before.getKey() + ".json in snapshot.json",
                        before.getValue().version(),
                        now.version());
            }
        }
        requireFresh(next, "snapshot.json");
        return new TrustedMetadata(now, root, timestamp, next, Map.of());
    }

    private Metadata.Snapshot verifiedSnapshot(byte[] bytes) throws MetadataRefusedException {
        SignedDocument document = SignedDocument.parse(bytes, "snapshot.json");
        Metadata.Snapshot read = MetadataReader.snapshot(document);
        document.requireSignedBy(root.keysOf(TopRole.SNAPSHOT), nameOf(TopRole.SNAPSHOT));
        return read;
    }

    /** The top targets that the snapshot names (5.6). */
    public TrustedMetadata withTargets(byte[] bytes) throws MetadataRefusedException {
        return withTargets(TARGETS, root.keysOf(TopRole.TARGETS), nameOf(TopRole.TARGETS), bytes);
    }

    /** The targets of a role to which trusted targets delegate (5.6.7). @param by whose delegation is followed */
    public TrustedMetadata withDelegated(String role, String by, byte[] bytes) throws MetadataRefusedException {
        Metadata.Targets delegating = targets.get(by);
        if (delegating == null) {
            throw new IllegalStateException("targets of " + by + " are not there yet");
        }
        Metadata.Delegation delegation = delegating
                .delegation(role)
                .orElseThrow(() -> new MetadataRefusedException(
                        Reason.NOT_LISTED, by + ".json does not delegate to " + SignedDocument.shown(role)));
        return withTargets(role, delegation.keys(), "the keys that " + by + ".json delegates to", bytes);
    }

    private TrustedMetadata withTargets(String role, RoleKeys keys, String name, byte[] bytes)
            throws MetadataRefusedException {
        String what = role + ".json";
        MetaFile named = named(role);
        requireAsNamed(what, bytes, named, "snapshot.json");
        SignedDocument document = SignedDocument.parse(bytes, what);
        Metadata.Targets next = MetadataReader.targets(document);
        document.requireSignedBy(keys, name);
        requireVersion(what, next.version(), named, "snapshot.json");
        requireFresh(next, what);
        Map<String, Metadata.Targets> all = new HashMap<>(targets);
        all.put(role, next);
        return new TrustedMetadata(now, root, timestamp, snapshot, all);
    }

    /** What the snapshot says of a role's file. */
    MetaFile named(String role) throws MetadataRefusedException {
        if (snapshot == null) {
            throw new IllegalStateException("the snapshot is not there yet");
        }
        requireFresh(snapshot, "snapshot.json");
        MetaFile named = snapshot.files().get(role);
        if (named == null) {
            throw new MetadataRefusedException(
                    Reason.MISSING, "snapshot.json lists no " + SignedDocument.shown(role) + ".json");
        }
        return named;
    }

    public Metadata.Root root() {
        return root;
    }

    public Optional<Metadata.Timestamp> timestamp() {
        return Optional.ofNullable(timestamp);
    }

    public Optional<Metadata.Snapshot> snapshot() {
        return Optional.ofNullable(snapshot);
    }

    /** Of {@code targets} or a delegated role. */
    public Optional<Metadata.Targets> targets(String role) {
        return Optional.ofNullable(targets.get(role));
    }

    private Metadata.Timestamp freshTimestamp() throws MetadataRefusedException {
        if (timestamp == null) {
            throw new IllegalStateException("the timestamp is not there yet");
        }
        requireFresh(timestamp, "timestamp.json");
        return timestamp;
    }

    private void requireFresh(Metadata metadata, String what) throws MetadataRefusedException {
        if (!metadata.expires().isAfter(now)) {
            throw new MetadataRefusedException(
                    Reason.EXPIRED,
                    "%s of version %d expired at %s, it is %s: newer metadata is held back, or the clock is wrong"
                            .formatted(what, metadata.version(), metadata.expires(), now));
        }
    }

    private static void requireNotOlder(String what, long before, long now) throws MetadataRefusedException {
        if (now < before) {
            throw new MetadataRefusedException(
                    Reason.ROLLED_BACK,
                    what + " has version " + now + ", version " + before
                            + " was believed before: an older one is replayed");
        }
    }

    private static void requireVersion(String what, long found, MetaFile named, String by)
            throws MetadataRefusedException {
        if (found != named.version()) {
            throw new MetadataRefusedException(
                    Reason.MIXED, what + " has version " + found + ", " + by + " names version " + named.version());
        }
    }

    private static void requireAsNamed(String what, byte[] bytes, MetaFile named, String by)
            throws MetadataRefusedException {
        if (named.length() != null && named.length() != bytes.length) {
            throw new MetadataRefusedException(
                    Reason.ALTERED, what + " has " + bytes.length + " bytes, " + by + " says " + named.length());
        }
        if (named.sha256() != null && !named.sha256().equals(Sha256.of(bytes))) {
            throw new MetadataRefusedException(
                    Reason.ALTERED,
                    what + " has the SHA-256 " + Sha256.of(bytes) + ", " + by + " says " + named.sha256());
        }
    }

    private String nameOf(TopRole role) {
        return "the " + role.wire() + " keys of root version " + root.version();
    }
}

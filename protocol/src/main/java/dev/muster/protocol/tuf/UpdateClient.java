package dev.muster.protocol.tuf;

import dev.muster.protocol.tuf.Metadata.Delegation;
import dev.muster.protocol.tuf.MetadataRefusedException.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what may be installed: the client workflow of the specification (5), with what it believes kept in a directory.
 *
 * <pre>{@code
 * UpdateClient client = UpdateClient.in(stateDirectory, source, clock);
 * client.pinRoot(sha256);                    // or: believes the first root that it sees, and pins that
 * client.refresh();
 * TargetFile file = client.find("app/1.5.0/app-linux.tar.gz");
 * file.requireFits("app", "1.5.0", hardware);
 * file.verify(downloaded);
 * }</pre>
 *
 * <p>Not for several threads.
 */
public final class UpdateClient {
    static final int MAX_ROOT_BYTES = 512 * 1024;
    static final int MAX_TIMESTAMP_BYTES = 16 * 1024;
    static final int MAX_SNAPSHOT_BYTES = 2 * 1024 * 1024;
    public static final int MAX_TARGETS_BYTES = 8 * 1024 * 1024;
    static final int MAX_ROOT_ROTATIONS = 256;
    static final int MAX_DELEGATIONS = 32;

    private final TrustDirectory directory;
    private final MetadataSource source;
    private final Clock clock;
    private @Nullable String pin;
    private @Nullable TrustedMetadata trusted;

    private UpdateClient(TrustDirectory directory, MetadataSource source, Clock clock) {
        this.directory = directory;
        this.source = source;
        this.clock = clock;
    }

    /** @param directory private to this client; made when it is not there */
    public static UpdateClient in(Path directory, MetadataSource source, Clock clock) throws IOException {
        return new UpdateClient(TrustDirectory.open(directory), source, clock);
    }

    /** Only a root file with this SHA-256 is where trust begins; a directory that began with another one is refused. */
    public UpdateClient pinRoot(String sha256) {
        if (!Sha256.isHash(sha256)) {
            throw new IllegalArgumentException(
                    "a pin is a SHA-256 in lower-case hexadecimal, found " + SignedDocument.shown(sha256));
        }
        pin = sha256;
        return this;
    }

    /**
     * Makes the root that is pinned, or else the one that the source shows now, the one where trust begins; nothing changes
     * where it has begun already.
     *
     * @return the SHA-256 of that root
     * @throws MetadataRefusedException also when the source has none
     */
    public String begin() throws IOException, MetadataRefusedException {
        Object unused = firstRoot();
        return directory.pin().orElseThrow(() -> new IOException("the directory has a root and no pin; empty it"));
    }

    /**
     * Brings root, timestamp, snapshot and targets up to date.
     *
     * @throws MetadataRefusedException when something is not to be believed; what was believed before still holds
     * @throws IOException when the source or the directory cannot be used; again is no risk
     */
    public void refresh() throws IOException, MetadataRefusedException {
        trusted = null;
        TrustedMetadata next = recall(walkRoots(TrustedMetadata.startingWith(firstRoot(), now())));
        next = newSnapshot(newTimestamp(next));
        trusted = newTargets(next, TrustedMetadata.TARGETS, null);
    }

    /** The later of the clock and of the time in the last timestamp that was believed: a clock may start in 1970. */
    private Instant now() throws IOException {
        Instant clockSays = clock.instant();
        Optional<Instant> known = directory.lastTime();
        return known.isPresent() && known.get().isAfter(clockSays) ? known.get() : clockSays;
    }

    // ---- root (5.2, 5.3)

    private byte[] firstRoot() throws IOException, MetadataRefusedException {
        Optional<byte[]> stored = directory.read("root.json");
        if (stored.isPresent()) {
            String began = directory.pin().orElse("");
            if (pin != null && !pin.equals(began)) {
                throw new MetadataRefusedException(
                        Reason.NOT_PINNED,
                        "this directory began with the root " + began + ", pinned is " + pin
                                + "; start with an empty directory to believe another root");
            }
            return stored.get();
        }
        // a pin without its root: the power went away in between
        String wanted = pin == null ? directory.pin().orElse(null) : pin;
        byte[] first = wanted == null ? newestRoot() : pinnedRoot(wanted);
        Object unused = TrustedMetadata.startingWith(first, now());
        directory.begin(first);
        return first;
    }

    private byte[] newestRoot() throws IOException, MetadataRefusedException {
        return fetched("root.json", MAX_ROOT_BYTES).orElseThrow(UpdateClient::noRoot);
    }

    private byte[] pinnedRoot(String wanted) throws IOException, MetadataRefusedException {
        for (int version = 1; version <= MAX_ROOT_ROTATIONS; version++) {
            Optional<byte[]> root = fetched(version + ".root.json", MAX_ROOT_BYTES);
            if (root.isEmpty()) {
                break;
            }
            if (Sha256.of(root.get()).equals(wanted)) {
                return root.get();
            }
        }
        throw new MetadataRefusedException(
                Reason.NOT_PINNED, "the server has no root.json with the pinned SHA-256 " + wanted);
    }

    private static MetadataRefusedException noRoot() {
        return new MetadataRefusedException(
                Reason.MISSING, "the server has no root.json: nobody has set up the signing of releases yet");
    }

    private TrustedMetadata walkRoots(TrustedMetadata from) throws IOException, MetadataRefusedException {
        TrustedMetadata next = from;
        for (int rotation = 0; rotation < MAX_ROOT_ROTATIONS; rotation++) {
            Optional<byte[]> bytes = fetched((next.root().version() + 1) + ".root.json", MAX_ROOT_BYTES);
            if (bytes.isEmpty()) {
                break;
            }
            next = next.withRoot(bytes.get());
            directory.write("root.json", bytes.get());
        }
        return next;
    }

    /**
     * What an earlier run believed, against which newer metadata is compared. When root has taken a key away since, all of it
     * is forgotten (5.3.11): that is the way out of a stolen key that has signed for versions, or for a time, far ahead. What
     * still verifies was signed by keys that root still names.
     */
    private TrustedMetadata recall(TrustedMetadata next) throws IOException {
        Optional<byte[]> timestamp = directory.read("timestamp.json");
        Optional<byte[]> snapshot = directory.read("snapshot.json");
        try {
            TrustedMetadata recalled = timestamp.isPresent() ? next.recallTimestamp(timestamp.get()) : next;
            return snapshot.isPresent() ? recalled.recallSnapshot(snapshot.get()) : recalled;
        } catch (MetadataRefusedException keysChanged) {
            directory.forgetTime(); // first: what a power cut leaves behind is found, and forgotten, by the next run
            directory.delete("timestamp.json");
            directory.delete("snapshot.json");
            return next.at(clock.instant());
        }
    }

    // ---- timestamp (5.4)

    private TrustedMetadata newTimestamp(TrustedMetadata next) throws IOException, MetadataRefusedException {
        byte[] bytes = required("timestamp.json", MAX_TIMESTAMP_BYTES);
        TrustedMetadata taken = next.withTimestamp(bytes);
        if (!taken.timestamp().equals(next.timestamp())) {
            directory.write("timestamp.json", bytes);
        }
        Optional<Instant> issued = taken.timestamp().map(Metadata.Timestamp::issued);
        if (issued.isPresent()) {
            directory.learnTime(issued.get());
        }
        return taken;
    }

    // ---- snapshot (5.5)

    private TrustedMetadata newSnapshot(TrustedMetadata next) throws IOException, MetadataRefusedException {
        long version = next.timestamp().orElseThrow().snapshot().version();
        Optional<byte[]> stored = directory.read("snapshot.json");
        if (stored.isPresent()
                && next.snapshot().map(Metadata.Snapshot::version).equals(Optional.of(version))) {
            try {
                return next.withSnapshot(stored.get());
            } catch (MetadataRefusedException notThatOne) {
                // of the same version, and not the one that the timestamp names: ask for it
            }
        }
        byte[] bytes = required(version + ".snapshot.json", MAX_SNAPSHOT_BYTES);
        TrustedMetadata taken = next.withSnapshot(bytes);
        directory.write("snapshot.json", bytes);
        return taken;
    }

    // ---- targets (5.6)

    /** @param by who delegates to it; null for the top targets */
    private TrustedMetadata newTargets(TrustedMetadata next, String role, @Nullable String by)
            throws IOException, MetadataRefusedException {
        Optional<byte[]> stored = directory.read(role + ".json");
        if (stored.isPresent()) {
            try {
                return withTargets(next, role, by, stored.get());
            } catch (MetadataRefusedException outdated) {
                // an earlier version: ask for the one that the snapshot names
            }
        }
        byte[] bytes = required(next.named(role).version() + "." + role + ".json", MAX_TARGETS_BYTES);
        TrustedMetadata taken = withTargets(next, role, by, bytes);
        directory.write(role + ".json", bytes);
        return taken;
    }

    private static TrustedMetadata withTargets(TrustedMetadata next, String role, @Nullable String by, byte[] bytes)
            throws MetadataRefusedException {
        return by == null ? next.withTargets(bytes) : next.withDelegated(role, by, bytes);
    }

    /**
     * The file that a trusted role has signed for, looked for in the order of the delegations (5.6.7): the first role that
     * names it decides.
     *
     * @throws MetadataRefusedException also when no role names it
     */
    public TargetFile find(String path) throws IOException, MetadataRefusedException {
        if (trusted == null) {
            throw new IllegalStateException("refresh() has not succeeded yet");
        }
        Deque<Step> open = new ArrayDeque<>();
        open.push(new Step(TrustedMetadata.TARGETS, null));
        Set<String> visited = new HashSet<>();
        while (!open.isEmpty() && visited.size() < MAX_DELEGATIONS) {
            Step step = open.pop();
            if (!visited.add(step.role())) {
                continue;
            }
            if (trusted.targets(step.role()).isEmpty()) {
                trusted = newTargets(trusted, step.role(), step.by());
            }
            Metadata.Targets targets = trusted.targets(step.role()).orElseThrow();
            Optional<TargetFile> file = targets.file(path);
            if (file.isPresent()) {
                return file.get();
            }
            Deque<Step> following = new ArrayDeque<>();
            for (Delegation delegation : targets.delegations()) {
                if (delegation.covers(path)) {
                    following.push(new Step(delegation.role(), step.role()));
                    if (delegation.terminating()) {
                        open.clear();
                        break;
                    }
                }
            }
            following.forEach(open::push);
        }
        throw new MetadataRefusedException(
                Reason.NOT_LISTED,
                "no trusted role has signed for " + SignedDocument.shown(path) + ": asked were "
                        + String.join(", ", new java.util.TreeSet<>(visited)));
    }

    private record Step(String role, @Nullable String by) {}

    /** What {@link #refresh} has verified last. */
    public Optional<TrustedMetadata> trusted() {
        return Optional.ofNullable(trusted);
    }

    private byte[] required(String file, int maxBytes) throws IOException, MetadataRefusedException {
        return fetched(file, maxBytes)
                .orElseThrow(() -> new MetadataRefusedException(Reason.MISSING, "the server has no " + file));
    }

    /** A source that gives more than it was asked for is not worked on: data without an end is an attack, too. */
    private Optional<byte[]> fetched(String file, int maxBytes) throws IOException, MetadataRefusedException {
        Optional<byte[]> bytes = source.fetch(file, maxBytes);
        if (bytes.isPresent() && bytes.get().length > maxBytes) {
            throw new MetadataRefusedException(
                    Reason.MALFORMED,
                    file + " has " + bytes.get().length + " bytes, at most " + maxBytes + " are read");
        }
        return bytes;
    }
}

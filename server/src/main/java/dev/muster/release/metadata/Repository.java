package dev.muster.release.metadata;

import dev.muster.protocol.tuf.Metadata;
import dev.muster.protocol.tuf.Metadata.Delegation;
import dev.muster.protocol.tuf.Metadata.MetaFile;
import dev.muster.protocol.tuf.Metadata.TopRole;
import dev.muster.protocol.tuf.MetadataReader;
import dev.muster.protocol.tuf.MetadataRefusedException;
import dev.muster.protocol.tuf.MetadataRefusedException.Reason;
import dev.muster.protocol.tuf.RoleKeys;
import dev.muster.protocol.tuf.SignedDocument;
import dev.muster.protocol.tuf.TrustedMetadata;
import dev.muster.protocol.tuf.TufKey;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The newest of what people have signed: root, targets, and {@code releases-<component>} for each component. Immutable;
 * {@link #with} gives the next one after everything in it was verified again.
 */
public final class Repository {
    public static final String ROOT = TopRole.ROOT.wire();
    public static final String TARGETS = TopRole.TARGETS.wire();
    public static final String RELEASES = "releases-";
    static final Repository EMPTY = new Repository(Map.of());

    private final Map<String, byte[]> documents;

    Repository(Map<String, byte[]> documents) {
        this.documents = Map.copyOf(documents);
    }

    /** By role. */
    public Optional<byte[]> document(String role) {
        return Optional.ofNullable(documents.get(role));
    }

    /** What a targets role says; nothing when it has never spoken. It was verified when it was accepted. */
    public Optional<Metadata.Targets> targets(String role) {
        byte[] document = documents.get(role);
        try {
            return document == null
                    ? Optional.empty()
                    : Optional.of(MetadataReader.targets(SignedDocument.parse(document, role + ".json")));
        } catch (MetadataRefusedException e) {
            throw new IllegalStateException("what was accepted as " + role + ".json is not: " + e.getMessage(), e);
        }
    }

    public Optional<Metadata.Root> root() {
        byte[] document = documents.get(ROOT);
        try {
            return document == null
                    ? Optional.empty()
                    : Optional.of(MetadataReader.root(SignedDocument.parse(document, "root.json")));
        } catch (MetadataRefusedException e) {
            throw new IllegalStateException("what was accepted as root.json is not: " + e.getMessage(), e);
        }
    }

    /** {@code releases-<component>}, in order. */
    List<String> componentRoles() {
        return documents.keySet().stream()
                .filter(role -> role.startsWith(RELEASES))
                .sorted()
                .toList();
    }

    /** Whether there is enough for a snapshot. */
    public boolean isComplete() {
        return documents.containsKey(ROOT) && documents.containsKey(TARGETS);
    }

    /** For a snapshot: every targets role. */
    Map<String, MetaFile> snapshotFiles() {
        Map<String, MetaFile> files = new TreeMap<>();
        for (String role : documents.keySet()) {
            if (!role.equals(ROOT)) {
                byte[] document = documents.get(role);
                files.put(role, MetaFile.of(targets(role).orElseThrow().version(), document));
            }
        }
        return files;
    }

    /** Those of the documents that are not already the newest of their role: the same again changes nothing. */
    public Map<String, byte[]> news(Map<String, byte[]> incoming) {
        Map<String, byte[]> news = new HashMap<>();
        incoming.forEach((role, document) -> {
            if (!Arrays.equals(document, documents.get(role))) {
                news.put(role, document);
            }
        });
        return news;
    }

    /**
     * The repository after these documents, each one version above what is there; together they must verify from root to
     * release.
     *
     * @param now nothing that comes in may be expired
     * @param snapshot the server's own key, which root must list, as it must {@code timestamp}
     */
    public Repository with(Map<String, byte[]> incoming, Instant now, TufKey snapshot, TufKey timestamp)
            throws MetadataRefusedException {
        Map<String, byte[]> next = new HashMap<>(documents);
        next.putAll(incoming);
        Metadata.Root root = nextRoot(next.get(ROOT), incoming.containsKey(ROOT), now);
        if (incoming.containsKey(ROOT)) {
            requireOnlineKey(root, TopRole.SNAPSHOT, snapshot);
            requireOnlineKey(root, TopRole.TIMESTAMP, timestamp);
        }
        if (!next.containsKey(TARGETS)) {
            if (next.size() > 1) {
                throw new MetadataRefusedException(
                        Reason.MISSING, "there is no targets.json yet that delegates to anybody");
            }
            return new Repository(next);
        }
        Metadata.Targets targets = verified(
                next,
                TARGETS,
                root.keysOf(TopRole.TARGETS),
                "the targets keys of root version " + root.version(),
                incoming,
                now);
        requireConventions(targets);
        for (String role : new TreeMap<>(next).keySet()) {
            if (role.startsWith(RELEASES)) {
                Optional<Delegation> delegation = targets.delegation(role);
                if (delegation.isPresent()) {
                    verified(
                            next,
                            role,
                            delegation.get().keys(),
                            "the keys that targets.json delegates to",
                            incoming,
                            now);
                } else if (incoming.containsKey(role)) {
                    throw new MetadataRefusedException(
                            Reason.NOT_LISTED,
                            "targets.json does not delegate to " + role + "; an administrator does so with"
                                    + " muster release keys delegate");
                }
            }
        }
        return new Repository(next);
    }

    private Metadata.Root nextRoot(byte @Nullable [] document, boolean isNew, Instant now)
            throws MetadataRefusedException {
        if (document == null) {
            throw new MetadataRefusedException(
                    Reason.MISSING,
                    "there is no root.json yet; an administrator makes the keys with muster release keys init");
        }
        byte[] before = documents.get(ROOT);
        if (!isNew || before == null) {
            Metadata.Root root = TrustedMetadata.startingWith(document, now).root();
            if (isNew && root.version() != 1) {
                throw new MetadataRefusedException(
                        Reason.MIXED, "root.json has version " + root.version() + "; the first one has version 1");
            }
            if (isNew) {
                requireFresh(root, "root.json", now);
            }
            return root;
        }
        Metadata.Root root =
                TrustedMetadata.startingWith(before, now).withRoot(document).root();
        requireFresh(root, "root.json", now);
        return root;
    }

    private Metadata.Targets verified(
            Map<String, byte[]> next,
            String role,
            RoleKeys keys,
            String whose,
            Map<String, byte[]> incoming,
            Instant now)
            throws MetadataRefusedException {
        byte[] document = next.get(role);
        if (document == null) {
            throw new IllegalStateException("no document of " + role);
        }
        SignedDocument signed = SignedDocument.parse(document, role + ".json");
        Metadata.Targets targets = MetadataReader.targets(signed);
        signed.requireSignedBy(keys, whose);
        if (incoming.containsKey(role)) {
            requireNextVersion(role, targets.version());
            requireFresh(targets, role + ".json", now);
            if (!role.equals(TARGETS) && !targets.delegations().isEmpty()) {
                throw new MetadataRefusedException(
                        Reason.MALFORMED, role + ".json delegates further; only targets.json may");
            }
        }
        return targets;
    }

    private void requireNextVersion(String role, long found) throws MetadataRefusedException {
        long before = targets(role).map(Metadata.Targets::version).orElse(0L);
        if (found != before + 1) {
            throw new MetadataRefusedException(
                    found <= before ? Reason.ROLLED_BACK : Reason.MIXED,
                    role + ".json has version " + found + ", the server has version " + before + ", next is "
                            + (before + 1)
                            + (found <= before ? ": it is a replay, or somebody published meanwhile; sign again" : ""));
        }
    }

    private static void requireOnlineKey(Metadata.Root root, TopRole role, TufKey key) throws MetadataRefusedException {
        RoleKeys listed = root.keysOf(role);
        if (listed.threshold() != 1 || !listed.keys().contains(key)) {
            throw new MetadataRefusedException(
                    Reason.MIXED,
                    "root.json lists for " + role.wire() + " other keys than this server's, " + key.id()
                            + ", which must be enough alone; make it with muster release keys, which asks the server");
        }
    }

    /** A role names files of its component only, and files are named by such roles only. */
    private static void requireConventions(Metadata.Targets targets) throws MetadataRefusedException {
        if (!targets.files().isEmpty()) {
            throw new MetadataRefusedException(
                    Reason.MALFORMED, "targets.json names files itself; they belong to releases-<component>");
        }
        for (Delegation delegation : targets.delegations()) {
            String role = delegation.role();
            String component = role.startsWith(RELEASES) ? role.substring(RELEASES.length()) : "";
            if (component.isEmpty()
                    || !delegation.paths().equals(List.of(component + "/*/*"))
                    || !delegation.terminating()) {
                throw new MetadataRefusedException(
                        Reason.MALFORMED,
                        "targets.json delegates " + delegation.paths() + " to " + role
                                + "; allowed is <component>/*/* to releases-<component>, terminating");
            }
        }
    }

    private static void requireFresh(Metadata metadata, String what, Instant now) throws MetadataRefusedException {
        if (!metadata.expires().isAfter(now)) {
            throw new MetadataRefusedException(
                    Reason.EXPIRED,
                    what + " of version " + metadata.version() + " expired at " + metadata.expires() + ", it is " + now
                            + "; sign it again");
        }
    }
}

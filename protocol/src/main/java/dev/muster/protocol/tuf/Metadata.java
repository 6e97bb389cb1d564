package dev.muster.protocol.tuf;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** What a role says (specification 4.3 to 4.6). Version and expiry are common to all. */
public sealed interface Metadata {
    String SPEC_VERSION = "1.0.31";

    long version();

    Instant expires();

    /** What is signed. */
    ObjectNode signed();

    /** The four roles that root lists. */
    enum TopRole {
        ROOT,
        TARGETS,
        SNAPSHOT,
        TIMESTAMP;

        public String wire() {
            return switch (this) {
                case ROOT -> "root";
                case TARGETS -> "targets";
                case SNAPSHOT -> "snapshot";
                case TIMESTAMP -> "timestamp";
            };
        }
    }

    /** Whom to believe. Snapshots are always consistent here. */
    record Root(long version, Instant expires, Map<TopRole, RoleKeys> roles) implements Metadata {
        public Root {
            roles = Map.copyOf(roles);
            if (roles.size() != TopRole.values().length) {
                throw new IllegalArgumentException("root lists " + roles.keySet() + ", all four roles are needed");
            }
        }

        public RoleKeys keysOf(TopRole role) {
            RoleKeys keys = roles.get(role);
            if (keys == null) {
                throw new IllegalStateException("root without " + role);
            }
            return keys;
        }

        @Override
        public ObjectNode signed() {
            return MetadataWriter.root(this);
        }
    }

    /**
     * Which snapshot is the newest; short-lived, so that a repository that stands still is noticed.
     *
     * @param issued when it was signed, our addition {@code x-muster-issued}: an asset without a clock learns the time from it
     */
    record Timestamp(
            long version, Instant expires, @Nullable Instant issued, MetaFile snapshot) implements Metadata {
        @Override
        public ObjectNode signed() {
            return MetadataWriter.timestamp(this);
        }
    }

    /** Which version of each targets file belongs to one state of the repository. @param files by role name */
    record Snapshot(long version, Instant expires, Map<String, MetaFile> files) implements Metadata {
        public Snapshot {
            files = Map.copyOf(files);
        }

        @Override
        public ObjectNode signed() {
            return MetadataWriter.snapshot(this);
        }
    }

    /** Files by path, and who else may name files. */
    record Targets(long version, Instant expires, Map<String, TargetFile> files, List<Delegation> delegations)
            implements Metadata {
        public Targets {
            files = Map.copyOf(files);
            delegations = List.copyOf(delegations);
        }

        public Optional<TargetFile> file(String path) {
            return Optional.ofNullable(files.get(path));
        }

        public Optional<Delegation> delegation(String role) {
            return delegations.stream()
                    .filter(delegation -> delegation.role().equals(role))
                    .findFirst();
        }

        @Override
        public ObjectNode signed() {
            return MetadataWriter.targets(this);
        }
    }

    /**
     * A metadata file as another one names it.
     *
     * @param length in bytes; null when not told
     * @param sha256 null when not told
     */
    record MetaFile(
            long version, @Nullable Long length, @Nullable String sha256) {
        public static MetaFile of(long version, SignedDocument document) {
            return of(version, document.bytes());
        }

        public static MetaFile of(long version, byte[] document) {
            return new MetaFile(version, (long) document.length, Sha256.of(document));
        }
    }

    /**
     * The right to name files whose path matches.
     *
     * @param paths patterns; {@code *} and {@code ?} do not match a slash
     * @param terminating whether roles after this one are not asked for such a path
     */
    record Delegation(String role, RoleKeys keys, List<String> paths, boolean terminating) {
        public Delegation {
            paths = List.copyOf(paths);
        }

        public boolean covers(String path) {
            return paths.stream().anyMatch(pattern -> PathPattern.matches(pattern, path));
        }
    }
}

package dev.muster.cli.release;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import dev.muster.cli.rest.Api;
import dev.muster.cli.rest.Query;
import dev.muster.protocol.tuf.Metadata;
import dev.muster.protocol.tuf.Metadata.Delegation;
import dev.muster.protocol.tuf.Metadata.TopRole;
import dev.muster.protocol.tuf.MetadataReader;
import dev.muster.protocol.tuf.MetadataRefusedException;
import dev.muster.protocol.tuf.RoleKeys;
import dev.muster.protocol.tuf.SignedDocument;
import dev.muster.protocol.tuf.SigningKey;
import dev.muster.protocol.tuf.TargetFile;
import dev.muster.protocol.tuf.TufKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Makes the next version of signed metadata from the current one.
 *
 * <p>The current one comes from a server that is not believed: it is taken only when one of the keys that sign now has signed
 * it too, or it has the SHA-256 that somebody gives. Otherwise a server could have its own files signed along.
 */
public final class Signing {
    private final Function<String, Optional<byte[]>> current;
    private final List<String> believed;

    private Signing(Function<String, Optional<byte[]>> current, List<String> believed) {
        this.current = current;
        this.believed = List.copyOf(believed);
    }

    /** @param believed SHA-256 of current metadata files that were checked by other means */
    public static Signing with(Api api, List<String> believed) {
        return new Signing(file -> fetched(api, file), believed);
    }

    /** Without a server: the current metadata files lie in a folder; one that is missing is a role's first version. */
    public static Signing offline(Path folder, List<String> believed) {
        return new Signing(
                file -> {
                    try {
                        Path path = folder.resolve(file);
                        return Files.exists(path) ? Optional.of(Files.readAllBytes(path)) : Optional.empty();
                    } catch (IOException e) {
                        throw new CommandFailed(
                                ExitCode.FAILED, "cannot read " + folder.resolve(file) + ": " + e.getMessage());
                    }
                },
                believed);
    }

    private static Optional<byte[]> fetched(Api api, String file) {
        try (InputStream in = api.stream(Query.of("tuf", file))) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            in.transferTo(out);
            return Optional.of(out.toByteArray());
        } catch (CommandFailed e) {
            if (e.code() == ExitCode.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        } catch (IOException e) {
            throw new CommandFailed(
                    ExitCode.UNREACHABLE, "reading " + file + " from the server broke off: " + e.getMessage());
        }
    }

    /** The two keys of the server, which root must list. */
    public record OnlineKeys(TufKey snapshot, TufKey timestamp) {
        public static OnlineKeys of(Api api) {
            JsonNode keys = api.get(Query.of("tuf")).path("onlineKeys");
            return new OnlineKeys(key(keys.path("snapshot")), key(keys.path("timestamp")));
        }

        private static TufKey key(JsonNode node) {
            return Signing.key(node.path("publicKey").asString(""));
        }
    }

    /** @param hex 32 bytes */
    public static TufKey key(String hex) {
        try {
            return TufKey.ofRaw(HexFormat.of().parseHex(hex));
        } catch (IllegalArgumentException e) {
            throw new CommandFailed(ExitCode.USAGE, "a public key is 64 characters 0-9a-f, found another text");
        }
    }

    // ---- root and targets, by an administrator

    public static byte[] firstRoot(SigningKey root, SigningKey targets, OnlineKeys online, Instant expires) {
        return root(1, RoleKeys.of(root.publicKey()), RoleKeys.of(targets.publicKey()), online, expires, List.of(root));
    }

    /** The next root: the same people, the server's keys as they are now. */
    public byte[] nextRoot(List<SigningKey> signers, OnlineKeys online, Instant expires) {
        Metadata.Root before = believe("root", signers, MetadataReader::root)
                .orElseThrow(() -> new CommandFailed(
                        ExitCode.NOT_FOUND,
                        "the server has no root.json; make the keys with muster release keys init"));
        return root(
                before.version() + 1,
                before.keysOf(TopRole.ROOT),
                before.keysOf(TopRole.TARGETS),
                online,
                expires,
                signersOf(signers, before.keysOf(TopRole.ROOT)));
    }

    private static byte[] root(
            long version,
            RoleKeys root,
            RoleKeys targets,
            OnlineKeys online,
            Instant expires,
            List<SigningKey> signers) {
        Metadata.Root metadata = new Metadata.Root(
                version,
                expires,
                Map.of(
                        TopRole.ROOT,
                        root,
                        TopRole.TARGETS,
                        targets,
                        TopRole.SNAPSHOT,
                        RoleKeys.of(online.snapshot()),
                        TopRole.TIMESTAMP,
                        RoleKeys.of(online.timestamp())));
        return SignedDocument.sign(metadata.signed(), "root.json", signers).bytes();
    }

    /**
     * The next targets: the delegations as they are, but for these components.
     *
     * @param delegated who may sign for a component
     */
    public byte[] nextTargets(List<SigningKey> signers, Map<String, RoleKeys> delegated, Instant expires) {
        Optional<Metadata.Targets> before = believe("targets", signers, MetadataReader::targets);
        Map<String, Delegation> delegations = new LinkedHashMap<>();
        before.ifPresent(
                found -> found.delegations().forEach(delegation -> delegations.put(delegation.role(), delegation)));
        delegated.forEach((component, keys) -> delegations.put(
                "releases-" + component,
                new Delegation("releases-" + component, keys, List.of(component + "/*/*"), true)));
        Metadata.Targets metadata = new Metadata.Targets(
                before.map(found -> found.version() + 1).orElse(1L),
                expires,
                Map.of(),
                List.copyOf(delegations.values()));
        return SignedDocument.sign(metadata.signed(), "targets.json", signers).bytes();
    }

    /** The next root and what follows from it, before everybody has signed. @param before the root that it replaces */
    public record Rotation(byte[] before, Map<String, byte[]> documents) {
        public Rotation {
            documents = Map.copyOf(documents);
        }
    }

    /**
     * Puts other keys in the place of those of root or targets.
     *
     * @param signers of whom those sign that the new or the replaced root lists; one of the root keys of now must be among them
     */
    public Rotation rotate(TopRole role, RoleKeys keys, List<SigningKey> signers, OnlineKeys online, Instant expires) {
        Metadata.Root before = believe("root", signers, MetadataReader::root)
                .orElseThrow(() -> new CommandFailed(
                        ExitCode.NOT_FOUND,
                        "the server has no root.json; make the keys with muster release keys init"));
        byte[] beforeBytes = current.apply("root.json").orElseThrow();
        RoleKeys root = role == TopRole.ROOT ? keys : before.keysOf(TopRole.ROOT);
        RoleKeys targets = role == TopRole.TARGETS ? keys : before.keysOf(TopRole.TARGETS);
        Map<String, byte[]> documents = new LinkedHashMap<>();
        documents.put(
                "root",
                root(
                        before.version() + 1,
                        root,
                        targets,
                        online,
                        expires,
                        signersOf(signers, before.keysOf(TopRole.ROOT), root)));
        if (role == TopRole.TARGETS) {
            nextTargets(before, expires)
                    .ifPresent(next -> documents.put(
                            "targets",
                            SignedDocument.sign(next.signed(), "targets.json", signersOf(signers, targets))
                                    .bytes()));
        }
        return new Rotation(beforeBytes, documents);
    }

    private static List<SigningKey> signersOf(List<SigningKey> signers, RoleKeys... roles) {
        return signers.stream()
                .filter(signer ->
                        List.of(roles).stream().anyMatch(role -> role.keys().contains(signer.publicKey())))
                .toList();
    }

    /** The targets that root's keys of before have signed, under the next version. */
    private Optional<Metadata.Targets> nextTargets(Metadata.Root before, Instant expires) {
        Optional<byte[]> found = current.apply("targets.json");
        if (found.isEmpty()) {
            return Optional.empty();
        }
        try {
            SignedDocument document = SignedDocument.parse(found.get(), "targets.json");
            document.requireSignedBy(before.keysOf(TopRole.TARGETS), "root of version " + before.version());
            Metadata.Targets targets = MetadataReader.targets(document);
            return Optional.of(
                    new Metadata.Targets(targets.version() + 1, expires, targets.files(), targets.delegations()));
        } catch (MetadataRefusedException e) {
            throw new CommandFailed(ExitCode.REFUSED, "the server's metadata is not believed: " + e.detail());
        }
    }

    // ---- releases, by CI

    /** The same files under the next version, with another expiry or other keys. */
    public byte[] nextReleases(String role, List<SigningKey> keys, Instant expires) {
        return SignedDocument.sign(next(role, keys, List.of(), expires).signed(), role + ".json", keys)
                .bytes();
    }

    /**
     * Signs for a bundle's files of one role. Metadata in the bundle that was made of the same current version gets more
     * signatures, for roles that need several; anything else is made anew.
     */
    public void sign(Bundle bundle, String role, List<SigningKey> keys, Instant expires) {
        List<TargetFile> files = bundle.entries().stream()
                .map(Bundle.Entry::file)
                .filter(file -> role.equals("releases-" + file.custom().component()))
                .toList();
        Metadata.Targets wanted = next(role, keys, files, expires);
        Optional<SignedDocument> begun = begun(bundle, role, wanted);
        SignedDocument signed = begun.isPresent()
                ? begun.get().alsoSignedBy(keys)
                : SignedDocument.sign(wanted.signed(), role + ".json", keys);
        bundle.writeMetadata(role, signed.bytes());
    }

    private static Optional<SignedDocument> begun(Bundle bundle, String role, Metadata.Targets wanted) {
        Optional<byte[]> document = bundle.metadata(role);
        if (document.isEmpty()) {
            return Optional.empty();
        }
        try {
            SignedDocument signed = SignedDocument.parse(document.get(), role + ".json");
            Metadata.Targets found = MetadataReader.targets(signed);
            return found.version() == wanted.version() && found.files().equals(wanted.files())
                    ? Optional.of(signed)
                    : Optional.empty();
        } catch (MetadataRefusedException damaged) {
            return Optional.empty();
        }
    }

    private Metadata.Targets next(String role, List<SigningKey> keys, List<TargetFile> more, Instant expires) {
        Optional<Metadata.Targets> before = believe(role, keys, MetadataReader::targets);
        Map<String, TargetFile> files =
                new HashMap<>(before.map(Metadata.Targets::files).orElse(Map.of()));
        for (TargetFile file : more) {
            TargetFile known = files.putIfAbsent(file.path(), file);
            if (known != null && !known.equals(file)) {
                throw new CommandFailed(
                        ExitCode.REFUSED,
                        file.path() + " was signed for before with the SHA-256 " + known.sha256() + ", this one has "
                                + file.sha256() + "; a release never changes, give it another version");
            }
        }
        return new Metadata.Targets(before.map(found -> found.version() + 1).orElse(1L), expires, files, List.of());
    }

    // ---- whom to believe

    @FunctionalInterface
    private interface Reading<T> {
        T read(SignedDocument document) throws MetadataRefusedException;
    }

    private <T> Optional<T> believe(String role, List<SigningKey> keys, Reading<T> reading) {
        Optional<byte[]> found = current.apply(role + ".json");
        if (found.isEmpty()) {
            return Optional.empty();
        }
        try {
            SignedDocument document = SignedDocument.parse(found.get(), role + ".json");
            String sha256 = dev.muster.protocol.tuf.Sha256.of(found.get());
            if (!believed.contains(sha256)) {
                List<TufKey> mine =
                        new ArrayList<>(keys.stream().map(SigningKey::publicKey).toList());
                requireMine(document, mine, role, sha256);
            }
            return Optional.of(reading.read(document));
        } catch (MetadataRefusedException e) {
            throw new CommandFailed(ExitCode.REFUSED, "the server's metadata is not believed: " + e.detail());
        }
    }

    private static void requireMine(SignedDocument document, List<TufKey> mine, String role, String sha256) {
        @Nullable MetadataRefusedException last = null;
        for (TufKey key : mine) {
            try {
                document.requireSignedBy(RoleKeys.of(key), "key " + key.id());
                return;
            } catch (MetadataRefusedException other) {
                last = other;
            }
        }
        throw new CommandFailed(
                ExitCode.REFUSED,
                "the current " + role + ".json was signed by no key that is given, so what it says is not signed along"
                        + (last == null ? "" : " (" + last.detail() + ")") + "; give the key of " + role
                        + ", too, where there are several all in one call; only when that key was replaced, compare the"
                        + " metadata, then give --believe " + sha256);
    }
}

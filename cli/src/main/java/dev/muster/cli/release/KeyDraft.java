package dev.muster.cli.release;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import dev.muster.protocol.tuf.Metadata;
import dev.muster.protocol.tuf.Metadata.TopRole;
import dev.muster.protocol.tuf.MetadataReader;
import dev.muster.protocol.tuf.MetadataRefusedException;
import dev.muster.protocol.tuf.RoleKeys;
import dev.muster.protocol.tuf.SignedDocument;
import dev.muster.protocol.tuf.SigningKey;
import dev.muster.protocol.tuf.TrustedMetadata;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A change of the keys in a folder that goes from one signer to the next: {@code root.json}, {@code targets.json} where it has
 * to be signed anew, and {@code before.json}, the root that is replaced, so that a signer needs no server.
 */
public final class KeyDraft {
    private static final String BEFORE = "before.json";

    private final Path folder;
    private final byte[] before;
    private final Map<String, byte[]> documents;

    private KeyDraft(Path folder, byte[] before, Map<String, byte[]> documents) {
        this.folder = folder;
        this.before = before;
        this.documents = new LinkedHashMap<>(documents);
    }

    public static KeyDraft write(Path folder, Signing.Rotation rotation) {
        if (Files.exists(folder)) {
            throw new CommandFailed(ExitCode.REFUSED, folder + " is there already; give another folder");
        }
        KeyDraft draft = new KeyDraft(folder, rotation.before(), rotation.documents());
        draft.store();
        return draft;
    }

    public static KeyDraft read(Path folder) {
        Map<String, byte[]> documents = new LinkedHashMap<>();
        byte[] root = file(folder, "root.json");
        byte[] before = file(folder, BEFORE);
        if (root == null || before == null) {
            throw new CommandFailed(
                    ExitCode.NOT_FOUND,
                    folder + " has no root.json and " + BEFORE + "; make it with muster release keys rotate");
        }
        documents.put("root", root);
        byte[] targets = file(folder, "targets.json");
        if (targets != null) {
            documents.put("targets", targets);
        }
        return new KeyDraft(folder, before, documents);
    }

    private static byte @Nullable [] file(Path folder, String name) {
        Path path = folder.resolve(name);
        try {
            return Files.exists(path) ? Files.readAllBytes(path) : null;
        } catch (IOException e) {
            throw new CommandFailed(ExitCode.FAILED, "cannot read " + path + ": " + e.getMessage());
        }
    }

    private void store() {
        try {
            Files.createDirectories(folder);
            Files.write(folder.resolve(BEFORE), before);
            for (Map.Entry<String, byte[]> document : documents.entrySet()) {
                Files.write(folder.resolve(document.getKey() + ".json"), document.getValue());
            }
        } catch (IOException e) {
            throw new CommandFailed(ExitCode.FAILED, "cannot write " + folder + ": " + e.getMessage());
        }
    }

    public Map<String, byte[]> documents() {
        return Map.copyOf(documents);
    }

    /** What somebody who signs should read first: who may sign for what, from then on. */
    public List<String> says() {
        Metadata.Root root = root();
        List<String> lines = new ArrayList<>();
        lines.add("root.json version " + root.version() + ", until " + root.expires());
        for (TopRole role : TopRole.values()) {
            RoleKeys keys = root.keysOf(role);
            lines.add("  " + role.wire() + ": " + keys.threshold() + " of "
                    + keys.keys().stream().map(key -> key.publicKey()).toList());
        }
        return lines;
    }

    /** Signs each file for which one of the keys counts. @return the files that were signed */
    public List<String> sign(List<SigningKey> keys) {
        List<String> signed = new ArrayList<>();
        for (String role : documents.keySet()) {
            List<SigningKey> counting =
                    keys.stream().filter(key -> counts(role, key)).toList();
            if (!counting.isEmpty()) {
                documents.put(role, document(role).alsoSignedBy(counting).bytes());
                signed.add(role + ".json");
            }
        }
        if (signed.isEmpty()) {
            throw new CommandFailed(
                    ExitCode.REFUSED, "none of these keys counts for what is in " + folder + "; nothing is signed");
        }
        store();
        return signed;
    }

    private boolean counts(String role, SigningKey key) {
        Metadata.Root next = root();
        if (role.equals("targets")) {
            return next.keysOf(TopRole.TARGETS).keys().contains(key.publicKey());
        }
        return next.keysOf(TopRole.ROOT).keys().contains(key.publicKey())
                || beforeRoot().keysOf(TopRole.ROOT).keys().contains(key.publicKey());
    }

    /** Whose signatures are missing still; empty when it can be published. */
    public List<String> missing(Instant now) {
        List<String> problems = new ArrayList<>();
        try {
            TrustedMetadata.startingWith(before, now).withRoot(documents.getOrDefault("root", new byte[0]));
        } catch (MetadataRefusedException e) {
            problems.add(e.detail());
        }
        if (documents.containsKey("targets")) {
            try {
                document("targets").requireSignedBy(root().keysOf(TopRole.TARGETS), "the targets keys of the new root");
            } catch (MetadataRefusedException e) {
                problems.add(e.detail());
            }
        }
        return problems;
    }

    private Metadata.Root root() {
        return read(document("root"));
    }

    private Metadata.Root beforeRoot() {
        return read(parsed(before, BEFORE));
    }

    private static Metadata.Root read(SignedDocument document) {
        try {
            return MetadataReader.root(document);
        } catch (MetadataRefusedException e) {
            throw new CommandFailed(ExitCode.REFUSED, e.detail());
        }
    }

    private SignedDocument document(String role) {
        return parsed(documents.getOrDefault(role, new byte[0]), role + ".json");
    }

    private static SignedDocument parsed(byte[] bytes, String what) {
        try {
            return SignedDocument.parse(bytes, what);
        } catch (MetadataRefusedException e) {
            throw new CommandFailed(ExitCode.REFUSED, e.detail());
        }
    }
}

package dev.sigstore.tuf;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.sigstore.json.GsonSupplier;
import dev.sigstore.json.canonicalizer.JsonCanonicalizer;
import dev.sigstore.tuf.model.DelegationRole;
import dev.sigstore.tuf.model.Delegations;
import dev.sigstore.tuf.model.Signature;
import dev.sigstore.tuf.model.SnapshotMeta;
import dev.sigstore.tuf.model.TargetMeta;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The one step that sigstore-java leaves out: its updater does not follow delegations. Each check of this step is its own code,
 * which only its own package may call; hence the package of this class.
 */
public final class DelegatedTargets {
    private final Updater updater;
    private final TrustedMetaStore believed;
    private final TargetStore targets;
    private final Fetcher metadata;

    public DelegatedTargets(Updater updater, TrustedMetaStore believed, TargetStore targets, Fetcher metadata) {
        this.updater = updater;
        this.believed = believed;
        this.targets = targets;
        this.metadata = metadata;
    }

    /** Verifies the role by the snapshot and by the delegation in targets.json, then the file by the role. */
    public byte[] download(String role, String path) throws Exception {
        SnapshotMeta.SnapshotTarget named =
                believed.getSnapshot().getSignedMeta().getTargetMeta(role + ".json");
        byte[] bytes = metadata.fetchResource(named.getVersion() + "." + role + ".json", named.getLengthOrDefault());
        Updater.verifyHashes(role + ".json", bytes, named.getHashes().orElseThrow());
        JsonObject document = JsonParser.parseString(new String(bytes, StandardCharsets.UTF_8))
                .getAsJsonObject();
        Delegations delegations =
                believed.getTargets().getSignedMeta().getDelegations().orElseThrow();
        DelegationRole delegated = delegations.getRoles().stream()
                .filter(one -> one.getName().equals(role))
                .findFirst()
                .orElseThrow();
        List<Signature> signatures = new ArrayList<>();
        for (JsonElement signature : document.getAsJsonArray("signatures")) {
            signatures.add(GsonSupplier.GSON.get().fromJson(signature, Signature.class));
        }
        JsonObject signed = document.getAsJsonObject("signed");
        byte[] canonical = new JsonCanonicalizer(GsonSupplier.GSON.get().toJson(signed)).getEncodedUTF8();
        updater.verifyDelegate(signatures, delegations.getKeys(), delegated, canonical);
        JsonObject file = signed.getAsJsonObject("targets").getAsJsonObject(path);
        file.remove(
                "custom"); // its model knows sigstore's own custom part only; the signature was verified with ours in
        // it
        updater.downloadTarget(path, GsonSupplier.GSON.get().fromJson(file, TargetMeta.TargetData.class));
        return targets.readTarget(path);
    }
}

package dev.muster.protocol.tuf;

import dev.muster.protocol.tuf.Metadata.Delegation;
import dev.muster.protocol.tuf.Metadata.MetaFile;
import dev.muster.protocol.tuf.Metadata.TopRole;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Writes what is signed, in the form of the specification. */
final class MetadataWriter {
    private MetadataWriter() {}

    static ObjectNode root(Metadata.Root root) {
        ObjectNode signed = start("root", root);
        signed.put("consistent_snapshot", true);
        ObjectNode keys = signed.putObject("keys");
        ObjectNode roles = signed.putObject("roles");
        for (TopRole role : TopRole.values()) {
            RoleKeys of = root.keysOf(role);
            of.keys().forEach(key -> keys.set(key.id(), key.json()));
            roleKeys(roles.putObject(role.wire()), of);
        }
        return signed;
    }

    static ObjectNode timestamp(Metadata.Timestamp timestamp) {
        ObjectNode signed = start("timestamp", timestamp);
        if (timestamp.issued() != null) {
            signed.put("x-muster-issued", time(timestamp.issued()));
        }
        metaFile(signed.putObject("meta").putObject("snapshot.json"), timestamp.snapshot());
        return signed;
    }

    static ObjectNode snapshot(Metadata.Snapshot snapshot) {
        ObjectNode signed = start("snapshot", snapshot);
        ObjectNode meta = signed.putObject("meta");
        new TreeMap<>(snapshot.files()).forEach((role, file) -> metaFile(meta.putObject(role + ".json"), file));
        return signed;
    }

    static ObjectNode targets(Metadata.Targets targets) {
        ObjectNode signed = start("targets", targets);
        ObjectNode files = signed.putObject("targets");
        new TreeMap<>(targets.files()).forEach((path, file) -> target(files.putObject(path), file));
        if (!targets.delegations().isEmpty()) {
            ObjectNode delegations = signed.putObject("delegations");
            ObjectNode keys = delegations.putObject("keys");
            ArrayNode roles = delegations.putArray("roles");
            for (Delegation delegation : targets.delegations()) {
                delegation.keys().keys().forEach(key -> keys.set(key.id(), key.json()));
                ObjectNode role = roles.addObject().put("name", delegation.role());
                roleKeys(role, delegation.keys());
                texts(role.putArray("paths"), delegation.paths());
                role.put("terminating", delegation.terminating());
            }
        }
        return signed;
    }

    private static void target(ObjectNode node, TargetFile file) {
        node.put("length", file.length()).putObject("hashes").put("sha256", file.sha256());
        TargetFile.Custom custom = file.custom();
        ObjectNode muster = node.putObject("custom").putObject("muster");
        muster.put("kind", custom.kind().wire())
                .put("component", custom.component())
                .put("version", custom.version());
        if (!custom.hardware().isEmpty()) {
            texts(muster.putArray("hardware"), custom.hardware());
        }
        if (!custom.compatibility().isEmpty()) {
            muster.put("compatibility", custom.compatibility());
        }
        if (!custom.components().isEmpty()) {
            ObjectNode components = muster.putObject("components");
            new TreeMap<>(custom.components()).forEach(components::put);
        }
    }

    private static ObjectNode start(String type, Metadata metadata) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("_type", type)
                .put("spec_version", Metadata.SPEC_VERSION)
                .put("version", metadata.version())
                .put("expires", time(metadata.expires()));
    }

    private static void roleKeys(ObjectNode node, RoleKeys keys) {
        texts(node.putArray("keyids"), keys.keys().stream().map(TufKey::id).toList());
        node.put("threshold", keys.threshold());
    }

    private static void metaFile(ObjectNode node, MetaFile file) {
        node.put("version", file.version());
        if (file.length() != null) {
            node.put("length", file.length());
        }
        if (file.sha256() != null) {
            node.putObject("hashes").put("sha256", file.sha256());
        }
    }

    private static void texts(ArrayNode array, Collection<String> texts) {
        texts.forEach(array::add);
    }

    private static String time(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}

package dev.muster.protocol.tuf;

import dev.muster.protocol.tuf.Metadata.Delegation;
import dev.muster.protocol.tuf.Metadata.MetaFile;
import dev.muster.protocol.tuf.Metadata.TopRole;
import dev.muster.protocol.tuf.MetadataRefusedException.Reason;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads what is signed into records; members that are not known are signed like the others and otherwise ignored
 * (specification 4.1).
 */
public final class MetadataReader {
    /** Names of roles are names of files. */
    static final Pattern ROLE_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");

    private static final Pattern TIME = Pattern.compile("\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}Z");
    private static final Pattern SPEC_VERSION = Pattern.compile("1\\.\\d{1,4}(\\.\\d{1,4})?");
    private static final int MAX_ENTRIES = 100_000;
    private static final int MAX_KEYS = 64;
    private static final int MAX_PATH = 512;
    private static final int MAX_TEXT = 16_384;
    private static final int MAX_HARDWARE = 256;

    private final String what;
    private final ObjectNode signed;

    private MetadataReader(SignedDocument document) {
        this.what = document.what();
        this.signed = document.signed();
    }

    public static Metadata.Root root(SignedDocument document) throws MetadataRefusedException {
        return new MetadataReader(document).root();
    }

    public static Metadata.Timestamp timestamp(SignedDocument document) throws MetadataRefusedException {
        return new MetadataReader(document).timestamp();
    }

    public static Metadata.Snapshot snapshot(SignedDocument document) throws MetadataRefusedException {
        return new MetadataReader(document).snapshot();
    }

    public static Metadata.Targets targets(SignedDocument document) throws MetadataRefusedException {
        return new MetadataReader(document).targets();
    }

    private Metadata.Root root() throws MetadataRefusedException {
        requireType("root");
        if (!Boolean.TRUE.equals(bool(signed, "consistent_snapshot"))) {
            throw malformed("has consistent_snapshot other than true");
        }
        Map<String, TufKey> keys = keys(object(signed, "keys"));
        JsonNode listed = object(signed, "roles");
        Map<TopRole, RoleKeys> roles = new EnumMap<>(TopRole.class);
        for (TopRole role : TopRole.values()) {
            roles.put(role, roleKeys(object(listed, role.wire()), keys, role.wire()));
        }
        return new Metadata.Root(version(signed), expires(), roles);
    }

    private Metadata.Timestamp timestamp() throws MetadataRefusedException {
        requireType("timestamp");
        JsonNode meta = object(signed, "meta");
        if (meta.size() != 1) {
            throw malformed("lists " + meta.size() + " files, allowed is snapshot.json alone");
        }
        return new Metadata.Timestamp(
                version(signed),
                expires(),
                signed.has("x-muster-issued") ? time("x-muster-issued") : null,
                metaFile(object(meta, "snapshot.json"), "snapshot.json"));
    }

    private Metadata.Snapshot snapshot() throws MetadataRefusedException {
        requireType("snapshot");
        Map<String, MetaFile> files = new HashMap<>();
        for (Map.Entry<String, JsonNode> entry :
                bounded(object(signed, "meta"), "meta").properties()) {
            String name = entry.getKey();
            if (!name.endsWith(".json")) {
                throw malformed("lists " + SignedDocument.shown(name) + ", which is no metadata file");
            }
            String role = name.substring(0, name.length() - ".json".length());
            requireRoleName(role);
            files.put(role, metaFile(entry.getValue(), name));
        }
        if (!files.containsKey("targets")) {
            throw malformed("does not list targets.json");
        }
        return new Metadata.Snapshot(version(signed), expires(), files);
    }

    private Metadata.Targets targets() throws MetadataRefusedException {
        requireType("targets");
        Map<String, TargetFile> files = new HashMap<>();
        for (Map.Entry<String, JsonNode> entry :
                bounded(object(signed, "targets"), "targets").properties()) {
            files.put(entry.getKey(), target(entry.getKey(), entry.getValue()));
        }
        List<Delegation> delegations =
                signed.has("delegations") ? delegations(object(signed, "delegations")) : List.of();
        return new Metadata.Targets(version(signed), expires(), files, delegations);
    }

    private TargetFile target(String path, JsonNode node) throws MetadataRefusedException {
        requirePath(path);
        JsonNode custom = node.path("custom").path("muster");
        return new TargetFile(
                path,
                natural(node, "length", path),
                hash(object(node, "hashes"), path),
                new TargetFile.Custom(
                        kind(custom, path),
                        text(custom, "component"),
                        text(custom, "version"),
                        texts(custom, "hardware", MAX_HARDWARE),
                        text(custom, "compatibility"),
                        components(custom)));
    }

    /** Files of other publishers have no custom part: they are artifacts of nothing. */
    private TargetFile.Kind kind(JsonNode custom, String path) throws MetadataRefusedException {
        String found = text(custom, "kind");
        if (found.isEmpty()) {
            return TargetFile.Kind.ARTIFACT;
        }
        for (TargetFile.Kind kind : TargetFile.Kind.values()) {
            if (kind.wire().equals(found)) {
                return kind;
            }
        }
        throw malformed("says that " + path + " is of kind \"" + SignedDocument.shown(found) + "\", known are "
                + String.join(", ", new TreeSet<>(kinds())));
    }

    private static List<String> kinds() {
        return List.of(TargetFile.Kind.values()).stream()
                .map(TargetFile.Kind::wire)
                .toList();
    }

    private Map<String, String> components(JsonNode custom) throws MetadataRefusedException {
        Map<String, String> components = new LinkedHashMap<>();
        if (custom.has("components")) {
            JsonNode listed = bounded(object(custom, "components"), "components");
            for (String component : listed.propertyNames()) {
                components.put(component, text(listed, component));
            }
        }
        return components;
    }

    private List<Delegation> delegations(JsonNode node) throws MetadataRefusedException {
        Map<String, TufKey> keys = keys(object(node, "keys"));
        JsonNode roles = node.path("roles");
        if (!roles.isArray() || roles.size() > MAX_ENTRIES) {
            throw malformed("has delegations whose \"roles\" is no array of at most " + MAX_ENTRIES);
        }
        List<Delegation> delegations = new ArrayList<>();
        Set<String> names = new TreeSet<>();
        for (JsonNode role : roles) {
            String name = text(role, "name");
            requireRoleName(name);
            if (isTopRole(name) || !names.add(name)) {
                throw malformed("delegates to \"" + name + "\", a name that is taken");
            }
            if (role.has("path_hash_prefixes")) {
                throw malformed("delegates to " + name + " by path_hash_prefixes; only paths are known here");
            }
            List<String> paths = texts(role, "paths", MAX_ENTRIES);
            for (String pattern : paths) {
                if (pattern.contains("[")) {
                    throw malformed("delegates to " + name + " the pattern " + SignedDocument.shown(pattern)
                            + "; allowed are * and ?");
                }
            }
            delegations.add(new Delegation(
                    name, roleKeys(role, keys, name), paths, Boolean.TRUE.equals(bool(role, "terminating"))));
        }
        return delegations;
    }

    private static boolean isTopRole(String name) {
        for (TopRole role : TopRole.values()) {
            if (role.wire().equals(name.toLowerCase(Locale.ROOT))) {
                return true;
            }
        }
        return false;
    }

    private Map<String, TufKey> keys(JsonNode node) throws MetadataRefusedException {
        Map<String, TufKey> keys = new HashMap<>();
        for (Map.Entry<String, JsonNode> entry : bounded(node, "keys").properties()) {
            keys.put(entry.getKey(), TufKey.read(entry.getKey(), entry.getValue(), what));
        }
        return keys;
    }

    private RoleKeys roleKeys(JsonNode node, Map<String, TufKey> known, String role) throws MetadataRefusedException {
        List<TufKey> keys = new ArrayList<>();
        Set<String> different = new TreeSet<>();
        for (String id : texts(node, "keyids", MAX_KEYS)) {
            TufKey key = known.get(id);
            if (key == null || !different.add(key.publicKey())) {
                throw malformed("names for " + role + " the key " + SignedDocument.shown(id)
                        + (key == null ? ", which it does not list" : " twice"));
            }
            keys.add(key);
        }
        long threshold = natural(node, "threshold", role);
        if (threshold < 1 || threshold > keys.size()) {
            throw malformed("has for " + role + " a threshold of " + threshold
                    + ", allowed is 1 to its number of keys, " + keys.size());
        }
        return new RoleKeys(keys, (int) threshold);
    }

    private MetaFile metaFile(JsonNode node, String name) throws MetadataRefusedException {
        return new MetaFile(
                version(node),
                node.has("length") ? natural(node, "length", name) : null,
                node.has("hashes") ? hash(object(node, "hashes"), name) : null);
    }

    // ---- fields

    private void requireType(String type) throws MetadataRefusedException {
        if (!text(signed, "_type").equals(type)) {
            throw malformed("is of type \"" + SignedDocument.shown(text(signed, "_type")) + "\", not " + type);
        }
        if (!SPEC_VERSION.matcher(text(signed, "spec_version")).matches()) {
            throw malformed("follows specification \"" + SignedDocument.shown(text(signed, "spec_version"))
                    + "\"; known is 1.x");
        }
    }

    private Instant expires() throws MetadataRefusedException {
        return time("expires");
    }

    private Instant time(String field) throws MetadataRefusedException {
        String text = text(signed, field);
        try {
            if (TIME.matcher(text).matches()) {
                return Instant.parse(text);
            }
        } catch (DateTimeParseException e) {
            throw malformed("has \"" + field + "\": " + SignedDocument.shown(text) + ", which is no time");
        }
        throw malformed("has \"" + field + "\": " + SignedDocument.shown(text)
                + ", which is no time of the form 2026-11-25T12:00:00Z");
    }

    private long version(JsonNode node) throws MetadataRefusedException {
        long version = natural(node, "version", "it");
        if (version < 1) {
            throw malformed("has a version of " + version + "; the first is 1");
        }
        return version;
    }

    private long natural(JsonNode node, String field, String of) throws MetadataRefusedException {
        JsonNode found = node.path(field);
        if (!found.isIntegralNumber() || !found.canConvertToLong() || found.longValue() < 0) {
            throw malformed("has for " + SignedDocument.shown(of) + " no number \"" + field + "\" of at least 0");
        }
        return found.longValue();
    }

    private String hash(JsonNode hashes, String of) throws MetadataRefusedException {
        String hash = text(hashes, "sha256");
        if (!Sha256.isHash(hash)) {
            throw malformed("has no SHA-256 of " + SignedDocument.shown(of));
        }
        return hash;
    }

    /** Empty when left out. */
    private String text(JsonNode node, String field) throws MetadataRefusedException {
        JsonNode found = node.path(field);
        if (found.isMissingNode()) {
            return "";
        }
        if (!found.isString() || found.stringValue().length() > MAX_TEXT) {
            throw malformed("has a \"" + SignedDocument.shown(field) + "\" that is no text of at most " + MAX_TEXT
                    + " characters");
        }
        return found.stringValue();
    }

    private List<String> texts(JsonNode node, String field, int max) throws MetadataRefusedException {
        JsonNode found = node.path(field);
        if (found.isMissingNode()) {
            return List.of();
        }
        if (!found.isArray() || found.size() > max) {
            throw malformed("has a \"" + field + "\" that is no array of at most " + max);
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode item : found) {
            if (!item.isString() || item.stringValue().length() > MAX_PATH) {
                throw malformed("has in \"" + field + "\" what is no text of at most " + MAX_PATH + " characters");
            }
            texts.add(item.stringValue());
        }
        return texts;
    }

    private @Nullable Boolean bool(JsonNode node, String field) throws MetadataRefusedException {
        JsonNode found = node.path(field);
        if (found.isMissingNode()) {
            return null;
        }
        if (!found.isBoolean()) {
            throw malformed("has a \"" + field + "\" that is neither true nor false");
        }
        return found.booleanValue();
    }

    private JsonNode object(JsonNode node, String field) throws MetadataRefusedException {
        JsonNode found = node.path(field);
        if (!found.isObject()) {
            throw malformed("has no object \"" + field + "\"");
        }
        return found;
    }

    private JsonNode bounded(JsonNode node, String field) throws MetadataRefusedException {
        if (node.size() > MAX_ENTRIES) {
            throw malformed("has " + node.size() + " entries in \"" + field + "\", allowed are " + MAX_ENTRIES);
        }
        return node;
    }

    private void requireRoleName(String name) throws MetadataRefusedException {
        if (!ROLE_NAME.matcher(name).matches()) {
            throw malformed("names the role \"" + SignedDocument.shown(name) + "\", allowed is " + ROLE_NAME);
        }
    }

    private void requirePath(String path) throws MetadataRefusedException {
        boolean allowed = !path.isEmpty()
                && path.length() <= MAX_PATH
                && !path.startsWith("/")
                && path.chars().noneMatch(Character::isISOControl)
                && List.of(path.split("/", -1)).stream()
                        .noneMatch(segment -> segment.isEmpty() || segment.equals(".") || segment.equals(".."));
        if (!allowed) {
            throw malformed("lists the path \"" + SignedDocument.shown(path)
                    + "\"; allowed are relative paths of at most " + MAX_PATH + " characters");
        }
    }

    private MetadataRefusedException malformed(String problem) {
        return new MetadataRefusedException(Reason.MALFORMED, what + " " + problem);
    }
}

package dev.muster.protocol.tuf;

import dev.muster.protocol.tuf.MetadataRefusedException.Reason;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A metadata file: what is signed, and the signatures over its canonical form. What it says is believed by nobody yet. */
public final class SignedDocument {
    private static final int MAX_SIGNATURES = 64;
    private static final int MAX_SHOWN = 80;

    private final String what;
    private final byte[] bytes;
    private final ObjectNode signed;
    private final Map<String, String> signatures;

    private SignedDocument(String what, byte[] bytes, ObjectNode signed, Map<String, String> signatures) {
        this.what = what;
        this.bytes = bytes;
        this.signed = signed;
        this.signatures = signatures;
    }

    /** @param what is read, for messages: {@code timestamp.json} */
    public static SignedDocument parse(byte[] bytes, String what) throws MetadataRefusedException {
        ObjectNode document = CanonicalJson.parse(bytes, what);
        if (!(document.get("signed") instanceof ObjectNode signed)
                || !(document.get("signatures") instanceof ArrayNode list)) {
            throw malformed(what, "has no object \"signed\" beside an array \"signatures\"");
        }
        if (list.size() > MAX_SIGNATURES) {
            throw malformed(what, "has " + list.size() + " signatures, at most " + MAX_SIGNATURES + " are allowed");
        }
        Map<String, String> signatures = new LinkedHashMap<>();
        for (JsonNode entry : list) {
            String key = entry.path("keyid").asString("");
            if (signatures.putIfAbsent(key, entry.path("sig").asString("")) != null) {
                throw malformed(what, "is signed twice by key " + shown(key));
            }
        }
        return new SignedDocument(what, bytes.clone(), signed, signatures);
    }

    /** Signs with each of the keys. */
    public static SignedDocument sign(ObjectNode signed, String what, List<SigningKey> keys) {
        return new SignedDocument(what, new byte[0], signed.deepCopy(), Map.of()).alsoSignedBy(keys);
    }

    /** The same with more signatures, for roles whose threshold needs several people. */
    public SignedDocument alsoSignedBy(List<SigningKey> keys) {
        byte[] canonical = CanonicalJson.of(signed);
        Map<String, String> all = new LinkedHashMap<>(signatures);
        for (SigningKey key : keys) {
            all.put(key.publicKey().id(), HexFormat.of().formatHex(key.sign(canonical)));
        }
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        ArrayNode list = document.putArray("signatures");
        all.forEach((key, signature) -> list.addObject().put("keyid", key).put("sig", signature));
        document.set("signed", signed);
        byte[] written = (document.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8);
        return new SignedDocument(what, written, signed, all);
    }

    /** As on the wire; hashes are made over these. */
    public byte[] bytes() {
        return bytes.clone();
    }

    ObjectNode signed() {
        return signed;
    }

    String what() {
        return what;
    }

    /**
     * Makes sure that enough of the role's keys have signed.
     *
     * @param role for the message: {@code root} of version 3
     */
    public void requireSignedBy(RoleKeys role, String name) throws MetadataRefusedException {
        byte[] canonical = CanonicalJson.of(signed);
        Set<String> good = new HashSet<>(); // by key, not by id: one key under two ids counts once
        int bad = 0;
        for (TufKey key : role.keys()) {
            String signature = signatures.get(key.id());
            if (signature != null) {
                if (isHex(signature) && key.verifies(canonical, HexFormat.of().parseHex(signature))) {
                    good.add(key.publicKey());
                } else {
                    bad++;
                }
            }
        }
        if (good.size() < role.threshold()) {
            throw new MetadataRefusedException(
                    Reason.NOT_SIGNED,
                    "%s is not signed by %s: %d good signature%s of its keys %s, %d needed%s"
                            .formatted(
                                    what,
                                    name,
                                    good.size(),
                                    good.size() == 1 ? "" : "s",
                                    shortIds(
                                            role.keys().stream().map(TufKey::id).toList()),
                                    role.threshold(),
                                    hint(bad, role)));
        }
    }

    private String hint(int bad, RoleKeys role) {
        if (bad > 0) {
            return "; " + bad + " signature" + (bad == 1 ? " is" : "s are")
                    + " wrong: the metadata was altered after signing";
        }
        boolean others =
                !signatures.isEmpty() && role.keys().stream().noneMatch(key -> signatures.containsKey(key.id()));
        return others ? "; it is signed by other keys: " + shortIds(signatures.keySet()) : "";
    }

    private static boolean isHex(String text) {
        return text.length() % 2 == 0 && text.chars().allMatch(c -> Character.digit(c, 16) >= 0 && c < 128);
    }

    private static String shortIds(Collection<String> ids) {
        return ids.stream()
                .limit(8)
                .map(id -> id.length() <= 8 ? shown(id) : shown(id.substring(0, 8)))
                .toList()
                .toString();
    }

    /** Hostile input is cut before it reaches a message or a log. */
    static String shown(String text) {
        String printable = text.replaceAll("[^\\x20-\\x7e]", "?");
        return printable.length() <= MAX_SHOWN ? printable : printable.substring(0, MAX_SHOWN) + "…";
    }

    private static MetadataRefusedException malformed(String what, String problem) {
        return new MetadataRefusedException(Reason.MALFORMED, what + " " + problem);
    }

    @Override
    public String toString() {
        return what;
    }
}

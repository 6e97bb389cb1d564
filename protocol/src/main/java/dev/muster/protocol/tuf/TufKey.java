package dev.muster.protocol.tuf;

import dev.muster.protocol.tuf.MetadataRefusedException.Reason;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A public Ed25519 key by its TUF name (specification 4.2).
 *
 * @param id SHA-256 of the canonical form of the key
 * @param publicKey 32 bytes in lower-case hexadecimal (RFC 8032)
 */
public record TufKey(String id, String publicKey) {
    private static final String ED25519 = "ed25519";
    private static final int LENGTH = 32;
    /** DER of SubjectPublicKeyInfo for id-Ed25519 (RFC 8410), without the key itself. */
    private static final byte[] SPKI_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    /** @param raw 32 bytes */
    public static TufKey ofRaw(byte[] raw) {
        if (raw.length != LENGTH) {
            throw new IllegalArgumentException("an Ed25519 key has " + LENGTH + " bytes, found " + raw.length);
        }
        String hex = HexFormat.of().formatHex(raw);
        return new TufKey(Sha256.of(CanonicalJson.of(json(hex))), hex);
    }

    /** @param key of {@link KeyFactory} Ed25519 */
    static TufKey of(PublicKey key) {
        byte[] spki = key.getEncoded();
        byte[] raw = new byte[LENGTH];
        System.arraycopy(spki, spki.length - LENGTH, raw, 0, LENGTH);
        return ofRaw(raw);
    }

    /** @param id under which it is listed: must be that of the key */
    static TufKey read(String id, JsonNode json, String where) throws MetadataRefusedException {
        String type = json.path("keytype").asString("");
        String scheme = json.path("scheme").asString("");
        if (!type.equals(ED25519) || !scheme.equals(ED25519)) {
            throw malformed(where, id, "has type \"" + type + "\" and scheme \"" + scheme + "\"; known is ed25519");
        }
        String hex = json.path("keyval").path("public").asString("");
        if (hex.length() != 2 * LENGTH || !Sha256.isHash(hex)) {
            throw malformed(where, id, "is not 32 bytes in lower-case hexadecimal");
        }
        TufKey key = new TufKey(id, hex);
        if (!Sha256.of(CanonicalJson.of(json)).equals(id)) {
            throw malformed(where, id, "has another id than the SHA-256 of its canonical form");
        }
        try {
            publicKeyOf(hex);
        } catch (GeneralSecurityException e) {
            throw malformed(where, id, "is no Ed25519 key");
        }
        return key;
    }

    ObjectNode json() {
        return json(publicKey);
    }

    private static ObjectNode json(String hex) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("keytype", ED25519).put("scheme", ED25519).putObject("keyval").put("public", hex);
        return json;
    }

    /** Whether a signature over the bytes is this key's. */
    boolean verifies(byte[] signed, byte[] signature) {
        try {
            Signature verifier = Signature.getInstance("Ed25519");
            verifier.initVerify(publicKeyOf(publicKey));
            verifier.update(signed);
            return verifier.verify(signature);
        } catch (GeneralSecurityException malformed) {
            return false; // wrong length, or no point of the curve
        }
    }

    private static PublicKey publicKeyOf(String hex) throws GeneralSecurityException {
        byte[] spki = new byte[SPKI_PREFIX.length + LENGTH];
        System.arraycopy(SPKI_PREFIX, 0, spki, 0, SPKI_PREFIX.length);
        System.arraycopy(HexFormat.of().parseHex(hex), 0, spki, SPKI_PREFIX.length, LENGTH);
        return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(spki));
    }

    private static MetadataRefusedException malformed(String where, String id, String problem) {
        return new MetadataRefusedException(
                Reason.MALFORMED, where + ": key " + SignedDocument.shown(id) + " " + problem);
    }
}

package dev.muster.protocol.provenance;

import dev.muster.protocol.tuf.SigningKey;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A signed message of the Dead Simple Signing Envelope, version 1.0.2: what it is of, its bytes, and signatures over both. Whose
 * signatures are good is asked with {@link #isSignedBy}; the key ids in it are hints that nobody has signed, and are not read.
 */
public record Envelope(String payloadType, byte[] payload, List<byte[]> signatures) {
    public static final String IN_TOTO = "application/vnd.in-toto+json";
    public static final int MAX_ENVELOPES = 16;
    private static final int MAX_SIGNATURES = 16;

    /** A member that comes twice could be read in two ways. */
    static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    public Envelope {
        signatures = List.copyOf(signatures);
    }

    /** One envelope as JSON, or one on each line. */
    public static List<Envelope> parse(byte[] document) throws ProvenanceException {
        String text = new String(document, StandardCharsets.UTF_8);
        try {
            return List.of(envelope(JSON.readTree(text)));
        } catch (JacksonException several) {
            List<String> lines = text.lines().filter(line -> !line.isBlank()).toList();
            if (lines.isEmpty() || lines.size() > MAX_ENVELOPES) {
                throw new ProvenanceException("has " + lines.size() + " envelopes, allowed are 1 to " + MAX_ENVELOPES);
            }
            List<Envelope> envelopes = new ArrayList<>();
            for (String line : lines) {
                envelopes.add(envelope(read(line)));
            }
            return envelopes;
        }
    }

    private static JsonNode read(String line) throws ProvenanceException {
        try {
            return JSON.readTree(line);
        } catch (JacksonException e) {
            throw new ProvenanceException("is neither JSON nor JSON on each line");
        }
    }

    private static Envelope envelope(JsonNode json) throws ProvenanceException {
        JsonNode signatures = json.path("signatures");
        if (!json.path("payload").isString()
                || !json.path("payloadType").isString()
                || !signatures.isArray()
                || signatures.isEmpty()
                || signatures.size() > MAX_SIGNATURES) {
            throw new ProvenanceException(
                    "is no DSSE envelope with payloadType, payload and 1 to " + MAX_SIGNATURES + " signatures");
        }
        List<byte[]> read = new ArrayList<>();
        for (JsonNode signature : signatures) {
            read.add(base64(signature.path("sig").asString("")));
        }
        return new Envelope(
                json.path("payloadType").stringValue(),
                base64(json.path("payload").stringValue()),
                read);
    }

    /** Either alphabet is allowed (DSSE, protocol). */
    private static byte[] base64(String text) throws ProvenanceException {
        try {
            return Base64.getDecoder().decode(text.replace('-', '+').replace('_', '/'));
        } catch (IllegalArgumentException e) {
            throw new ProvenanceException("has a payload or signature that is not base64");
        }
    }

    /** @param key Ed25519, or of an elliptic curve with SHA-256 */
    public boolean isSignedBy(PublicKey key) {
        byte[] message = message(payloadType, payload);
        for (byte[] signature : signatures) {
            try {
                Signature verifier = Signature.getInstance(key instanceof ECPublicKey ? "SHA256withECDSA" : "Ed25519");
                verifier.initVerify(key);
                verifier.update(message);
                if (verifier.verify(signature)) {
                    return true;
                }
            } catch (GeneralSecurityException ofAnotherKey) {
                // its length or form is not that of this key's signatures
            }
        }
        return false;
    }

    /** PAE: both lengths are signed too, so that nothing can move from the one to the other. */
    private static byte[] message(String type, byte[] payload) {
        byte[] typeBytes = type.getBytes(StandardCharsets.UTF_8);
        byte[] head = ("DSSEv1 " + typeBytes.length + " " + type + " " + payload.length + " ")
                .getBytes(StandardCharsets.UTF_8);
        byte[] all = new byte[head.length + payload.length];
        System.arraycopy(head, 0, all, 0, head.length);
        System.arraycopy(payload, 0, all, head.length, payload.length);
        return all;
    }

    /** An envelope as JSON on one line. */
    public static String sign(String payloadType, byte[] payload, SigningKey key) {
        ObjectNode json = JSON.createObjectNode();
        json.put("payloadType", payloadType).put("payload", Base64.getEncoder().encodeToString(payload));
        json.putArray("signatures")
                .addObject()
                .put("keyid", key.publicKey().id())
                .put("sig", Base64.getEncoder().encodeToString(key.signMessage(message(payloadType, payload))));
        return json.toString();
    }
}

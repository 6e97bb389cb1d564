package dev.muster.agent.identity;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.util.Base64;

/** A claim token, {@code claim_SECRET.PIN}: the pin is the SHA-256 of the root CA's public key (docs/protocol.md §1). */
public final class ClaimToken {
    private static final String PREFIX = "claim_";
    private static final int SHA_256_BYTES = 32;

    private final String text;
    private final byte[] pin;

    private ClaimToken(String text, byte[] pin) {
        this.text = text;
        this.pin = pin;
    }

    /** @throws IllegalArgumentException that does not repeat the secret */
    public static ClaimToken parse(String text) {
        int dot = text.lastIndexOf('.');
        if (!text.startsWith(PREFIX) || dot <= PREFIX.length() || dot == text.length() - 1) {
            throw new IllegalArgumentException(
                    "must be a claim token of the form claim_SECRET.PIN; create one with: muster claim-token create");
        }
        byte[] pin;
        try {
            pin = Base64.getUrlDecoder().decode(text.substring(dot + 1));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("must be a claim token whose part behind the last dot is base64url", e);
        }
        if (pin.length != SHA_256_BYTES) {
            throw new IllegalArgumentException("must be a claim token whose part behind the last dot has "
                    + SHA_256_BYTES + " bytes, found " + pin.length + "; was it cut?");
        }
        return new ClaimToken(text, pin);
    }

    /** Whether the certificate is self-issued and has the pinned key. */
    public boolean pins(X509Certificate ca) {
        return ca.getSubjectX500Principal().equals(ca.getIssuerX500Principal())
                && MessageDigest.isEqual(sha256(ca.getPublicKey().getEncoded()), pin);
    }

    /** As it is shown to the server. */
    String secretText() {
        return text;
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return "ClaimToken";
    }
}

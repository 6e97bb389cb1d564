package dev.muster.simulator.enrol;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.util.Base64;

/**
 * A claim token as text, {@code claim_SECRET.PIN}: the pin is the SHA-256 of the root CA's public key, so that the first
 * contact is verified.
 */
public record ClaimToken(String text, byte[] caPin) {

    public static ClaimToken parse(String text) {
        int dot = text.lastIndexOf('.');
        if (!text.startsWith("claim_") || dot < "claim_".length() + 1 || dot == text.length() - 1) {
            throw new IllegalArgumentException(
                    "the claim token is not of the form claim_SECRET.PIN; create one with: muster claim-token create");
        }
        byte[] pin;
        try {
            pin = Base64.getUrlDecoder().decode(text.substring(dot + 1));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the CA pin of the claim token is not base64url", e);
        }
        if (pin.length != 32) {
            throw new IllegalArgumentException(
                    "the CA pin of the claim token has " + pin.length + " bytes, a SHA-256 has 32");
        }
        return new ClaimToken(text, pin);
    }

    public boolean pins(X509Certificate ca) {
        try {
            byte[] found = MessageDigest.getInstance("SHA-256")
                    .digest(ca.getPublicKey().getEncoded());
            return MessageDigest.isEqual(found, caPin);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ClaimToken that && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return "ClaimToken";
    }
}

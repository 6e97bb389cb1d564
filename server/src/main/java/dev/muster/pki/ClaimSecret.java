package dev.muster.pki;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The secret part of a claim token: {@code claim_} and 256 random bits in hexadecimal.
 *
 * <p>What people are given is {@code claim_<secret>.<pin>}; the pin tells the asset which root to trust and is of no
 * concern to the server. Only the SHA-256 of the secret is stored: with 256 random bits nothing slower is needed.
 */
record ClaimSecret(String text) {
    static final String PREFIX = "claim_";

    private static final Pattern FORM = Pattern.compile("(" + PREFIX + "[0-9a-f]{64})(\\.[A-Za-z0-9_-]{43})?");

    static ClaimSecret generate(SecureRandom random) {
        byte[] secret = new byte[32];
        random.nextBytes(secret);
        return new ClaimSecret(PREFIX + HexFormat.of().formatHex(secret));
    }

    /** With or without the pin: who types a curl command may leave it out. */
    static Optional<ClaimSecret> parse(String token) {
        var matcher = FORM.matcher(token.strip());
        return matcher.matches() ? Optional.of(new ClaimSecret(matcher.group(1))) : Optional.empty();
    }

    String withPin(String rootPin) {
        return text + "." + rootPin;
    }

    byte[] hash() {
        return CertificateAuthority.sha256(text.getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public String toString() {
        return "ClaimSecret[masked]";
    }
}

package dev.muster.ddi;

import dev.muster.protocol.tuf.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/** The secret of a gateway token: {@code gateway_} and 256 random bits in hexadecimal; only its SHA-256 is stored. */
record GatewaySecret(String text) {
    private static final String PREFIX = "gateway_";
    private static final Pattern FORM = Pattern.compile(PREFIX + "[0-9a-f]{64}");

    static GatewaySecret generate(SecureRandom random) {
        byte[] secret = new byte[32];
        random.nextBytes(secret);
        return new GatewaySecret(PREFIX + HexFormat.of().formatHex(secret));
    }

    static Optional<GatewaySecret> parse(String text) {
        return FORM.matcher(text).matches() ? Optional.of(new GatewaySecret(text)) : Optional.empty();
    }

    /** Lower-case hexadecimal. */
    String hash() {
        return Sha256.of(text.getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public String toString() {
        return "GatewaySecret[masked]";
    }
}

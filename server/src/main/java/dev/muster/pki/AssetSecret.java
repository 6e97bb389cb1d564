package dev.muster.pki;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The secret of an asset's token: {@code asset_} and 256 random bits in hexadecimal. Only its SHA-256 is stored: with so many
 * random bits nothing slower is needed.
 */
record AssetSecret(String text) {
    private static final String PREFIX = "asset_";
    private static final Pattern FORM = Pattern.compile(PREFIX + "[0-9a-f]{64}");

    static AssetSecret generate(SecureRandom random) {
        byte[] secret = new byte[32];
        random.nextBytes(secret);
        return new AssetSecret(PREFIX + HexFormat.of().formatHex(secret));
    }

    static Optional<AssetSecret> parse(String text) {
        return FORM.matcher(text).matches() ? Optional.of(new AssetSecret(text)) : Optional.empty();
    }

    /** Lower-case hexadecimal. */
    String hash() {
        return HexFormat.of().formatHex(CertificateAuthority.sha256(text.getBytes(StandardCharsets.US_ASCII)));
    }

    @Override
    public String toString() {
        return "AssetSecret[masked]";
    }
}

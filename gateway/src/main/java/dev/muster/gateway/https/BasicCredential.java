package dev.muster.gateway.https;

import dev.muster.gateway.port.Enrolment.Credential.ClaimToken;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads a claim token from HTTP Basic (RFC 7617). */
final class BasicCredential {
    private static final String SCHEME = "Basic ";
    private static final int MAX_LENGTH = 2048;

    private BasicCredential() {}

    static Optional<ClaimToken> parse(@Nullable String authorization) {
        if (authorization == null
                || authorization.length() > MAX_LENGTH
                || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return Optional.empty();
        }
        try {
            byte[] decoded = Base64.getDecoder()
                    .decode(authorization.substring(SCHEME.length()).strip());
            String pair = new String(decoded, StandardCharsets.UTF_8);
            int colon = pair.indexOf(':');
            return colon < 0 || colon == pair.length() - 1
                    ? Optional.empty()
                    : Optional.of(new ClaimToken(pair.substring(0, colon), pair.substring(colon + 1)));
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        }
    }
}

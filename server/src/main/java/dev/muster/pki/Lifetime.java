package dev.muster.pki;

import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.registry.document.Durations;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How long a token is to be good for, as a request says it. */
public final class Lifetime {
    private Lifetime() {}

    /** @param text such as {@code 24h}; null for the usual one */
    public static Duration of(@Nullable String text, Duration usual) {
        if (text == null) {
            return usual;
        }
        Duration lifetime = Durations.parse(text);
        if (lifetime == null) {
            throw new Refusal(ErrorCode.INVALID, "expiresIn is not a time such as 90m, 24h or 7d");
        }
        return lifetime;
    }
}

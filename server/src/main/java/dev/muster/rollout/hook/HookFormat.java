package dev.muster.rollout.hook;

import java.util.Locale;
import java.util.Optional;

/** How a sender speaks, and so how its message is signed. */
public enum HookFormat {
    /** standardwebhooks.com: HMAC-SHA-256 over id, time and body. */
    STANDARD,
    /** GitHub: HMAC-SHA-256 over the body; events {@code registry_package}, {@code package}, {@code release}. */
    GITHUB,
    /** Notifications of an OCI registry (CNCF Distribution), which signs nothing: the secret comes as a bearer token. */
    OCI;

    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<HookFormat> of(String wire) {
        for (HookFormat format : values()) {
            if (format.wire().equals(wire)) {
                return Optional.of(format);
            }
        }
        return Optional.empty();
    }
}

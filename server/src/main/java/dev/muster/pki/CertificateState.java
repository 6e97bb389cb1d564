package dev.muster.pki;

import java.util.Locale;
import java.util.Optional;

/** What has become of a certificate. */
enum CertificateState {
    /** The newest of its asset, and valid. */
    CURRENT,
    /** The newest of its asset, and over. */
    EXPIRED,
    /** Followed by another one of its asset. */
    SUPERSEDED,
    REVOKED;

    String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<CertificateState> parse(String wire) {
        for (CertificateState state : values()) {
            if (state.wire().equals(wire)) {
                return Optional.of(state);
            }
        }
        return Optional.empty();
    }
}

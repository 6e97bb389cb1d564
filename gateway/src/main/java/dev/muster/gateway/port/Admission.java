package dev.muster.gateway.port;

import dev.muster.protocol.AssetId;
import java.security.cert.X509Certificate;

/**
 * Maps a credential to the asset it speaks for. Answers from memory, also while the database is away; called on event
 * loops, must not block.
 */
public interface Admission {

    /** @param certificate of the client; TLS has verified its chain and validity */
    Decision admit(X509Certificate certificate);

    sealed interface Decision {
        /** @param serial of the certificate, lower-case hexadecimal */
        record Admitted(AssetId asset, String serial) implements Decision {}

        /** @param code stable, for metrics ({@code revoked}, {@code retired}, {@code unknown}); @param message for the log */
        record Refused(String code, String message) implements Decision {}
    }
}

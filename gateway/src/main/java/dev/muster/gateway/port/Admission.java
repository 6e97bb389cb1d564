package dev.muster.gateway.port;

import dev.muster.protocol.AssetId;
import java.security.cert.X509Certificate;
import java.time.Instant;

/**
 * Maps a credential to the asset it speaks for. Answers from memory, also while the database is away; called on event
 * loops, must not block.
 */
public interface Admission {

    /** @param certificate of the client; TLS has verified its chain and validity */
    Decision admit(X509Certificate certificate);

    /** Of a connection that stays within this machine: what is sent over it can be read on the way. */
    Decision admit(Token token);

    /**
     * What an asset shows where there is no certificate.
     *
     * @param user the asset's id
     */
    record Token(String user, String secret) {
        @Override
        public String toString() {
            return "Token[user=" + user + "]";
        }
    }

    sealed interface Decision {
        /**
         * @param credential serial of the certificate in lower-case hexadecimal, or id of the token
         * @param until when the credential ends, and a session with it
         */
        record Admitted(AssetId asset, String credential, Instant until) implements Decision {}

        /** @param code stable, for metrics ({@code revoked}, {@code retired}, {@code unknown}); @param message for the log */
        record Refused(String code, String message) implements Decision {}
    }
}

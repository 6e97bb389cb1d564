package dev.muster.bench;

import dev.muster.protocol.AssetId;
import dev.muster.simulator.enrol.AssetIdentity;

/** What one session of the generator shows: a certificate over TLS, or a token without. */
sealed interface Credential {
    AssetId id();

    record Certificate(AssetIdentity identity) implements Credential {
        @Override
        public AssetId id() {
            return identity.id();
        }
    }

    /** @param secret empty where nobody looks at it */
    record Token(AssetId id, String secret) implements Credential {
        @Override
        public String toString() {
            return "Token[" + id + "]";
        }
    }
}

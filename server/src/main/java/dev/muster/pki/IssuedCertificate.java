package dev.muster.pki;

import dev.muster.protocol.AssetId;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a certificate that the CA gave to an asset; the certificate itself is not kept.
 *
 * @param serial lower-case hexadecimal
 * @param fingerprint SHA-256 of the certificate, lower-case hexadecimal
 * @param keyHash SHA-256 of its SubjectPublicKeyInfo, lower-case hexadecimal
 * @param origin how it came to be, with the claim token's id, the renewed serial, or who asked for credentials
 * @param supersededBy serial of the asset's next certificate; this one stays valid until it expires or is revoked
 */
record IssuedCertificate(
        String serial,
        AssetId asset,
        String fingerprint,
        String keyHash,
        Instant notBefore,
        Instant notAfter,
        Instant issuedAt,
        Origin origin,
        String originRef,
        @Nullable String supersededBy,
        @Nullable Revocation revocation) {

    enum Origin {
        CLAIM_TOKEN("claim-token"),
        RENEWAL("renewal"),
        CREDENTIALS("credentials"),
        /** Signed by our CA but not in the store, which then is older than the certificate: restored from a backup. */
        SEEN("seen");

        private final String wire;

        Origin(String wire) {
            this.wire = wire;
        }

        String wire() {
            return wire;
        }

        static Origin of(String wire) {
            for (Origin origin : values()) {
                if (origin.wire.equals(wire)) {
                    return origin;
                }
            }
            throw new IllegalArgumentException("unknown origin of a certificate: " + wire);
        }
    }

    /** @param by the actor who revoked it */
    record Revocation(Instant at, String by, String reason) {}

    static IssuedCertificate of(
            AssetId asset, X509Certificate certificate, Instant now, Origin origin, String originRef) {
        return new IssuedCertificate(
                serialOf(certificate),
                asset,
                HexFormat.of().formatHex(CertificateAuthority.sha256(Pem.der(certificate))),
                keyHashOf(certificate.getPublicKey()),
                certificate.getNotBefore().toInstant(),
                certificate.getNotAfter().toInstant(),
                now,
                origin,
                originRef,
                null,
                null);
    }

    /** Whole bytes, the way openssl prints it, in lower case. */
    static String serialOf(X509Certificate certificate) {
        String hex = certificate.getSerialNumber().toString(16);
        return hex.length() % 2 == 0 ? hex : "0" + hex;
    }

    static String keyHashOf(java.security.PublicKey key) {
        return HexFormat.of().formatHex(CertificateAuthority.sha256(key.getEncoded()));
    }
}

package dev.muster.gateway.port;

import java.security.cert.X509Certificate;
import java.util.List;

/** Issues certificates to assets. Called on a virtual thread, may block. */
public interface Enrolment {

    /** The chain an asset must trust, issuing CA first, root last. */
    List<X509Certificate> caCertificates();

    /** DER of the CSR attributes (RFC 8951 §4), empty when there are none. */
    byte[] csrAttributes();

    /**
     * @param pkcs10 DER of the certificate signing request
     * @param remoteAddress for audit and rate limits
     */
    Outcome enrol(Credential credential, byte[] pkcs10, String remoteAddress);

    /** RFC 7030 §4.2.2: same subject, authenticated with the current certificate. */
    Outcome renew(X509Certificate current, byte[] pkcs10, String remoteAddress);

    sealed interface Credential {
        /** HTTP Basic; the user name is ignored or the asset id, the password is the claim token. */
        record ClaimToken(String user, String token) implements Credential {
            @Override
            public String toString() {
                return "ClaimToken[user=" + user + "]";
            }
        }
    }

    sealed interface Outcome {
        record Issued(X509Certificate certificate) implements Outcome {}

        /** @param status HTTP status for the client: 400, 401, 403, 409, 429 or 503; @param code stable */
        record Refused(int status, String code, String message) implements Outcome {}
    }
}

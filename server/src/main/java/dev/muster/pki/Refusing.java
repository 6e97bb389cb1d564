package dev.muster.pki;

import dev.muster.gateway.port.Enrolment;

/** Ends an enrolment and rolls its transaction back; becomes an answer at the port. */
final class Refusing extends RuntimeException {
    private final int status;
    private final String code;

    /** @param code stable, from a small set: it labels a metric */
    Refusing(int status, String code, String message) {
        super(message, null, false, false);
        this.status = status;
        this.code = code;
    }

    /** What was shown opens nothing; not a malformed request, an asset that is there, a server that is not ready. */
    boolean isAboutCredentials() {
        return status == 401 || status == 403;
    }

    String code() {
        return code;
    }

    Enrolment.Outcome.Refused outcome() {
        return new Enrolment.Outcome.Refused(status, code, String.valueOf(getMessage()));
    }
}

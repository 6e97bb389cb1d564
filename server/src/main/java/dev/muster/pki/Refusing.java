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

    String code() {
        return code;
    }

    Enrolment.Outcome.Refused outcome() {
        return new Enrolment.Outcome.Refused(status, code, String.valueOf(getMessage()));
    }
}

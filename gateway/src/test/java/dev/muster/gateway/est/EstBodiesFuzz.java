package dev.muster.gateway.est;

/** Any bytes as the body of an enrolment: DER of a sequence, or nothing. */
public final class EstBodiesFuzz {
    private EstBodiesFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) {
        EstBodies.der(data).ifPresent(der -> {
            if (der.length < 2 || der[0] != 0x30) {
                throw new AssertionError("not a sequence");
            }
        });
    }
}

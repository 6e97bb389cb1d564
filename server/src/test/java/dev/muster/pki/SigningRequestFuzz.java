package dev.muster.pki;

/** Any bytes as a PKCS #10 request: checked, or refused. */
public final class SigningRequestFuzz {
    private SigningRequestFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) {
        SigningRequest.check(data);
    }
}

package dev.muster.gateway.https;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Any text as an Authorization header, as it is and as what is encoded in it. */
public final class BasicCredentialFuzz {
    private BasicCredentialFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) {
        BasicCredential.parse(new String(data, StandardCharsets.ISO_8859_1));
        BasicCredential.parse("Basic " + Base64.getEncoder().encodeToString(data));
    }
}

package dev.muster.pki;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;

/** Sealed keys that open fast, for tests of other packages. */
public final class TestSealedKeys {
    private TestSealedKeys() {}

    public static SealedKeys create() {
        return new SealedKeys(
                new KeySeal("a passphrase of tests".getBytes(StandardCharsets.US_ASCII), 1 << 4, 1),
                new SecureRandom());
    }
}

package dev.muster.pki;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.util.Objects;
import java.util.function.Supplier;

/** Private keys of other features, in files of their own, encrypted as the CA's are and under the same passphrase. */
public final class SealedKeys {
    private static final String PEM = "ENCRYPTED PRIVATE KEY";

    private final KeySeal seal;
    private final SecureRandom random;

    SealedKeys(KeySeal seal, SecureRandom random) {
        this.seal = seal;
        this.random = random;
    }

    /** @param fresh asked when the file does not exist yet; the file is written before this returns */
    public PrivateKey openOrCreate(Path file, Supplier<PrivateKey> fresh) {
        if (Files.exists(file)) {
            return seal.open(Pem.read(PrivateFiles.read(file), PEM, file), file);
        }
        PrivateFiles.createDirectory(
                Objects.requireNonNull(file.toAbsolutePath().getParent(), "folder of the key"));
        PrivateKey key = fresh.get();
        PrivateFiles.write(file, Pem.block(PEM, seal.seal(key, random)).getBytes(StandardCharsets.US_ASCII));
        return key;
    }
}

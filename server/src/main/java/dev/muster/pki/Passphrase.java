package dev.muster.pki;

import dev.muster.platform.error.StartRefusal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/**
 * The secret under which the CA's keys are encrypted: from a file that the operator names, or generated beside the keys.
 *
 * <p>A generated one protects a stray copy of a single key file, not a copy of the whole data directory.
 */
final class Passphrase {
    static final int MIN_LENGTH = 12;
    static final int MAX_LENGTH = 1024;
    static final String GENERATED = "passphrase";

    private final byte[] secret;
    private final boolean generated;

    private Passphrase(byte[] secret, boolean generated) {
        this.secret = secret;
        this.generated = generated;
    }

    /** @param named the setting {@code pki-passphrase-file} */
    static Passphrase resolve(Optional<Path> named, Path pkiDirectory, SecureRandom random) {
        if (named.isPresent()) {
            return new Passphrase(read(named.get()), false);
        }
        Path generated = pkiDirectory.resolve(GENERATED);
        if (Files.exists(generated)) {
            return new Passphrase(read(generated), true);
        }
        if (CaDirectory.holdsCa(pkiDirectory)) {
            throw new StartRefusal("cannot open the CA in " + pkiDirectory + ": there is no passphrase, " + generated
                    + " does not exist and pki-passphrase-file is not set; set it, or restore the file from a backup");
        }
        return new Passphrase(generate(generated, pkiDirectory, random), true);
    }

    byte[] secret() {
        return secret.clone();
    }

    boolean generated() {
        return generated;
    }

    @Override
    public String toString() {
        return "Passphrase[" + (generated ? "generated" : "given") + "]";
    }

    private static byte[] generate(Path file, Path pkiDirectory, SecureRandom random) {
        byte[] secret = new byte[32];
        random.nextBytes(secret);
        byte[] text = Base64.getUrlEncoder().withoutPadding().encode(secret);
        PrivateFiles.createDirectory(pkiDirectory);
        PrivateFiles.write(
                file, (new String(text, StandardCharsets.US_ASCII) + "\n").getBytes(StandardCharsets.US_ASCII));
        return text;
    }

    private static byte[] read(Path file) {
        byte[] content = PrivateFiles.read(file);
        int end = content.length;
        while (end > 0 && (content[end - 1] == '\n' || content[end - 1] == '\r')) {
            end--;
        }
        if (end < MIN_LENGTH || end > MAX_LENGTH) {
            throw new StartRefusal("cannot use the passphrase in " + file + ": it has " + end + " bytes, allowed are "
                    + MIN_LENGTH + " to " + MAX_LENGTH);
        }
        return Arrays.copyOf(content, end);
    }
}

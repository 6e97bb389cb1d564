package dev.muster.release.metadata;

import dev.muster.pki.SealedKeys;
import dev.muster.protocol.tuf.SigningKey;
import java.nio.file.Path;
import java.security.SecureRandom;

/**
 * The keys that the server signs with by itself: they say which versions belong together and that they are the newest. They
 * cannot say what a release is.
 */
public record OnlineKeys(SigningKey snapshot, SigningKey timestamp) {

    /** From the files of the folder; made at the first start. */
    static OnlineKeys in(Path folder, SealedKeys sealed, SecureRandom random) {
        return new OnlineKeys(
                key(folder.resolve("snapshot.key"), sealed, random),
                key(folder.resolve("timestamp.key"), sealed, random));
    }

    private static SigningKey key(Path file, SealedKeys sealed, SecureRandom random) {
        return SigningKey.of(
                sealed.openOrCreate(file, () -> SigningKey.generate(random).privateKey()));
    }
}

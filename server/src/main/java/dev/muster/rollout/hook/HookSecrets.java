package dev.muster.rollout.hook;

import dev.muster.pki.SealedKeys;
import dev.muster.platform.config.DataDirectory;
import dev.muster.protocol.tuf.SigningKey;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import org.springframework.stereotype.Component;

/**
 * The secrets that senders share with this server. They are stored nowhere: each is worked out from a key beside the keys that
 * sign releases, encrypted as those are, and the id of its hook.
 */
@Component
class HookSecrets {
    private final byte[] key;

    HookSecrets(DataDirectory directory, SealedKeys sealed) {
        this.key = sealed.openOrCreate(
                        directory.releases().resolve("hooks.key"),
                        () -> SigningKey.generate(new SecureRandom()).privateKey())
                .getEncoded();
    }

    byte[] of(String hook) {
        return MessageReader.hmac(key, ("muster release hook " + hook).getBytes(StandardCharsets.US_ASCII));
    }

    /** As it is typed in at the sender. */
    String text(Hook hook) {
        byte[] secret = of(hook.id());
        return switch (hook.format()) {
            case STANDARD -> "whsec_" + Base64.getEncoder().encodeToString(secret);
            case GITHUB, OCI -> HexFormat.of().formatHex(secret);
        };
    }
}

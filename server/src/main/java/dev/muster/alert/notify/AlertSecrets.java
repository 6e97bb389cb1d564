package dev.muster.alert.notify;

import dev.muster.audit.AuditLog;
import dev.muster.identity.Actor;
import dev.muster.pki.SealedKeys;
import dev.muster.platform.config.DataDirectory;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.protocol.tuf.SigningKey;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Secrets of receivers, by name: written and used, never read by anybody. AES-256-GCM, the name authenticated with it, under a key in a
 * file of its own that is encrypted as the CA's keys are. Table {@code alert_secret}.
 */
@Component
public class AlertSecrets {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,63}");
    private static final int MOST = 1_000;
    private static final int MAX_LENGTH = 4_096;
    private static final int NONCE = 12;
    private static final int TAG_BITS = 128;

    private final JdbcClient jdbc;
    private final AuditLog audit;
    private final Clock clock;
    private final SecretKeySpec key;
    private final SecureRandom random = new SecureRandom();
    private final TransactionTemplate transaction;

    AlertSecrets(
            DataDirectory directory,
            SealedKeys sealed,
            JdbcClient jdbc,
            AuditLog audit,
            Clock clock,
            PlatformTransactionManager transactions) {
        this.jdbc = jdbc;
        this.audit = audit;
        this.clock = clock;
        this.transaction = new TransactionTemplate(transactions);
        this.key = key(sealed.openOrCreate(
                        directory.releases().resolve("alerts.key"),
                        () -> SigningKey.generate(new SecureRandom()).privateKey())
                .getEncoded());
    }

    private static SecretKeySpec key(byte[] secret) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            return new SecretKeySpec(mac.doFinal("muster alert secrets".getBytes(StandardCharsets.US_ASCII)), "AES");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot derive the key of alert secrets", e);
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }

    /** A secret as it is listed. */
    public record Named(String name, Instant updated, String updatedBy) {}

    public List<Named> list() {
        return jdbc.sql("select name, updated, updated_by from alert_secret order by name limit :limit")
                .param("limit", MOST)
                .query((row, _) -> new Named(
                        row.getString("name"),
                        row.getObject("updated", OffsetDateTime.class).toInstant(),
                        row.getString("updated_by")))
                .list();
    }

    public void set(Actor actor, String name, String value) {
        requireName(name);
        if (value.isEmpty() || value.length() > MAX_LENGTH || value.chars().anyMatch(c -> c < 32)) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "a secret has 1 to " + MAX_LENGTH + " characters on one line, found " + value.length());
        }
        transaction.executeWithoutResult(status -> {
            if (list().size() >= MOST) {
                throw new Refusal(ErrorCode.REFUSED, "there are " + MOST + " secrets, which is the most");
            }
            jdbc.sql("""
                            insert into alert_secret (name, sealed, updated, updated_by) values (:name, :sealed, :now, :by)
                            on conflict (name) do update set sealed = excluded.sealed, updated = excluded.updated,
                                updated_by = excluded.updated_by""")
                    .param("name", name)
                    .param("sealed", seal(name, value))
                    .param("now", clock.instant().atOffset(ZoneOffset.UTC))
                    .param("by", actor.id())
                    .update();
            audit.record(actor, "alert-secret.set", "alert-secret", name, null, Map.of("name", name));
        });
    }

    public void delete(Actor actor, String name) {
        requireName(name);
        transaction.executeWithoutResult(status -> {
            int deleted = jdbc.sql("delete from alert_secret where name = :name")
                    .param("name", name)
                    .update();
            if (deleted == 0) {
                throw new Refusal(ErrorCode.NOT_FOUND, "there is no alert secret " + name);
            }
            audit.record(actor, "alert-secret.delete", "alert-secret", name, Map.of("name", name), null);
        });
    }

    /** @throws MissingException when one that is named is not there, or cannot be opened */
    String filled(String text) {
        Matcher found = Channel.SECRET.matcher(text);
        StringBuilder full = new StringBuilder();
        while (found.find()) {
            found.appendReplacement(full, Matcher.quoteReplacement(open(found.group(1))));
        }
        return found.appendTail(full).toString();
    }

    static final class MissingException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        MissingException(String message) {
            super(message, null, false, false);
        }
    }

    private String open(String name) {
        byte[] sealed = jdbc.sql("select sealed from alert_secret where name = :name")
                .param("name", name)
                .query(byte[].class)
                .optional()
                .orElseThrow(() -> new MissingException(
                        "there is no secret " + name + "; `muster alert secret set " + name + "` stores it"));
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(TAG_BITS, sealed, 0, NONCE));
            cipher.updateAAD(name.getBytes(StandardCharsets.UTF_8));
            return new String(cipher.doFinal(sealed, NONCE, sealed.length - NONCE), StandardCharsets.UTF_8);
        } catch (GeneralSecurityException | IllegalArgumentException damaged) {
            throw new MissingException("the secret " + name + " cannot be opened with this server's key; set it again");
        }
    }

    private byte[] seal(String name, String value) {
        byte[] nonce = new byte[NONCE];
        random.nextBytes(nonce);
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(TAG_BITS, nonce));
            cipher.updateAAD(name.getBytes(StandardCharsets.UTF_8));
            byte[] encrypted = cipher.doFinal(value.getBytes(StandardCharsets.UTF_8));
            byte[] sealed = Arrays.copyOf(nonce, NONCE + encrypted.length);
            System.arraycopy(encrypted, 0, sealed, NONCE, encrypted.length);
            return sealed;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot encrypt a secret", e);
        }
    }

    private static void requireName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new Refusal(ErrorCode.INVALID, "the name of a secret matches " + NAME);
        }
    }
}

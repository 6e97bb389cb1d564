package dev.muster.alert.door;

import dev.muster.audit.AuditLog;
import dev.muster.identity.Actor;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * Keys by which other systems raise alerts and do nothing else, as PagerDuty's integration keys: 32 hexadecimal digits that are sent in
 * the body. Only the hash is stored; keys are looked up in memory, so that guesses cost no query. Table {@code integration_key}.
 */
@Component
class IntegrationKeys {
    static final int MOST = 1_000;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");
    private static final Pattern KEY = Pattern.compile("[0-9a-f]{32}");
    private static final Pattern LABEL = Pattern.compile("[a-zA-Z_][a-zA-Z0-9_]{0,62}");
    /** What an event, or the key, says itself. */
    private static final Set<String> NOT_LABELS =
            Set.of("alertname", "severity", "dedup_key", "source", "component", "group", "integration");

    private static final int MAX_LABELS = 10;
    private static final int MAX_VALUE = 200;
    private static final int BYTES = 16;
    /** A key that was deleted through another server opens nothing after this. */
    private static final Duration BELIEVED_FOR = Duration.ofSeconds(1);

    private static final Duration TOUCHED_EVERY = Duration.ofMinutes(1);
    private static final JsonMapper JSON = JsonMapper.shared();

    private final JdbcClient jdbc;
    private final AuditLog audit;
    private final Clock clock;
    private final TransactionTemplate transaction;
    private final SecureRandom random = new SecureRandom();
    private volatile @Nullable Known known;

    IntegrationKeys(JdbcClient jdbc, AuditLog audit, Clock clock, PlatformTransactionManager transactions) {
        this.jdbc = jdbc;
        this.audit = audit;
        this.clock = clock;
        this.transaction = new TransactionTemplate(transactions);
    }

    /** A key as it is listed. @param labels of every alert that it raises */
    record Named(
            String name,
            Map<String, String> labels,
            Instant created,
            String createdBy,
            @Nullable Instant lastUsed) {}

    /** @param key shown this once */
    record Created(String key, Named named) {}

    private record Known(Map<String, Named> byHash, long readAtNanos) {}

    Created create(Actor actor, String name, Map<String, String> labels) {
        requireName(name);
        requireLabels(labels);
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        String key = HexFormat.of().formatHex(bytes);
        Named named = new Named(
                name, new TreeMap<>(labels), clock.instant().truncatedTo(ChronoUnit.MILLIS), actor.id(), null);
        transaction.executeWithoutResult(_ -> {
            int count = jdbc.sql("select count(*) from integration_key")
                    .query(Integer.class)
                    .single();
            if (count >= MOST) {
                throw new Refusal(ErrorCode.REFUSED, "there are " + MOST + " integration keys, which is the most");
            }
            int made = jdbc.sql("""
                            insert into integration_key (name, hash, labels, created, created_by)
                            values (:name, :hash, :labels::jsonb, :created, :by) on conflict do nothing""")
                    .param("name", name)
                    .param("hash", HexFormat.of().parseHex(hash(key)))
                    .param("labels", JSON.writeValueAsString(named.labels()))
                    .param("created", named.created().atOffset(ZoneOffset.UTC))
                    .param("by", named.createdBy())
                    .update();
            if (made == 0) {
                throw new Refusal(
                        ErrorCode.CONFLICT,
                        "there is an integration key " + name + "; delete it first, its senders then need the new one");
            }
            audit.record(actor, "integration-key.create", "integration-key", name, null, labels);
        });
        known = null;
        return new Created(key, named);
    }

    List<Named> list() {
        return jdbc.sql("select * from integration_key order by name limit :limit")
                .param("limit", MOST)
                .query((row, _) -> named(
                        row.getString("name"),
                        row.getString("labels"),
                        Objects.requireNonNull(row.getObject("created", OffsetDateTime.class)),
                        row.getString("created_by"),
                        row.getObject("last_used", OffsetDateTime.class)))
                .list();
    }

    /** From the moment that this returns it opens nothing on this server, a second later nothing anywhere. */
    void delete(Actor actor, String name) {
        requireName(name);
        transaction.executeWithoutResult(_ -> {
            int deleted = jdbc.sql("delete from integration_key where name = :name")
                    .param("name", name)
                    .update();
            if (deleted == 0) {
                throw new Refusal(ErrorCode.NOT_FOUND, "there is no integration key " + name);
            }
            audit.record(actor, "integration-key.delete", "integration-key", name, Map.of("name", name), null);
        });
        known = null;
    }

    /** Whose key it is; empty for everything else. */
    Optional<Named> find(String presented) {
        if (!KEY.matcher(presented).matches()) {
            return Optional.empty();
        }
        Named found = fresh().byHash().get(hash(presented));
        if (found != null) {
            touch(found);
        }
        return Optional.ofNullable(found);
    }

    private Known fresh() {
        Known current = known;
        if (current == null || System.nanoTime() - current.readAtNanos() >= BELIEVED_FOR.toNanos()) {
            long now = System.nanoTime();
            Map<String, Named> byHash = new HashMap<>();
            jdbc.sql("select * from integration_key limit :limit")
                    .param("limit", MOST)
                    .query(row -> {
                        byHash.put(
                                HexFormat.of().formatHex(row.getBytes("hash")),
                                named(
                                        row.getString("name"),
                                        row.getString("labels"),
                                        Objects.requireNonNull(row.getObject("created", OffsetDateTime.class)),
                                        row.getString("created_by"),
                                        row.getObject("last_used", OffsetDateTime.class)));
                    });
            current = new Known(byHash, now);
            known = current;
        }
        return current;
    }

    private void touch(Named key) {
        Instant now = clock.instant();
        if (key.lastUsed() == null || key.lastUsed().isBefore(now.minus(TOUCHED_EVERY))) {
            jdbc.sql("""
                            update integration_key set last_used = :now
                            where name = :name and (last_used is null or last_used < :due)""")
                    .param("now", now.atOffset(ZoneOffset.UTC))
                    .param("due", now.minus(TOUCHED_EVERY).atOffset(ZoneOffset.UTC))
                    .param("name", key.name())
                    .update();
        }
    }

    private static Named named(
            String name, String labels, OffsetDateTime created, String by, @Nullable OffsetDateTime lastUsed) {
        return new Named(
                name,
                JSON.readValue(labels, new TypeReference<TreeMap<String, String>>() {}),
                created.toInstant(),
                by,
                lastUsed == null ? null : lastUsed.toInstant());
    }

    private static void requireName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new Refusal(ErrorCode.INVALID, "the name of an integration key must match " + NAME);
        }
    }

    private static void requireLabels(Map<String, String> labels) {
        if (labels.size() > MAX_LABELS) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "an integration key has at most " + MAX_LABELS + " labels, found " + labels.size());
        }
        labels.forEach((name, value) -> {
            if (!LABEL.matcher(name).matches() || NOT_LABELS.contains(name)) {
                throw new Refusal(
                        ErrorCode.INVALID,
                        "labels of an integration key match " + LABEL + " and are none of "
                                + NOT_LABELS.stream().sorted().toList() + ", which stand for what an event says");
            }
            if (value.isEmpty() || value.length() > MAX_VALUE) {
                throw new Refusal(
                        ErrorCode.INVALID,
                        "label " + name + " of an integration key has 1 to " + MAX_VALUE + " characters, found "
                                + value.length());
            }
        });
    }

    /** One round is enough: 128 random bits cannot be guessed. */
    private static String hash(String key) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256, which every Java must have", e);
        }
    }
}

package dev.muster.identity.idempotency;

import dev.muster.identity.Actor;
import java.sql.Types;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The table {@code idempotency_key}.
 *
 * <p>Not in the request's transaction: a second request must see the first one's key while that still runs.
 */
@Component
class IdempotencyStore {
    static final Duration KEPT_FOR = Duration.ofHours(24);
    static final int MAX_PER_ACTOR = 10_000;

    private final JdbcClient jdbc;
    private final Clock clock;

    IdempotencyStore(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    Reservation reserve(Actor actor, String key, byte[] fingerprint) {
        forgetOld();
        if (insert(actor, key, fingerprint)) {
            return new Reservation.Fresh();
        }
        // Gone between the two statements: released by a request that was refused, so the key is free after all.
        return find(actor, key, fingerprint).orElseGet(() -> reserveAgain(actor, key, fingerprint));
    }

    private Reservation reserveAgain(Actor actor, String key, byte[] fingerprint) {
        return insert(actor, key, fingerprint)
                ? new Reservation.Fresh()
                : find(actor, key, fingerprint).orElseGet(Reservation.Exhausted::new);
    }

    /** A few at a time, by the index on created_at; each new key clears more than it adds. */
    private void forgetOld() {
        jdbc.sql("""
                        delete from idempotency_key where (actor, key) in (
                            select actor, key from idempotency_key where created_at < :cutoff limit 100
                            for update skip locked)
                        """).param("cutoff", utc(clock.instant().minus(KEPT_FOR))).update();
    }

    private boolean insert(Actor actor, String key, byte[] fingerprint) {
        return jdbc.sql("""
                        insert into idempotency_key (actor, key, fingerprint, created_at)
                        select :actor, :key, :fingerprint, :now
                        where (select count(*) from idempotency_key where actor = :actor) < :most
                        on conflict (actor, key) do update
                            set fingerprint = excluded.fingerprint, created_at = excluded.created_at,
                                finished_at = null, result = null
                            where idempotency_key.created_at < :cutoff
                        """)
                        .param("actor", actor.toString())
                        .param("key", key)
                        .param("fingerprint", fingerprint)
                        .param("now", utc(clock.instant()))
                        .param("cutoff", utc(clock.instant().minus(KEPT_FOR)))
                        .param("most", MAX_PER_ACTOR)
                        .update()
                == 1;
    }

    private Optional<Reservation> find(Actor actor, String key, byte[] fingerprint) {
        return jdbc.sql("select * from idempotency_key where actor = :actor and key = :key")
                .param("actor", actor.toString())
                .param("key", key)
                .query((row, n) -> {
                    Instant created =
                            row.getObject("created_at", OffsetDateTime.class).toInstant();
                    if (!Arrays.equals(row.getBytes("fingerprint"), fingerprint)) {
                        return (Reservation) new Reservation.Taken(created);
                    }
                    return row.getObject("finished_at") == null
                            ? new Reservation.Unfinished(created)
                            : new Reservation.Done(created, row.getBytes("result"));
                })
                .optional();
    }

    void finish(Actor actor, String key, byte @Nullable [] result) {
        jdbc.sql("""
                        update idempotency_key set finished_at = :now, result = :result
                        where actor = :actor and key = :key
                        """)
                .param("now", utc(clock.instant()))
                .param("result", result, Types.BINARY)
                .param("actor", actor.toString())
                .param("key", key)
                .update();
    }

    void release(Actor actor, String key) {
        jdbc.sql("delete from idempotency_key where actor = :actor and key = :key")
                .param("actor", actor.toString())
                .param("key", key)
                .update();
    }

    private static OffsetDateTime utc(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}

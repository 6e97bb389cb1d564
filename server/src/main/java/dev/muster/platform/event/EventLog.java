package dev.muster.platform.event;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

/**
 * The durable log of what happened. An entry exists when, and only when, the transaction that appended it commits; a
 * follower that reads on from the last position it saw never skips and never repeats one (docs/decisions/0005).
 */
public final class EventLog {
    private static final int SEQUENCED_AT_ONCE = 5_000;
    private static final int MAX_NAME = 200;

    private final JdbcClient jdbc;
    private final TransactionTemplate transactions;
    private final JsonMapper json;
    private final List<Runnable> wakeups = new CopyOnWriteArrayList<>();
    private final RecentEvents recent = new RecentEvents();

    public EventLog(JdbcClient jdbc, PlatformTransactionManager transactions, JsonMapper json) {
        this.jdbc = jdbc;
        this.transactions = new TransactionTemplate(transactions);
        this.transactions.setPropagationBehavior(TransactionTemplate.PROPAGATION_REQUIRES_NEW);
        this.json = json;
    }

    /**
     * What is to be appended.
     *
     * @param type dotted, for example {@code asset.created}
     * @param subject kind and name of the object, for example {@code asset/truck-1}
     * @param data anything that becomes JSON; holds no secret
     */
    public record Entry(String type, String subject, Object data) {
        public Entry {
            if (type.isEmpty() || type.length() > MAX_NAME || subject.length() > MAX_NAME) {
                throw new IllegalArgumentException(
                        "event type '" + type + "' or subject '" + subject + "' is empty or longer than " + MAX_NAME);
            }
        }
    }

    /** Appends within the transaction of the caller; there must be one. See {@link Entry}. */
    public void append(String type, String subject, Object data) {
        append(List.of(new Entry(type, subject, data)));
    }

    /** Appends in this order, in one statement, within the transaction of the caller; there must be one. */
    public void append(List<Entry> entries) {
        if (entries.isEmpty()) {
            return;
        }
        if (!TransactionSynchronizationManager.isActualTransactionActive()) {
            Entry first = entries.getFirst();
            throw new IllegalStateException(
                    "event " + first.type() + " of " + first.subject() + " is appended outside of a transaction");
        }
        jdbc.sql("""
                        insert into event_pending (type, subject, data)
                        select type, subject, data::jsonb
                        from unnest(:types::text[], :subjects::text[], :data::text[]) as given (type, subject, data)""")
                .param("types", entries.stream().map(Entry::type).toArray(String[]::new))
                .param("subjects", entries.stream().map(Entry::subject).toArray(String[]::new))
                .param(
                        "data",
                        entries.stream()
                                .map(entry -> json.writeValueAsString(entry.data()))
                                .toArray(String[]::new))
                .update();
        wakeAfterCommit();
    }

    /** Entries after the position, in order. @param position 0 for the oldest that is kept */
    public List<LoggedEvent> after(long position, int limit) {
        return jdbc.sql("""
                        select position, at, type, subject, data from event_log
                        where position > :position order by position limit :limit""")
                .param("position", position)
                .param("limit", limit)
                .query(this::event)
                .list();
    }

    /** How many entries of each type there are in a span. Index: {@code event_log_at}. */
    public Map<String, Long> counts(Instant from, Instant to) {
        Map<String, Long> counts = new TreeMap<>();
        jdbc.sql("select type, count(*) from event_log where at >= :from and at < :to group by type")
                .param("from", from.atOffset(ZoneOffset.UTC))
                .param("to", to.atOffset(ZoneOffset.UTC))
                .query(row -> {
                    counts.put(row.getString(1), row.getLong(2));
                });
        return counts;
    }

    /** Of the newest entry; 0 when there is none. */
    public long lastPosition() {
        return jdbc.sql("select coalesce(max(position), 0) from event_log")
                .query(Long.class)
                .single();
    }

    /** Of the oldest entry that retention has kept; 0 when there is none. */
    public long firstPosition() {
        return jdbc.sql("select coalesce(min(position), 0) from event_log")
                .query(Long.class)
                .single();
    }

    /**
     * Gives positions to what has been committed since, the oldest first; a range of the key, because with a list of keys a statement
     * that was planned while the table was empty went through the list for each row. Any server may do so at any time: one at a time does, and each
     * sees all that the one before has done, because the lock is let go after the commit.
     *
     * @return how many entries got a position
     */
    public int sequence() {
        Integer moved = transactions.execute(status -> {
            jdbc.sql("select pg_advisory_xact_lock(hashtextextended('muster.event_log', 0))")
                    .query((row, number) -> "")
                    .single();
            return jdbc.sql("""
                            with moved as (
                                delete from event_pending
                                where seq <= (select max(seq) from
                                    (select seq from event_pending order by seq limit :limit) oldest)
                                returning seq, at, type, subject, data),
                            ordered as (select * from moved order by seq)
                            insert into event_log (position, at, type, subject, data)
                            select nextval('event_position'), at, type, subject, data from ordered""").param("limit", SEQUENCED_AT_ONCE).update();
        });
        return moved == null ? 0 : moved;
    }

    /** Forgets what is older, or more, than is kept. @return how many entries were forgotten */
    public int forget(Duration keep, long keepEntries) {
        return jdbc.sql("""
                        delete from event_log
                        where at < clock_timestamp() - cast(:keep as interval)
                           or position <= (select max(position) from event_log) - :entries""")
                .param("keep", keep.toSeconds() + " seconds")
                .param("entries", keepEntries)
                .update();
    }

    /** Runs the task after each commit of this process that appended; a hint, other processes append too. */
    void onAppend(Runnable wakeup) {
        wakeups.add(wakeup);
    }

    private void wakeAfterCommit() {
        if (wakeups.isEmpty() || !TransactionSynchronizationManager.isSynchronizationActive()) {
            return;
        }
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                wakeups.forEach(Runnable::run);
            }
        });
    }

    private LoggedEvent event(ResultSet row, int number) throws SQLException {
        long position = row.getLong(1);
        LoggedEvent known = recent.find(position);
        if (known != null) {
            return known;
        }
        LoggedEvent read = new LoggedEvent(
                position,
                row.getObject(2, OffsetDateTime.class).toInstant(),
                row.getString(3),
                row.getString(4),
                json.readTree(row.getString(5)));
        recent.put(read);
        return read;
    }

    /**
     * Entries that were read last: each is read by every follower of this process, soon after one another. An entry never changes, and
     * none of its readers changes it.
     */
    private static final class RecentEvents {
        /** Of some seconds, when a large fleet tells of much. */
        private static final int SLOTS = 4_096;

        private final AtomicReferenceArray<@Nullable LoggedEvent> slots = new AtomicReferenceArray<>(SLOTS);

        @Nullable LoggedEvent find(long position) {
            LoggedEvent event = slots.get((int) (position % SLOTS));
            return event != null && event.position() == position ? event : null;
        }

        void put(LoggedEvent event) {
            slots.set((int) (event.position() % SLOTS), event);
        }
    }
}

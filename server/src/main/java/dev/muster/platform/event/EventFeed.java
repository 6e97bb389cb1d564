package dev.muster.platform.event;

import dev.muster.platform.config.Setting;
import dev.muster.platform.config.Settings;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * Follows the event log once for all followers in this process: sequences what is committed, keeps the newest entries in
 * memory, wakes who waits, and applies retention. A follower that fell behind what is in memory reads from the database.
 */
public final class EventFeed implements AutoCloseable {
    public static final Setting<Duration> RETENTION = Setting.duration(
            "event-retention",
            "14d",
            Duration.ofMinutes(1),
            Duration.ofDays(3650),
            "How long entries of the event log are kept.");
    public static final Setting<Integer> MAX_ENTRIES = Setting.count(
            "event-max-entries", 1_000_000, 1_000, 100_000_000, "Entries of the event log that are kept at most.");

    public static final List<Setting<?>> SETTINGS = List.of(RETENTION, MAX_ENTRIES);

    private static final Logger log = LoggerFactory.getLogger(EventFeed.class);
    private static final int IN_MEMORY = 2_000;
    private static final int READ_AT_ONCE = 500;

    /** How late entries of other servers are seen; this one's own wake the feed at once. */
    private static final Duration POLL = Duration.ofMillis(500);

    private static final Duration RETRY = Duration.ofSeconds(2);
    private static final Duration RETENTION_EVERY = Duration.ofMinutes(10);

    private final EventLog events;
    private final Duration keep;
    private final long keepEntries;
    private final Thread thread;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition wake = lock.newCondition();
    private final Condition advanced = lock.newCondition();
    private final ArrayDeque<LoggedEvent> newest = new ArrayDeque<>();
    private boolean appended;
    private volatile boolean closed;
    private long lastPosition = -1; // unknown until the database was read

    public EventFeed(EventLog events, Settings settings) {
        this.events = events;
        this.keep = settings.get(RETENTION);
        this.keepEntries = settings.get(MAX_ENTRIES);
        events.onAppend(this::wake);
        this.thread = Thread.ofPlatform().daemon().name("event-feed").start(this::run);
    }

    /**
     * Entries after the position, in order; waits for one when there is none.
     *
     * @return empty when none came within the wait, or the feed is closed
     */
    public List<LoggedEvent> await(long position, int limit, Duration wait) throws InterruptedException {
        lock.lock();
        try {
            long nanos = wait.toNanos();
            while (lastPosition <= position && !closed && nanos > 0) {
                nanos = advanced.awaitNanos(nanos);
            }
            if (closed || lastPosition <= position) {
                return List.of();
            }
            if (!newest.isEmpty() && newest.getFirst().position() <= position) {
                return inMemory(position, limit);
            }
        } finally {
            lock.unlock();
        }
        return events.after(position, limit);
    }

    /** From the newest backwards: most followers lack an entry or two of the thousands. */
    private List<LoggedEvent> inMemory(long position, int limit) {
        ArrayDeque<LoggedEvent> found = new ArrayDeque<>();
        for (Iterator<LoggedEvent> each = newest.descendingIterator(); each.hasNext(); ) {
            LoggedEvent event = each.next();
            if (event.position() <= position) {
                break;
            }
            found.addFirst(event);
        }
        return found.stream().limit(limit).toList();
    }

    /** Whether it has ended, and no wait will bring anything. */
    public boolean closed() {
        return closed;
    }

    @Override
    public void close() {
        closed = true;
        lock.lock();
        try {
            wake.signalAll();
            advanced.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            thread.join(TimeUnit.SECONDS.toMillis(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void wake() {
        lock.lock();
        try {
            appended = true;
            wake.signal();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        long retentionDue = System.nanoTime();
        boolean away = false;
        while (!closed) {
            Duration pause = POLL;
            try {
                follow();
                if (System.nanoTime() - retentionDue >= 0) {
                    events.forget(keep, keepEntries);
                    retentionDue = System.nanoTime() + RETENTION_EVERY.toNanos();
                }
                away = false;
            } catch (DataAccessException | TransactionException e) {
                if (!away && !closed) {
                    log.warn("the event log cannot be followed while the database is away: {}", e.getMessage());
                }
                away = true;
                pause = RETRY;
            }
            sleep(pause, away);
        }
    }

    private void follow() {
        if (lastPosition < 0) {
            advance(List.of(), events.lastPosition());
        }
        events.sequence();
        List<LoggedEvent> found;
        do {
            found = events.after(lastPosition, READ_AT_ONCE);
            if (!found.isEmpty()) {
                advance(found, found.getLast().position());
            }
        } while (found.size() == READ_AT_ONCE && !closed);
    }

    private void advance(List<LoggedEvent> found, long position) {
        lock.lock();
        try {
            newest.addAll(found);
            while (newest.size() > IN_MEMORY) {
                newest.removeFirst();
            }
            lastPosition = position;
            advanced.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** @param whole the wait is not cut short by an append */
    private void sleep(Duration pause, boolean whole) {
        lock.lock();
        try {
            long nanos = pause.toNanos();
            while (!closed && nanos > 0 && (whole || !appended)) {
                nanos = wake.awaitNanos(nanos);
            }
            appended = false;
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts the event feed", e);
        } finally {
            lock.unlock();
        }
    }
}

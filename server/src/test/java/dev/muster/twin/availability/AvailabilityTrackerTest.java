package dev.muster.twin.availability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.gateway.journal.JournalEntry;
import dev.muster.platform.testing.MovedClock;
import dev.muster.platform.testing.TestDatabase;
import dev.muster.protocol.AssetId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

class AvailabilityTrackerTest {
    private final DataSource source = TestDatabase.fresh();
    private final AvailabilityStore store = new AvailabilityStore(
            JdbcClient.create(source), new TransactionTemplate(new JdbcTransactionManager(source)));
    private final MovedClock clock = new MovedClock();
    private boolean journalTakes = true;

    private AvailabilityTracker tracker(long maxUnstoredBytes) {
        return new AvailabilityTracker(
                store, _ -> Duration.ofMillis(History.TTL), () -> journalTakes, maxUnstoredBytes, clock);
    }

    private void moveTo(long millis) {
        clock.advance(Duration.between(clock.instant(), Instant.ofEpochMilli(millis)));
    }

    /** As the engine's test, with the real database: the server dies at any entry, and the journal goes on from what is durable. */
    @Test
    void nothingIsLostOrCountedTwiceWhenTheServerIsKilled() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        History history =
                new History(random, Instant.parse("2026-11-24T22:30:00Z").toEpochMilli());
        moveTo(history.now);
        List<Long> alive = new ArrayList<>();
        long aliveOfRun = history.now;
        AvailabilityTracker tracker = tracker(Long.MAX_VALUE);
        tracker.started(0);
        int next = 0;
        for (int step = 0; step < 400; step++) {
            history.step();
            moveTo(history.now);
            if (random.nextInt(4) == 0 && next < history.journal.size()) {
                int upTo = next + 1 + random.nextInt(history.journal.size() - next);
                tracker.accept(history.journal.subList(next, upTo));
                next = upTo;
            }
            if (next == history.journal.size() && random.nextBoolean()) {
                tracker.caughtUp();
                aliveOfRun = Math.max(aliveOfRun, known());
            }
            if (random.nextInt(40) == 0) {
                JournalEntry last = history.journal.getLast();
                alive.add(Math.max(Math.max(aliveOfRun, known()), last.receivedAt()));
                history.kill();
                moveTo(history.now);
                aliveOfRun = history.now;
                next = Math.toIntExact(tracker.durable());
                tracker = tracker(Long.MAX_VALUE);
                tracker.started(history.journal.size());
            }
        }
        if (next < history.journal.size()) {
            tracker.accept(history.journal.subList(next, history.journal.size()));
        }
        clock.advance(Duration.ofMinutes(3));
        tracker.caughtUp();
        alive.add(known());

        assertThat(tracker.durable()).isEqualTo(history.journal.size());
        long to = Minutes.of(known());
        int first = Math.toIntExact(to / Minutes.PER_DAY) - 3;
        Oracle oracle = new Oracle(history, alive);
        for (AssetId asset : history.assets) {
            long from = (long) first * Minutes.PER_DAY;
            assertThat(AvailabilityEngineTest.letters(timeline(asset, first, first + 4), from, to))
                    .as("seed " + seed)
                    .isEqualTo(oracle.letters(asset, from, to));
        }
    }

    private long known() {
        return store.checkpoint().orElseThrow().progress().known();
    }

    private Timeline timeline(AssetId asset, int first, int last) {
        return new Timeline(
                first,
                last,
                store.days(List.of(asset), first, last).getOrDefault(asset, Map.of()),
                store.watched(first, last),
                Duration.ofMillis(History.TTL));
    }

    @Test
    void theJournalMayForgetOnlyWhatACheckpointHas() {
        History history = new History(new Random(1), clock.millis());
        AvailabilityTracker tracker = tracker(Long.MAX_VALUE);
        tracker.started(0);
        while (history.journal.size() < 10) {
            history.step();
        }
        tracker.accept(history.journal);
        assertThat(tracker.durable()).as("no checkpoint is due").isZero();
        clock.advance(AvailabilityTracker.CHECKPOINT);
        tracker.caughtUp();
        assertThat(tracker.durable()).isEqualTo(history.journal.size());
    }

    @Test
    void aCheckpointComesEarlyWhenMuchWaitsInTheJournal() {
        History history = new History(new Random(1), clock.millis());
        AvailabilityTracker tracker = tracker(10);
        tracker.started(0);
        while (history.journal.size() < 10) {
            history.step();
        }
        tracker.accept(history.journal);
        assertThat(tracker.durable()).isEqualTo(history.journal.size());
    }

    @Test
    void tellsNothingOfNowWhileTheJournalTakesNothing() {
        AvailabilityTracker tracker = tracker(Long.MAX_VALUE);
        tracker.started(0);
        tracker.caughtUp();
        clock.advance(Duration.ofMinutes(2));
        tracker.caughtUp();
        long known = known();
        journalTakes = false;
        clock.advance(Duration.ofMinutes(10));
        tracker.caughtUp();
        assertThat(known()).as("closings may wait in front of the journal").isEqualTo(known);
        journalTakes = true;
        clock.advance(Duration.ofMinutes(10));
        tracker.caughtUp();
        assertThat(known()).isGreaterThan(known);
    }

    @Test
    void aNewJournalIsReadFromItsBeginning() {
        History history = new History(new Random(1), clock.millis());
        AvailabilityTracker tracker = tracker(10);
        tracker.started(0);
        while (history.journal.size() < 10) {
            history.step();
        }
        tracker.accept(history.journal);
        AvailabilityTracker other = tracker(10);
        other.started(2);
        other.accept(history.journal.subList(0, 4));
        assertThat(other.durable()).isEqualTo(4);
    }

    @Test
    void forgetsDaysBeyondWhatIsKept() {
        AvailabilityTracker tracker = tracker(0);
        tracker.started(0);
        History history = new History(new Random(1), clock.millis());
        while (history.journal.size() < 10) {
            history.step();
        }
        tracker.accept(history.journal);
        int day = Math.toIntExact(Minutes.of(clock.millis()) / Minutes.PER_DAY);
        assertThat(store.days(history.assets, day - 4, day)).isNotEmpty();
        clock.advance(Duration.ofDays(AvailabilityStore.KEPT_DAYS + 5L));
        tracker.caughtUp();
        assertThat(store.days(history.assets, day - 4, day)).isEmpty();
    }
}

package dev.muster.twin.availability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.gateway.journal.EntryKind;
import dev.muster.gateway.journal.JournalEntry;
import dev.muster.platform.testing.MovedClock;
import dev.muster.platform.testing.TestDatabase;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.Uplink;
import dev.muster.twin.bucket.Bucket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
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

    private Map<AssetId, Map<Integer, AvailabilityStore.Day>> days(List<AssetId> assets, int first, int last) {
        return store.days(assets, first, last, store.unwritten(assets));
    }

    private Timeline timeline(AssetId asset, int first, int last) {
        return new Timeline(
                first,
                last,
                days(List.of(asset), first, last).getOrDefault(asset, Map.of()),
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
        assertThat(days(history.assets, day - 4, day)).isNotEmpty();
        clock.advance(Duration.ofDays(AvailabilityStore.KEPT_DAYS + 5L));
        for (int round = 0; round <= Bucket.COUNT / AvailabilityTracker.DUE_AT_ONCE; round++) {
            clock.advance(Duration.ofMinutes(1));
            tracker.caughtUp();
        }
        clock.advance(Duration.ofMinutes(10));
        tracker.caughtUp();
        assertThat(days(history.assets, day - 4, day)).isEmpty();
    }

    /** Minutes of heartbeats of many assets: what they gain is in few rows, and in the answers. */
    @Test
    void minutesAreStoredSomeThousandInARowAndWrittenToTheDaysOnceInAnHour() {
        int assets = 2_000;
        moveTo(Instant.parse("2026-11-24T10:00:00Z").toEpochMilli());
        AvailabilityTracker tracker = tracker(Long.MAX_VALUE);
        tracker.started(0);
        JdbcClient jdbc = JdbcClient.create(source);
        int minutes = 120;
        long before = 0;
        for (int minute = 0; minute < minutes; minute++) {
            int from = minute * assets;
            tracker.accept(IntStream.range(0, assets)
                    .mapToObj(i -> new JournalEntry(
                            from + i,
                            clock.millis(),
                            new AssetId("a" + i),
                            EntryKind.HEARTBEAT,
                            new Uplink.Heartbeat(null, null, Map.of()),
                            new byte[0]))
                    .toList());
            clock.advance(Duration.ofSeconds(60));
            tracker.caughtUp();
            if (minute == 0) {
                before = rowsWritten(jdbc);
            }
        }
        long perMinute = (rowsWritten(jdbc) - before) / (minutes - 1);
        System.out.println(assets + " heartbeating assets: " + perMinute + " rows of availability a minute, "
                + jdbc.sql("select sum(octet_length(lines)) from availability_line")
                        .query(Long.class)
                        .single()
                + " bytes in a checkpoint");
        assertThat(perMinute).isLessThan(Bucket.COUNT + assets / 40);
        AssetId one = new AssetId("a1234");
        long from = Minutes.of(Instant.parse("2026-11-24T10:00:00Z").toEpochMilli());
        int day = Math.toIntExact(from / Minutes.PER_DAY);
        assertThat(AvailabilityEngineTest.letters(timeline(one, day, day), from, Minutes.of(known())))
                .isEqualTo("R".repeat((int) (Minutes.of(known()) - from)));
    }

    private static long rowsWritten(JdbcClient jdbc) {
        jdbc.sql("select pg_stat_force_next_flush()").query(String.class).optional();
        return jdbc.sql("select sum(n_tup_ins + n_tup_upd) from pg_stat_user_tables")
                .query(Long.class)
                .single();
    }

    @Test
    void sessionsThatAnOlderVersionLeftGoOn() {
        moveTo(Instant.parse("2026-11-24T09:58:00Z").toEpochMilli());
        AvailabilityTracker older = tracker(Long.MAX_VALUE);
        older.started(0);
        older.caughtUp();
        clock.advance(Duration.ofMinutes(2));
        older.caughtUp();
        AssetId one = new AssetId("a");
        JdbcClient.create(source)
                .sql("insert into availability_session (asset, session, last_seen) values ('a', :session, :seen)")
                .param("session", AvailabilityTracker.session(new byte[] {'s'}))
                .param("seen", clock.millis())
                .update();
        clock.advance(Duration.ofMinutes(5));
        AvailabilityTracker tracker = tracker(Long.MAX_VALUE);
        tracker.started(1);
        tracker.accept(
                List.of(new JournalEntry(0, clock.millis(), one, EntryKind.SESSION_CLOSED, null, new byte[] {'s'})));
        clock.advance(Duration.ofMinutes(1));
        tracker.caughtUp();
        assertThat(store.sessions()).isEmpty();
        long from = Minutes.of(Instant.parse("2026-11-24T10:00:00Z").toEpochMilli());
        int day = Math.toIntExact(from / Minutes.PER_DAY);
        assertThat(AvailabilityEngineTest.letters(timeline(one, day, day), from, from + 3))
                .as("reachable for its TTL of 90 s, then silent")
                .isEqualTo("rrs");
    }
}

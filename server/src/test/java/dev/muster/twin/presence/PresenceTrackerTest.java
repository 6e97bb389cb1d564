package dev.muster.twin.presence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.gateway.journal.EntryKind;
import dev.muster.gateway.journal.JournalEntry;
import dev.muster.platform.testing.MovedClock;
import dev.muster.platform.testing.TestDatabase;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Presence;
import dev.muster.registry.asset.AssetStore;
import dev.muster.twin.bucket.Bucket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

class PresenceTrackerTest {
    private static final AssetId A = new AssetId("pump-1");
    private static final Instant T0 = new MovedClock().instant();

    private final DataSource source = TestDatabase.fresh();
    private final JdbcClient jdbc = JdbcClient.create(source);
    private final PresenceStore store = new PresenceStore(
            jdbc,
            new TransactionTemplate(new JdbcTransactionManager(source)),
            new AssetStore(jdbc, new JdbcTemplate(source)));
    private final MovedClock clock = new MovedClock();
    private PresenceTracker tracker = tracker(0);
    private long offset;
    private final List<Set<AssetId>> heardOf = new ArrayList<>();
    private boolean registryAway;

    private void heardOf(Set<AssetId> assets) {
        if (registryAway) {
            throw new IllegalStateException("the registry is away");
        }
        heardOf.add(assets);
    }

    private PresenceTracker tracker(long firstLiveOffset) {
        return new PresenceTracker(
                store, _ -> Duration.ofSeconds(90), firstLiveOffset, Long.MAX_VALUE, this::heardOf, clock);
    }

    private JournalEntry entry(EntryKind kind, String text) {
        return new JournalEntry(offset++, clock.millis(), A, kind, null, text.getBytes(StandardCharsets.UTF_8));
    }

    private void restart() {
        tracker = tracker(offset);
    }

    @Test
    void tellsOnceInASessionThatAnAssetReports() {
        tracker.accept(List.of(entry(EntryKind.SESSION_OPENED, "s1"), entry(EntryKind.HEARTBEAT, "{}")));
        assertThat(heardOf).as("a heartbeat is no reading").isEmpty();
        tracker.accept(List.of(entry(EntryKind.TELEMETRY, "{}"), entry(EntryKind.LOGS, "[]")));
        tracker.accept(List.of(entry(EntryKind.TELEMETRY, "{}")));
        assertThat(heardOf).containsExactly(Set.of(A));

        tracker.accept(List.of(entry(EntryKind.SESSION_OPENED, "s2"), entry(EntryKind.POSITION, "{}")));
        assertThat(heardOf).containsExactly(Set.of(A), Set.of(A));
    }

    @Test
    void tellsAgainWhenTheRegistryCouldNotTakeIt() {
        JournalEntry reading = entry(EntryKind.TELEMETRY, "{}");
        registryAway = true;
        assertThatThrownBy(() -> tracker.accept(List.of(reading))).hasMessage("the registry is away");
        registryAway = false;
        tracker.accept(List.of(reading));
        assertThat(heardOf).containsExactly(Set.of(A));
    }

    private Presence now() {
        return tracker.state(A).orElseThrow().presence();
    }

    @Test
    void storesTransitionsAndWhatTheyEndIn() {
        tracker.accept(List.of(entry(EntryKind.SESSION_OPENED, "s1")));
        clock.advance(Duration.ofSeconds(200));
        tracker.caughtUp();
        assertThat(now()).isEqualTo(Presence.STALE);
        tracker.accept(List.of(entry(EntryKind.HEARTBEAT, "{}")));

        assertThat(store.history(A, 10))
                .containsExactly(
                        new PresenceTransition(A, T0.plusSeconds(200), Presence.STALE, Presence.ONLINE, "sign_of_life"),
                        new PresenceTransition(A, T0.plusSeconds(90), Presence.ONLINE, Presence.STALE, "silent"),
                        new PresenceTransition(A, T0, Presence.NEVER_SEEN, Presence.ONLINE, "session_opened"));
        assertThat(store.load()).hasSize(1).containsKey(A);
    }

    @Test
    void theSameEntriesAgainAfterAKillChangeNothing() {
        List<JournalEntry> entries =
                List.of(entry(EntryKind.SESSION_OPENED, "s1"), entry(EntryKind.SESSION_CLOSED, "s1 gone"));
        tracker.accept(entries);
        List<PresenceTransition> history = store.history(A, 10);
        restart();
        tracker.accept(entries);

        assertThat(store.history(A, 10)).isEqualTo(history).hasSize(2);
        assertThat(now()).isEqualTo(Presence.OFFLINE);
    }

    @Test
    void anAssetThatComesBackAfterARestartWasNotAway() {
        tracker.accept(List.of(entry(EntryKind.SESSION_OPENED, "s1")));
        clock.advance(Duration.ofSeconds(10));
        restart();
        tracker.caughtUp();
        assertThat(now()).isEqualTo(Presence.ONLINE);
        tracker.accept(List.of(entry(EntryKind.SESSION_OPENED, "s2")));
        clock.advance(Duration.ofSeconds(85));
        tracker.caughtUp();

        assertThat(now()).isEqualTo(Presence.ONLINE);
        assertThat(store.history(A, 10)).hasSize(1);
    }

    @Test
    void anAssetThatDoesNotComeBackAfterARestartIsOffline() {
        tracker.accept(List.of(entry(EntryKind.SESSION_OPENED, "s1")));
        restart();
        tracker.caughtUp();
        clock.advance(Duration.ofSeconds(50));
        restart();
        tracker.caughtUp();
        clock.advance(Duration.ofSeconds(100));
        tracker.caughtUp();

        assertThat(store.history(A, 10).getFirst().reason()).isEqualTo("server_restart");
        assertThat(now()).isEqualTo(Presence.OFFLINE);
        restart();
        tracker.caughtUp();
        assertThat(now()).isEqualTo(Presence.OFFLINE);
    }

    @Test
    void theJournalMayForgetOnlyWhatACheckpointHas() {
        tracker.accept(List.of(entry(EntryKind.SESSION_OPENED, "s1"), entry(EntryKind.HEARTBEAT, "{}")));
        assertThat(tracker.durable()).isZero();
        clock.advance(PresenceTracker.CHECKPOINT);
        tracker.caughtUp();
        assertThat(tracker.durable()).isEqualTo(2);
        restart();
        assertThat(tracker.durable())
                .as("nothing is taken back, and nothing promised")
                .isZero();
    }

    /** What was stored of another journal says nothing of this one. */
    @Test
    void aNewJournalIsReadFromItsBeginning() {
        tracker.accept(List.of(entry(EntryKind.SESSION_OPENED, "s1"), entry(EntryKind.SESSION_CLOSED, "s1 gone")));
        offset = 0;
        tracker = tracker(0);
        clock.advance(Duration.ofSeconds(10));
        tracker.accept(List.of(entry(EntryKind.SESSION_OPENED, "s1")));
        assertThat(now()).isEqualTo(Presence.ONLINE);
    }

    /** Random histories of some assets, the server killed again and again, the journal going on from what is durable. */
    @Test
    void nothingIsLostOrToldTwiceWhenTheServerIsKilled() {
        long seed = System.nanoTime();
        assertThat(differenceAfterKills(seed, false)).as("seed " + seed).isEmpty();
    }

    @Test
    void theOracleFindsAJournalThatForgetsTooEarly() {
        long seed = System.nanoTime();
        boolean found = false;
        for (int round = 0; round < 20 && !found; round++) {
            jdbc.sql("truncate presence_transition, asset_presence, presence_heard, presence_progress")
                    .update();
            restart();
            found = !differenceAfterKills(seed + round, true).isEmpty();
        }
        assertThat(found).as("seeds from " + seed).isTrue();
    }

    /** @param forgetful the journal forgets what was accepted, durable or not */
    private String differenceAfterKills(long seed, boolean forgetful) {
        Random random = new Random(seed);
        durable = 0;
        List<JournalEntry> journal = new ArrayList<>();
        Map<AssetId, String> sessions = new HashMap<>();
        Map<AssetId, Instant> heard = new HashMap<>();
        PresenceEngine model = new PresenceEngine(_ -> Duration.ofSeconds(90));
        model.restarted(clock.instant());
        for (int step = 0; step < 1_500; step++) {
            AssetId asset = new AssetId("a" + random.nextInt(20));
            clock.advance(Duration.ofMillis(random.nextInt(4_000)));
            Instant at = clock.instant();
            String session = sessions.get(asset);
            EntryKind kind = EntryKind.HEARTBEAT;
            String text = "{}";
            if (random.nextInt(6) == 0) {
                kind = session == null || random.nextBoolean() ? EntryKind.SESSION_OPENED : EntryKind.SESSION_CLOSED;
                text = kind == EntryKind.SESSION_OPENED ? "s" + step : session + " gone";
            }
            switch (kind) {
                case SESSION_OPENED -> {
                    model.opened(asset, text, at);
                    sessions.put(asset, text);
                }
                case SESSION_CLOSED -> {
                    model.closed(asset, String.valueOf(sessions.remove(asset)), "gone", at);
                }
                default -> model.seen(asset, at);
            }
            if (kind != EntryKind.SESSION_CLOSED) {
                heard.put(asset, at);
            }
            journal.add(new JournalEntry(
                    journal.size(), at.toEpochMilli(), asset, kind, null, text.getBytes(StandardCharsets.UTF_8)));
            tracker.accept(List.of(journal.getLast()));
            model.advance(at);
            if (random.nextInt(60) == 0) {
                lookForSilence(model);
                int from = forgetful ? journal.size() : Math.toIntExact(Math.max(durable, tracker.durable()));
                durable = from;
                clock.advance(Duration.ofSeconds(random.nextInt(40)));
                sessions.clear();
                tracker = tracker(journal.size());
                if (from < journal.size()) {
                    tracker.accept(journal.subList(from, journal.size()));
                }
                tracker.caughtUp();
                model.restarted(clock.instant());
                model.advance(clock.instant());
            }
        }
        lookForSilence(model);
        assertThat(tracker.counts()).as("restored and gone on").isEqualTo(model.counts());
        Map<AssetId, Instant> found = new HashMap<>();
        heard.keySet().forEach(asset -> found.put(asset, tracker.lastSeen(asset).orElseThrow()));
        List<PresenceTransition> told = new ArrayList<>();
        heard.keySet().forEach(asset -> told.addAll(store.history(asset, 1_000)));
        List<PresenceTransition> expected = new ArrayList<>(model.changes().transitions());
        Comparator<PresenceTransition> order = Comparator.comparing(PresenceTransition::toString);
        told.sort(order);
        expected.sort(order);
        return found.equals(heard) && told.equals(expected)
                ? ""
                : "heard " + heard + ", found " + found + "; expected " + expected + ", told " + told;
    }

    private long durable;

    /** The model looks at every step, the tracker a second after it looked before. */
    private void lookForSilence(PresenceEngine model) {
        clock.advance(PresenceTracker.SWEEP);
        tracker.caughtUp();
        model.advance(clock.instant());
    }

    @Test
    void aThousandSessionsThatOpenTogetherAreOneBatchForTheDatabase() {
        CountingSource counted = new CountingSource(source);
        JdbcClient client = JdbcClient.create(counted);
        tracker = new PresenceTracker(
                new PresenceStore(
                        client,
                        new TransactionTemplate(new JdbcTransactionManager(counted)),
                        new AssetStore(client, new JdbcTemplate(counted))),
                _ -> Duration.ofSeconds(90),
                0,
                Long.MAX_VALUE,
                this::heardOf,
                clock);
        tracker.caughtUp();
        int before = counted.statements();
        tracker.accept(IntStream.range(0, 1_000)
                .mapToObj(i -> new JournalEntry(
                        i, clock.millis(), new AssetId("a" + i), EntryKind.SESSION_OPENED, null, new byte[] {'s'}))
                .toList());
        assertThat(counted.statements() - before).isLessThanOrEqualTo(5);
        assertThat(store.load()).hasSize(1_000);
    }

    /** A minute of heartbeats of many assets: no row for each of them. */
    @Test
    void heartbeatsAreStoredSomeThousandInARow() {
        int assets = 20_000;
        tracker.accept(heartbeats(0, assets));
        clock.advance(PresenceTracker.CHECKPOINT);
        tracker.caughtUp();
        long before = rowsWritten();
        int minutes = 5;
        for (int minute = 1; minute <= minutes; minute++) {
            tracker.accept(heartbeats(minute * assets, assets));
            clock.advance(PresenceTracker.CHECKPOINT);
            tracker.caughtUp();
        }
        long perMinute = (rowsWritten() - before) / minutes;
        System.out.println(assets + " heartbeating assets: " + perMinute + " rows a minute, "
                + jdbc.sql("select sum(octet_length(heard)) from presence_heard")
                        .query(Long.class)
                        .single()
                + " bytes in a checkpoint");
        assertThat(perMinute)
                .isLessThan(Bucket.COUNT + 10L); // and those of the registry, of which these assets are not
    }

    private List<JournalEntry> heartbeats(int from, int assets) {
        return IntStream.range(0, assets)
                .mapToObj(i -> new JournalEntry(
                        from + i, clock.millis(), new AssetId("a" + i), EntryKind.HEARTBEAT, null, new byte[0]))
                .toList();
    }

    private long rowsWritten() {
        jdbc.sql("select pg_stat_force_next_flush()").query(String.class).optional();
        return jdbc.sql("select sum(n_tup_ins + n_tup_upd) from pg_stat_user_tables")
                .query(Long.class)
                .single();
    }

    @Test
    void remembersTheLastSignOfLifeEveryNowAndThen() {
        tracker.accept(List.of(entry(EntryKind.SESSION_OPENED, "s1")));
        clock.advance(Duration.ofSeconds(20));
        tracker.accept(List.of(entry(EntryKind.HEARTBEAT, "{}")));
        assertThat(store.load().values()).extracting(PresenceState::lastSeen).containsExactly(T0);
        clock.advance(PresenceTracker.CHECKPOINT);
        tracker.caughtUp();
        assertThat(store.load().values()).extracting(PresenceState::lastSeen).containsExactly(T0.plusSeconds(20));
    }
}

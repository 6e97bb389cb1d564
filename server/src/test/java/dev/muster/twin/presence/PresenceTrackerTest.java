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
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
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
        return new PresenceTracker(store, _ -> Duration.ofSeconds(90), firstLiveOffset, this::heardOf, clock);
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

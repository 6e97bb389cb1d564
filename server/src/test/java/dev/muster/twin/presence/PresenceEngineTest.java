package dev.muster.twin.presence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.protocol.AssetId;
import dev.muster.registry.Presence;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PresenceEngineTest {
    private static final Instant T0 = Instant.parse("2026-11-23T12:00:00Z");
    private static final Duration TTL = Duration.ofSeconds(90);
    private static final AssetId A = new AssetId("pump-1");

    private static final HeartbeatTtls AT_LEAST_TTL = new HeartbeatTtls() {
        @Override
        public Duration of(AssetId asset) {
            return TTL;
        }

        @Override
        public Duration least() {
            return TTL;
        }
    };

    private final PresenceEngine engine = new PresenceEngine(_ -> TTL);

    private static Instant at(long seconds) {
        return T0.plusSeconds(seconds);
    }

    private Presence presence() {
        return Objects.requireNonNull(engine.stateOrNull(A)).presence();
    }

    @Test
    void isOnlineWhenASessionOpensAndOfflineWhenItCloses() {
        engine.opened(A, "s1", at(0));
        assertThat(presence()).isEqualTo(Presence.ONLINE);
        engine.closed(A, "s1", "client_disconnected", at(10));

        assertThat(engine.changes().transitions())
                .containsExactly(
                        new PresenceTransition(A, at(0), Presence.NEVER_SEEN, Presence.ONLINE, "session_opened"),
                        new PresenceTransition(A, at(10), Presence.ONLINE, Presence.OFFLINE, "client_disconnected"));
    }

    @Test
    void isStaleAtTheEndOfItsTtlWheneverThatIsNoticed() {
        engine.opened(A, "s1", at(0));
        engine.seen(A, at(30));
        engine.advance(at(119));
        assertThat(presence()).isEqualTo(Presence.ONLINE);
        engine.advance(at(500));

        assertThat(engine.changes().transitions())
                .last()
                .isEqualTo(new PresenceTransition(A, at(120), Presence.ONLINE, Presence.STALE, "silent"));
    }

    @Test
    void isOnlineAgainWithTheNextSignOfLife() {
        engine.opened(A, "s1", at(0));
        engine.seen(A, at(300));

        assertThat(engine.changes().transitions())
                .containsExactly(
                        new PresenceTransition(A, at(0), Presence.NEVER_SEEN, Presence.ONLINE, "session_opened"),
                        new PresenceTransition(A, at(90), Presence.ONLINE, Presence.STALE, "silent"),
                        new PresenceTransition(A, at(300), Presence.STALE, Presence.ONLINE, "sign_of_life"));
    }

    @Test
    void aTakeoverIsNotAnAbsence() {
        engine.opened(A, "s1", at(0));
        engine.opened(A, "s2", at(5));
        engine.closed(A, "s1", "taken_over", at(6));

        assertThat(presence()).isEqualTo(Presence.ONLINE);
        assertThat(engine.changes().transitions()).hasSize(1);
    }

    @Test
    void comingBackAfterARestartOfTheServerLeavesNoTrace() {
        engine.opened(A, "s1", at(0));
        engine.restarted(at(20));
        engine.advance(at(60));
        engine.opened(A, "s2", at(70));
        engine.advance(at(1_000).minus(Duration.ofSeconds(900)));

        assertThat(presence()).isEqualTo(Presence.ONLINE);
        assertThat(engine.changes().transitions()).hasSize(1);
    }

    @Test
    void notComingBackAfterARestartOfTheServerIsOffline() {
        engine.opened(A, "s1", at(0));
        engine.restarted(at(20));
        engine.advance(at(109));
        assertThat(presence()).isEqualTo(Presence.ONLINE);
        engine.advance(at(110));

        assertThat(engine.changes().transitions())
                .last()
                .isEqualTo(new PresenceTransition(A, at(110), Presence.ONLINE, Presence.OFFLINE, "server_restart"));
    }

    @Test
    void comingBackTooLateAfterARestartOfTheServerWasAnAbsenceWhoeverNoticesIt() {
        engine.opened(A, "s1", at(0));
        engine.restarted(at(20));
        engine.opened(A, "s2", at(115));

        assertThat(engine.changes().transitions())
                .containsExactly(
                        new PresenceTransition(A, at(0), Presence.NEVER_SEEN, Presence.ONLINE, "session_opened"),
                        new PresenceTransition(A, at(110), Presence.ONLINE, Presence.OFFLINE, "server_restart"),
                        new PresenceTransition(A, at(115), Presence.OFFLINE, Presence.ONLINE, "session_opened"));
    }

    @Test
    void theCloseOfASessionFromBeforeTheRestartIsNotNeededAndDoesNoHarm() {
        engine.opened(A, "s1", at(0));
        engine.restarted(at(20));
        engine.closed(A, "s1", "late", at(21));
        engine.opened(A, "s2", at(22));
        assertThat(presence()).isEqualTo(Presence.ONLINE);
    }

    @Test
    void whoHasNoSessionIsOnlineWithASignOfLifeAndOfflineWhenItsTtlHasPassed() {
        engine.seen(A, at(0));
        engine.seen(A, at(60));
        engine.advance(at(149));
        assertThat(presence()).isEqualTo(Presence.ONLINE);
        engine.advance(at(400));
        engine.seen(A, at(500));

        assertThat(engine.changes().transitions())
                .containsExactly(
                        new PresenceTransition(A, at(0), Presence.NEVER_SEEN, Presence.ONLINE, "sign_of_life"),
                        new PresenceTransition(A, at(150), Presence.ONLINE, Presence.OFFLINE, "silent"),
                        new PresenceTransition(A, at(500), Presence.OFFLINE, Presence.ONLINE, "sign_of_life"));
        assertThat(Objects.requireNonNull(engine.stateOrNull(A)).lastSeen()).isEqualTo(at(500));
    }

    @Test
    void whoHasNoSessionIsGivenTimeAfterARestartOfTheServerToo() {
        engine.seen(A, at(0));
        engine.restarted(at(1_000));
        engine.advance(at(1_089));
        assertThat(presence()).isEqualTo(Presence.ONLINE);
        engine.seen(A, at(1_089));
        engine.advance(at(1_178));
        assertThat(presence()).as("and then its TTL counts again").isEqualTo(Presence.ONLINE);
        engine.advance(at(1_179));

        assertThat(engine.changes().transitions())
                .last()
                .isEqualTo(new PresenceTransition(A, at(1_179), Presence.ONLINE, Presence.OFFLINE, "silent"));
    }

    @Test
    void aSessionThatOpensWhileItWasOnlineAnywayIsNoChange() {
        engine.seen(A, at(0));
        engine.opened(A, "s1", at(10));
        engine.closed(A, "s1", "gone", at(20));

        assertThat(engine.changes().transitions())
                .containsExactly(
                        new PresenceTransition(A, at(0), Presence.NEVER_SEEN, Presence.ONLINE, "sign_of_life"),
                        new PresenceTransition(A, at(20), Presence.ONLINE, Presence.OFFLINE, "gone"));
    }

    @Test
    void onlyTheLastSignOfLifeMovesWhileNothingChanges() {
        engine.opened(A, "s1", at(0));
        engine.stored();
        List<AssetId> heard = new ArrayList<>();
        engine.forEachHeard((asset, _) -> heard.add(asset));
        assertThat(heard).as("its state has it").isEmpty();
        engine.seen(A, at(10));
        engine.forEachHeard((asset, _) -> heard.add(asset));

        assertThat(engine.changes()).isEqualTo(new PresenceEngine.Changes(List.of(), Set.of()));
        assertThat(heard).containsExactly(A);
    }

    /** A model that only knows the open session and the last sign of life, which a closing takes away, asked after every step. */
    @Test
    void agreesWithAPlainModelOverThousandsOfSchedules() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        int transitions = 0;
        for (int schedule = 0; schedule < 2_000; schedule++) {
            transitions += runSchedule(random);
        }
        System.out.println(transitions + " transitions");
    }

    private static int runSchedule(Random random) {
        PresenceEngine engine = new PresenceEngine(random.nextBoolean() ? _ -> TTL : AT_LEAST_TTL);
        Map<AssetId, String> open = new HashMap<>();
        Map<AssetId, Instant> seen = new HashMap<>();
        Instant now = T0;
        List<String> story = new ArrayList<>();
        for (int step = 0; step < 60; step++) {
            AssetId asset = new AssetId("a" + random.nextInt(3));
            now = now.plusSeconds(random.nextInt(60));
            String session = open.get(asset);
            switch (random.nextInt(4)) {
                case 0 -> {
                    String fresh = "s" + step;
                    engine.opened(asset, fresh, now);
                    if (session != null && random.nextBoolean()) {
                        engine.closed(asset, session, "taken_over", now);
                    }
                    open.put(asset, fresh);
                    seen.put(asset, now);
                    story.add(now + " " + asset + " opened " + fresh);
                }
                case 1 -> {
                    if (session != null) {
                        engine.closed(asset, session, "gone", now);
                        open.remove(asset);
                        seen.put(asset, Instant.EPOCH);
                        story.add(now + " " + asset + " closed " + session);
                    }
                }
                case 2 -> {
                    engine.seen(asset, now);
                    seen.put(asset, now);
                    story.add(now + " " + asset + " seen");
                }
                default -> story.add(now + " passed");
            }
            engine.advance(now);
            for (Map.Entry<AssetId, Instant> last : seen.entrySet()) {
                Presence expected = now.isBefore(last.getValue().plus(TTL))
                        ? Presence.ONLINE
                        : open.containsKey(last.getKey()) ? Presence.STALE : Presence.OFFLINE;
                assertThat(engine.state(last.getKey()).map(PresenceState::presence))
                        .as("%s after %s", last.getKey(), story)
                        .contains(expected);
            }
            assertThat(engine.counts()).as("%s", story).isEqualTo(recounted(engine, seen.keySet()));
        }
        List<PresenceTransition> transitions = engine.changes().transitions();
        Map<AssetId, PresenceTransition> before = new HashMap<>();
        for (PresenceTransition transition : transitions) {
            PresenceTransition previous = before.put(transition.asset(), transition);
            assertThat(transition.from())
                    .as("%s", story)
                    .isEqualTo(previous == null ? Presence.NEVER_SEEN : previous.to());
            assertThat(transition.to()).isNotEqualTo(transition.from());
            assertThat(previous == null || !transition.at().isBefore(previous.at()))
                    .as("%s", story)
                    .isTrue();
        }
        return transitions.size();
    }

    private static Map<Presence, Integer> recounted(PresenceEngine engine, Set<AssetId> assets) {
        Map<Presence, Integer> counts = new EnumMap<>(Presence.class);
        assets.forEach(asset -> counts.merge(engine.state(asset).orElseThrow().presence(), 1, Integer::sum));
        return counts;
    }
}

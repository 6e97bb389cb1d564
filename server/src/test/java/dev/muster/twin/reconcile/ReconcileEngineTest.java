package dev.muster.twin.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.registry.Presence;
import dev.muster.twin.TwinState;
import dev.muster.twin.configuration.ConflictPolicy;
import dev.muster.twin.reconcile.Decision.Accept;
import dev.muster.twin.reconcile.Decision.Idle;
import dev.muster.twin.reconcile.Decision.Note;
import dev.muster.twin.reconcile.Decision.Park;
import dev.muster.twin.reconcile.Decision.Reapply;
import dev.muster.twin.reconcile.Decision.Resend;
import dev.muster.twin.reconcile.Decision.Stall;
import dev.muster.twin.reconcile.Decision.Wait;
import dev.muster.twin.reconcile.Situation.Fault;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.IntNode;
import tools.jackson.databind.node.StringNode;

class ReconcileEngineTest {
    private static final Instant T0 = Instant.parse("2026-11-23T10:00:00Z");
    private static final Duration RESEND = Duration.ofMinutes(1);

    private final ReconcileEngine engine = new ReconcileEngine(RESEND, new Random(7));

    private static Fault fault(ConflictPolicy policy) {
        return new Fault("/config/rate", IntNode.valueOf(5), IntNode.valueOf(9), "configuration/x", policy);
    }

    private static Situation asset(TwinState state, List<Fault> faults, int attempts, @Nullable Instant lastAt) {
        return new Situation("pump-1", state, Presence.ONLINE, 8, T0, 7L, T0, faults, attempts, lastAt, null);
    }

    @Test
    void aStaleReportLeadsToNothing() {
        Situation stale = asset(TwinState.UNKNOWN, List.of(fault(ConflictPolicy.ENFORCE)), 0, null);

        assertThat(engine.decide(stale, T0.plus(Duration.ofDays(1)))).isEqualTo(new Park());
    }

    @Test
    void whatIsPendingIsSentAgainAfterAWhileWithGrowingPausesAndThenGivenUp() {
        Instant now = T0;
        Instant lastAt = null;
        List<Long> pauses = new ArrayList<>();
        for (int attempts = 0; ; attempts++) {
            Situation pending = asset(TwinState.PENDING, List.of(), attempts, lastAt);
            Decision decision = engine.decide(pending, now);
            if (decision instanceof Wait wait) {
                now = wait.until();
                decision = engine.decide(pending, now);
            }
            if (decision instanceof Stall stall) {
                assertThat(attempts).isEqualTo(ReconcileEngine.MAX_RESENDS);
                assertThat(stall.reason())
                        .isEqualTo("generation 8 was not applied after 8 attempts; the asset reports generation 7");
                break;
            }
            assertThat(decision).isInstanceOf(Resend.class);
            Resend resend = (Resend) decision;
            assertThat(resend.attempt()).isEqualTo(attempts + 1);
            pauses.add(Duration.between(now, resend.next()).toSeconds());
            lastAt = now;
            now = resend.next();
        }
        assertThat(Duration.between(T0, T0.plus(RESEND))).isEqualTo(RESEND);
        for (int i = 0; i < pauses.size(); i++) {
            long expected = Math.min(RESEND.toSeconds() << i, ReconcileEngine.MAX_BACKOFF.toSeconds());
            assertThat(pauses.get(i)).isBetween(expected * 8 / 10 - 1, expected * 12 / 10 + 1);
        }
    }

    @Test
    void softwareOnItsWayIsNotDisturbed() {
        Situation underWay =
                new Situation("pump-1", TwinState.PENDING, Presence.ONLINE, 8, T0, 8L, T0, List.of(), 0, null, null);

        assertThat(engine.decide(underWay, T0.plus(Duration.ofHours(5)))).isEqualTo(new Idle());
    }

    @Test
    void driftIsSettledByTheFieldsPolicy() {
        assertThat(engine.decide(asset(TwinState.DRIFTED, List.of(fault(ConflictPolicy.ENFORCE)), 0, null), T0))
                .isInstanceOf(Reapply.class);
        assertThat(engine.decide(asset(TwinState.DRIFTED, List.of(fault(ConflictPolicy.REPORT)), 0, null), T0))
                .isEqualTo(new Note(List.of(fault(ConflictPolicy.REPORT))));
        assertThat(engine.decide(
                        asset(
                                TwinState.DRIFTED,
                                List.of(fault(ConflictPolicy.ENFORCE), fault(ConflictPolicy.ACCEPT)),
                                0,
                                null),
                        T0))
                .isEqualTo(new Accept(List.of(fault(ConflictPolicy.ACCEPT))));
    }

    @Test
    void aHashAVersionAndHowAFileWasFoundCannotBeAccepted() {
        Fault file = new Fault(
                "/config/files/motd/template",
                StringNode.valueOf("hello"),
                StringNode.valueOf("missing"),
                "local",
                ConflictPolicy.ACCEPT);
        Fault hash = new Fault(
                "/config/text",
                StringNode.valueOf("x".repeat(300)),
                StringNode.valueOf("sha256:" + "ab".repeat(32)),
                "local",
                ConflictPolicy.ACCEPT);
        Fault version = new Fault(
                "/software/app", StringNode.valueOf("2"), StringNode.valueOf("1"), "x", ConflictPolicy.ACCEPT);

        assertThat(engine.decide(asset(TwinState.DRIFTED, List.of(hash, version, file), 0, null), T0))
                .isEqualTo(new Note(List.of(hash, version, file)));
    }

    @Test
    void enforcingEndsAfterAFewAttempts() {
        Situation again =
                asset(TwinState.DRIFTED, List.of(fault(ConflictPolicy.ENFORCE)), ReconcileEngine.MAX_REAPPLIES, T0);

        assertThat(engine.decide(again, T0.plus(Duration.ofHours(2)))).isInstanceOf(Stall.class);
    }

    /** Years of an unruly asset: it never gets more than one action for a backoff, and none while its report is stale. */
    @Test
    void neverActsOnWhatIsStaleNorTooOften() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Map<String, Integer> actions = new TreeMap<>();
        for (int life = 0; life < 300; life++) {
            ReconcileEngine some = new ReconcileEngine(RESEND, random);
            Instant now = T0;
            Instant changed = T0;
            Instant lastAt = null;
            int attempts = 0;
            for (int step = 0; step < 200; step++) {
                now = now.plusSeconds(1 + random.nextInt(600));
                TwinState state = TwinState.values()[random.nextInt(TwinState.values().length)];
                List<Fault> faults = List.of(fault(ConflictPolicy.values()[random.nextInt(3)]));
                Situation situation = new Situation(
                        "a", state, Presence.OFFLINE, 8, changed, 7L, now, faults, attempts, lastAt, null);
                Decision decision = some.decide(situation, now);
                actions.merge(decision.getClass().getSimpleName(), 1, Integer::sum);
                String where = "seed %d life %d step %d: %s for %s".formatted(seed, life, step, decision, situation);
                boolean acts = decision instanceof Resend || decision instanceof Reapply || decision instanceof Accept;
                if (acts) {
                    assertThat(state).as(where).isIn(TwinState.PENDING, TwinState.DRIFTED);
                }
                if (decision instanceof Resend || decision instanceof Reapply) {
                    if (lastAt != null) {
                        long least =
                                Math.min(RESEND.toMillis() << (attempts - 1), ReconcileEngine.MAX_BACKOFF.toMillis())
                                        * 8
                                        / 10;
                        assertThat(Duration.between(lastAt, now).toMillis())
                                .as(where)
                                .isGreaterThanOrEqualTo(least);
                    }
                    attempts++;
                    lastAt = now;
                }
                if (decision instanceof Stall) {
                    attempts = 0; // a new generation
                    lastAt = null;
                    changed = now;
                }
            }
        }
        assertThat(actions.keySet())
                .as("seed %d", seed)
                .containsExactly("Accept", "Idle", "Note", "Park", "Reapply", "Resend", "Stall", "Wait");
    }
}

package dev.muster.retirement;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.command.Orders;
import dev.muster.command.Status;
import dev.muster.protocol.AssetId;
import dev.muster.retirement.RetirementEngine.Facts;
import dev.muster.retirement.RetirementEngine.Step;
import dev.muster.retirement.RetirementEngine.Subject;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RetirementEngineTest {
    private static final Instant T0 = Instant.parse("2026-03-01T10:00:00Z");
    private static final Duration LEAVES = Duration.ofSeconds(240);

    @Test
    void anAssetThatSaidItIsWipedIsGoneOnlyWhenItsSessionStaysAway() {
        Retirement leaving = wiping(IfUnconfirmed.RETIRE).in(Phase.LEAVING, T0);
        Orders.Outcome said = new Orders.Outcome(Status.SUCCEEDED, T0, null);
        // offline since before its word: that is not known yet
        assertThat(RetirementEngine.next(leaving, new Facts(T0.plusSeconds(60), said, away(T0.minusSeconds(1)))))
                .isEqualTo(new Step.Wait());
        // away for too short a time: it would come back for an acknowledgement that was lost
        assertThat(RetirementEngine.next(leaving, new Facts(T0.plusSeconds(5), said, away(T0.plusSeconds(1)))))
                .isEqualTo(new Step.Wait());
        assertThat(RetirementEngine.next(leaving, new Facts(T0.plusSeconds(6), said, away(T0.plusSeconds(1)))))
                .isEqualTo(new Step.Move(leaving.wiped(Wipe.CONFIRMED, null, Phase.CUTTING_OFF, T0.plusSeconds(6))));
    }

    @Test
    void oneThatSaysItIsWipedAndStaysIsNotBelieved() {
        Retirement leaving = wiping(IfUnconfirmed.RETIRE).in(Phase.LEAVING, T0);
        Orders.Outcome said = new Orders.Outcome(Status.SUCCEEDED, T0, null);
        Subject there = new Subject(false, true, T0.minusSeconds(60), LEAVES, 1, true);
        assertThat(RetirementEngine.next(leaving, new Facts(T0.plusSeconds(239), said, there)))
                .isEqualTo(new Step.Wait());
        assertThat(to(RetirementEngine.next(leaving, new Facts(T0.plusSeconds(240), said, there)))
                        .summary())
                .isEqualTo(
                        "about to revoke its certificates; wipe unconfirmed: the asset said that it was wiped, and was"
                                + " still connected 240 s later");
    }

    @Test
    void whatIsNotWipedIsRetiredOrKeptAsWasAskedFor() {
        Orders.Outcome rejected = new Orders.Outcome(Status.REJECTED, T0, "the owner does not allow it");
        Facts facts = new Facts(T0, rejected, away(T0));
        Retirement retired = to(RetirementEngine.next(wiping(IfUnconfirmed.RETIRE), facts));
        Retirement kept = to(RetirementEngine.next(wiping(IfUnconfirmed.KEEP), facts));
        assertThat(retired.phase()).isEqualTo(Phase.CUTTING_OFF);
        assertThat(retired.endedAt()).isNull();
        assertThat(kept.endedAt()).isEqualTo(T0);
        assertThat(kept.summary())
                .isEqualTo("not retired, wipe unconfirmed: the asset will not do it: the owner does not allow it");
    }

    @Test
    void itIsNotOverWhileACertificateASessionOrADesiredStateIsLeft() {
        Retirement settling = wiping(IfUnconfirmed.RETIRE)
                .wiped(Wipe.CONFIRMED, null, Phase.CUTTING_OFF, T0)
                .cutOff(1, 1, T0);
        assertThat(next(settling, new Subject(true, true, T0, LEAVES, 0, false)))
                .isEqualTo(new Step.Wait());
        assertThat(next(settling, new Subject(true, false, T0, LEAVES, 0, true)))
                .isEqualTo(new Step.Wait());
        assertThat(next(settling, new Subject(true, false, T0, LEAVES, 1, false)))
                .isEqualTo(new Step.CutOff());
        assertThat(next(settling, new Subject(false, false, T0, LEAVES, 0, false)))
                .isEqualTo(new Step.CutOff());
        assertThat(next(settling, new Subject(true, false, T0, LEAVES, 0, false)))
                .isEqualTo(new Step.Move(settling.in(Phase.RETIRED, T0.plusSeconds(1))));
    }

    /** Commands, sessions and the time go as they like; what is claimed must be true, and each ends. */
    @Test
    void noScheduleConfirmsAWipeWithoutTheAssetsWordOrFailsToEnd() {
        long seed = Long.getLong("seed", 20_260_301L);
        Random random = new Random(seed);
        Map<Phase, Integer> ends = new EnumMap<>(Phase.class);
        for (int schedule = 0; schedule < 5_000; schedule++) {
            Retirement end = live(random, "seed " + seed + ", schedule " + schedule);
            ends.merge(end.phase(), 1, Integer::sum);
        }
        assertThat(ends).as("seed %d", seed).containsOnlyKeys(Phase.RETIRED, Phase.KEPT, Phase.TAKEN_BACK);
    }

    private static Retirement live(Random random, String label) {
        Retirement is = wiping(random.nextBoolean() ? IfUnconfirmed.RETIRE : IfUnconfirmed.KEEP);
        Instant now = T0;
        Status status = Status.PENDING;
        Instant settledAt = null;
        boolean connected = random.nextBoolean();
        Instant since = T0.minusSeconds(random.nextInt(100));
        boolean cutOff = false;
        boolean stubborn = random.nextInt(4) == 0;
        boolean everSucceeded = false;
        for (int step = 0; step < 2_000; step++) {
            now = now.plusSeconds(random.nextInt(10));
            if (!status.isSettled() && random.nextInt(5) == 0) {
                status = Status.values()[1 + random.nextInt(Status.values().length - 1)];
                settledAt = status.isSettled() ? now : null;
                everSucceeded |= status == Status.SUCCEEDED;
            }
            boolean mayConnect = !cutOff && (stubborn || !everSucceeded);
            if (connected != (mayConnect && (stubborn || random.nextBoolean()))) {
                connected = !connected;
                since = now;
            }
            boolean deleted = random.nextInt(400) == 0;
            Subject asset = deleted
                    ? null
                    : new Subject(cutOff, connected, since, LEAVES, cutOff ? 0 : 1, random.nextInt(3) == 0);
            Step next = RetirementEngine.next(is, new Facts(now, new Orders.Outcome(status, settledAt, null), asset));
            switch (next) {
                case Step.Wait() -> {}
                case Step.Move(Retirement to) -> is = to;
                case Step.CutOff() -> {
                    assertThat(is.wipe()).as(label).isNotEqualTo(Wipe.PENDING);
                    is = is.cutOff(1, 0, now);
                    cutOff = true;
                }
            }
            if (is.wipe() == Wipe.CONFIRMED) {
                assertThat(status).as(label).isEqualTo(Status.SUCCEEDED);
                assertThat(stubborn && is.phase() == Phase.CUTTING_OFF && connected)
                        .as(label)
                        .isFalse();
            }
            if (is.phase().isEnd()) {
                assertThat(is.endedAt()).as(label).isEqualTo(now);
                assertThat(is.phase() != Phase.RETIRED || cutOff).as(label).isTrue();
                assertThat(is.phase() != Phase.KEPT || !cutOff).as(label).isTrue();
                return is;
            }
        }
        throw new AssertionError(label + " does not end: " + is);
    }

    private static Step next(Retirement is, @Nullable Subject asset) {
        return RetirementEngine.next(is, new Facts(T0.plusSeconds(1), null, asset));
    }

    private static Retirement to(Step step) {
        assertThat(step).isInstanceOf(Step.Move.class);
        return ((Step.Move) step).to();
    }

    private static Subject away(Instant since) {
        return new Subject(false, false, since, LEAVES, 1, true);
    }

    private static Retirement wiping(IfUnconfirmed ifUnconfirmed) {
        return new Retirement(
                "r",
                new AssetId("pump-1"),
                Phase.WIPING,
                T0,
                Wipe.PENDING,
                null,
                "c",
                T0.plusSeconds(3600),
                ifUnconfirmed,
                "",
                T0,
                "admin",
                0,
                0,
                null,
                null);
    }
}

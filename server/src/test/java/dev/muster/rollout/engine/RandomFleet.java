package dev.muster.rollout.engine;

import static dev.muster.rollout.engine.Simulation.WANTED;

import dev.muster.protocol.AssetId;
import dev.muster.rollout.engine.SimulatedAsset.Temper;
import java.util.List;
import java.util.Random;

/** Draws assets: honest ones, and as many of every bad temper as the fleet is troubled by. */
final class RandomFleet {
    /** What assets do that a change is bad for. */
    private static final List<Temper> BAD = List.of(
            Temper.BRICKS,
            Temper.FAILS_TO_INSTALL,
            Temper.GOES_BACK_BY_ITSELF,
            Temper.UNHEALTHY,
            Temper.CANNOT_GO_BACK,
            Temper.DIES_LATER);

    private final Random random;
    private final boolean restarts;

    /** Of 4: how much of the fleet is troubled. */
    private final int trouble;

    /** How many kinds of assets there are by which failures are told apart; 0 when they are not. */
    private final int kinds;

    /** The kind that the change is bad for; none when negative. */
    private final int badKind;

    /** @param restarts whether assets have to restart for a change */
    RandomFleet(Random random, int kinds, int badKind, int trouble, boolean restarts) {
        this.random = random;
        this.kinds = kinds;
        this.badKind = badKind;
        this.trouble = trouble;
        this.restarts = restarts;
    }

    SimulatedAsset asset(String id) {
        int kind = random.nextInt(4);
        Temper temper = kind == badKind
                ? BAD.get(random.nextInt(BAD.size()))
                : random.nextInt(4) < trouble ? Temper.values()[random.nextInt(Temper.values().length)] : Temper.HONEST;
        if (temper == Temper.CLAIMS_BEFORE_RESTART && !restarts) {
            temper = Temper.HONEST; // whom one asks for no restart one has to believe
        }
        String first = random.nextInt(15) == 0 ? null : "1." + random.nextInt(4);
        return new SimulatedAsset(
                new AssetId(id),
                temper,
                first,
                random.nextInt(12) != 0,
                kinds == 0 ? "" : "kind-" + Math.min(kind, kinds),
                WANTED,
                new Random(random.nextLong()));
    }
}

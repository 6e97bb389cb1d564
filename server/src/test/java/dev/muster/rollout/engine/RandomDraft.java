package dev.muster.rollout.engine;

import static dev.muster.rollout.engine.Simulation.T0;
import static dev.muster.rollout.engine.Simulation.WANTED;

import dev.muster.actuator.EvidenceLevel;
import dev.muster.rollout.engine.Conduct.OnFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Draws what a rollout is to do. */
final class RandomDraft {
    private final long seed;
    private final Random random;
    private final int kinds;

    /** @param kinds of assets by which failures are told apart; 0 when they are not */
    RandomDraft(long seed, Random random, int kinds) {
        this.seed = seed;
        this.random = random;
        this.kinds = kinds;
    }

    /**
     * @param count of targets
     * @param apart whether a kind fares worse than the others: it shows in waves that many begin at once and that bear much
     */
    Rollout draw(int count, boolean apart) {
        List<WaveState> waves = new ArrayList<>();
        int first = 0;
        while (first < count) {
            boolean last = waves.size() == 4 || random.nextInt(3) == 0;
            int size = last ? count - first : 1 + random.nextInt(count - first);
            waves.add(WaveState.fresh("w" + waves.size(), first, size, !waves.isEmpty() && random.nextInt(8) == 0));
            first += size;
        }
        EvidenceLevel evidence = random.nextInt(3) != 0
                ? EvidenceLevel.HEALTHY
                : EvidenceLevel.values()[random.nextInt(EvidenceLevel.values().length)];
        Conduct conduct = new Conduct(
                WANTED,
                apart ? 4 + random.nextInt(12) : 1 + random.nextInt(6),
                random.nextInt(3) == 0 ? 1 + random.nextInt(20) : 0,
                Duration.ofSeconds(random.nextInt(180)),
                Duration.ofMinutes(3 + random.nextInt(9)),
                new Percent((apart ? 2 + random.nextInt(4) : random.nextInt(6)) * 1_000),
                1 + random.nextInt(4),
                random.nextBoolean() ? OnFailure.PAUSE : OnFailure.ROLLBACK,
                scope(),
                evidence,
                random.nextInt(3) != 0,
                random.nextInt(4) == 0,
                random.nextInt(3) != 0,
                Duration.ofMinutes(1 + random.nextInt(40)),
                checks(),
                new Retries(random.nextInt(3), Duration.ofSeconds(30 + random.nextInt(300)), Duration.ofMinutes(8)),
                random.nextInt(5) == 0 ? deadline() : null,
                random.nextInt(3) == 0
                        ? new PlaceLimit(1 + random.nextInt(3), random.nextInt(3) == 0 ? 1 + random.nextInt(6) : 0)
                        : null);
        return new Rollout("sim", "s" + seed, conduct, new Phase.Draft(), 0, T0, 0, 0, waves, List.of(), 0, false);
    }

    private Deadline deadline() {
        Duration after = Duration.ofMinutes(5 + random.nextInt(55));
        Deadline.Then then = Deadline.Then.values()[random.nextInt(2)];
        return random.nextBoolean() ? new Deadline(T0.plus(after), null, then) : new Deadline(null, after, then);
    }

    private Conduct.Scope scope() {
        return switch (random.nextInt(4)) {
            case 0 -> Conduct.Scope.ALL;
            case 1 -> Conduct.Scope.WAVE;
            default -> kinds == 0 ? Conduct.Scope.ALL : Conduct.Scope.STRATUM;
        };
    }

    /** Gates that ask for a signal of the world: 1 is well, 0 is not, and it may be missing. */
    private List<Check> checks() {
        List<Check> checks = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            String signal = "signal-" + i;
            checks.add(new Check(
                    signal,
                    signal + " == 1",
                    random.nextBoolean(),
                    random.nextInt(4),
                    Duration.ofMinutes(random.nextInt(20)),
                    Check.Unknown.values()[random.nextInt(2)],
                    OnFailure.values()[random.nextInt(2)],
                    values -> switch (values.get(signal)) {
                        case null -> new Check.Answer.Unknown("no " + signal);
                        case Integer well when well == 1 -> new Check.Answer.Holds();
                        default -> new Check.Answer.Fails();
                    }));
        }
        return checks;
    }
}

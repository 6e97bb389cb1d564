package dev.muster.rollout.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A rollout as the engine sees it; all that it knows of targets at once is how many are in which stage.
 *
 * @param name for people
 * @param key unique for ever, also after a rollout of the same name was deleted; begins every attempt
 * @param elapsed the rollout's own time in milliseconds, see {@link Moment}
 * @param wall when it was last looked at
 * @param wave the newest that is open
 * @param orderAt from when on the next order may go out by the rate, in microseconds of the rollout's own time
 * @param strata by which failures are told apart; none where they are not
 * @param keeps targets before this position keep the change when the rollout goes back
 * @param overtime whether its deadline has passed, and what follows from that has been done
 */
public record Rollout(
        String name,
        String key,
        Conduct conduct,
        Phase phase,
        long elapsed,
        Instant wall,
        int wave,
        long orderAt,
        List<WaveState> waves,
        List<Stratum> strata,
        int keeps,
        boolean overtime) {
    /** Of the clock, at most, between two looks: what is longer is an outage or a jump, and nobody watched. */
    static final Duration MAX_STEP = Duration.ofMinutes(1);

    public Rollout {
        waves = List.copyOf(waves);
        strata = List.copyOf(strata);
        if (waves.isEmpty() || wave < 0 || wave >= waves.size()) {
            throw new IllegalArgumentException(
                    "rollout " + name + " has " + waves.size() + " waves, and wave " + wave + " open");
        }
    }

    public WaveState current() {
        return waves.get(wave);
    }

    public Counts counts() {
        return waves.stream().map(WaveState::counts).reduce(Counts.pending(0), Counts::plus);
    }

    /** Of one stratum. */
    public Counts counts(int stratum) {
        return sum(stratum, waves.size());
    }

    /** Of one stratum, in open waves. */
    Counts opened(int stratum) {
        return sum(stratum, wave + 1);
    }

    /** Of all other strata that go on, in open waves. */
    Counts openedBeside(int stratum) {
        Counts sum = Counts.pending(0);
        for (int i = 0; i < strata.size(); i++) {
            sum = i == stratum || strata.get(i).isHalted() ? sum : sum.plus(opened(i));
        }
        return sum;
    }

    private Counts sum(int stratum, int until) {
        return waves.subList(0, until).stream()
                .map(each -> each.strata().get(stratum))
                .reduce(Counts.pending(0), Counts::plus);
    }

    /** A wave as its gates see it: without strata that do not go on. */
    WaveState judged(int index) {
        return waves.get(index).going(strata);
    }

    /** The strata in a state. */
    Set<Integer> strata(Stratum.State state) {
        Set<Integer> found = new TreeSet<>();
        for (int i = 0; i < strata.size(); i++) {
            if (strata.get(i).state() == state) {
                found.add(i);
            }
        }
        return found;
    }

    /** Whether a target gets no order to change, whatever the rest of the rollout does. */
    public boolean isHalted(Target target) {
        return !strata.isEmpty() && strata.get(target.stratum()).isHalted();
    }

    /** Whether a target goes back, whatever the rest of the rollout does. */
    public boolean isRecalled(Target target) {
        return !strata.isEmpty() && strata.get(target.stratum()).state() == Stratum.State.RECALLED;
    }

    public boolean onLastWave() {
        return wave == waves.size() - 1;
    }

    /**
     * Which order of a target this is, as the asset repeats it. It is part of what is desired of an asset, which is stored once for all
     * of which the same is desired: nothing of the target itself is in it.
     */
    public String attempt(Target target) {
        return key + "." + target.attempt();
    }

    /** The rollout's own time at a moment that has come. */
    public long elapsedAt(Instant now) {
        return moment(now).elapsed();
    }

    /** The same at a moment that has come. */
    public Rollout seenAt(Instant now) {
        return at(moment(now));
    }

    Moment moment(Instant now) {
        long step = Duration.between(wall, now).toMillis();
        return new Moment(now, elapsed + Math.clamp(step, 0, MAX_STEP.toMillis()));
    }

    Rollout at(Moment now) {
        return new Rollout(
                name, key, conduct, phase, now.elapsed(), now.wall(), wave, orderAt, waves, strata, keeps, overtime);
    }

    Rollout in(Phase next) {
        return new Rollout(name, key, conduct, next, elapsed, wall, wave, orderAt, waves, strata, keeps, overtime);
    }

    Rollout with(List<WaveState> changed, int open) {
        return new Rollout(name, key, conduct, phase, elapsed, wall, open, orderAt, changed, strata, keeps, overtime);
    }

    Rollout with(int stratum, Stratum changed) {
        List<Stratum> all = new ArrayList<>(strata);
        all.set(stratum, changed);
        return with(all);
    }

    Rollout with(List<Stratum> changed) {
        return new Rollout(name, key, conduct, phase, elapsed, wall, wave, orderAt, waves, changed, keeps, overtime);
    }

    Rollout keeping(int before) {
        return new Rollout(name, key, conduct, phase, elapsed, wall, wave, orderAt, waves, strata, before, overtime);
    }

    Rollout orderingNextAt(long micros) {
        return new Rollout(name, key, conduct, phase, elapsed, wall, wave, micros, waves, strata, keeps, overtime);
    }

    Rollout inOvertime() {
        return new Rollout(name, key, conduct, phase, elapsed, wall, wave, orderAt, waves, strata, keeps, true);
    }
}

package dev.muster.rollout.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * A rollout as the engine sees it; all that it knows of targets at once is how many are in which stage.
 *
 * @param name for people
 * @param key unique for ever, also after a rollout of the same name was deleted; begins every attempt
 * @param elapsed the rollout's own time in milliseconds, see {@link Moment}
 * @param wall when it was last looked at
 * @param wave the newest that is open
 * @param orderAt from when on the next order may go out by the rate, in microseconds of the rollout's own time
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
        List<WaveState> waves) {
    /** Of the clock, at most, between two looks: what is longer is an outage or a jump, and nobody watched. */
    static final Duration MAX_STEP = Duration.ofMinutes(1);

    public Rollout {
        waves = List.copyOf(waves);
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

    public boolean onLastWave() {
        return wave == waves.size() - 1;
    }

    /** Which order of a target this is, as the asset repeats it. */
    public String attempt(Target target) {
        return key + "." + target.ord() + "." + target.attempt();
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
        return new Rollout(name, key, conduct, phase, now.elapsed(), now.wall(), wave, orderAt, waves);
    }

    Rollout in(Phase next) {
        return new Rollout(name, key, conduct, next, elapsed, wall, wave, orderAt, waves);
    }

    Rollout with(List<WaveState> changed, int open) {
        return new Rollout(name, key, conduct, phase, elapsed, wall, open, orderAt, changed);
    }

    Rollout orderingNextAt(long micros) {
        return new Rollout(name, key, conduct, phase, elapsed, wall, wave, micros, waves);
    }
}

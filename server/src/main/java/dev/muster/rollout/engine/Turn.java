package dev.muster.rollout.engine;

import dev.muster.rollout.engine.Decided.Move;
import dev.muster.rollout.engine.Decision.Kind;
import dev.muster.rollout.engine.Phase.Pause;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One decision under way: the rollout as it is by now, and all that came out so far. */
final class Turn {
    private Rollout rollout;
    private final Moment now;
    private final List<Target> joined = new ArrayList<>();
    private final Map<Integer, Target> changed = new LinkedHashMap<>();
    private final List<Order> orders = new ArrayList<>();
    private final List<Decision> decisions = new ArrayList<>();
    private final List<Move> moves = new ArrayList<>();
    private final Map<String, Place> places = new LinkedHashMap<>();

    Turn(Rollout before, Instant wall) {
        this.now = before.moment(wall);
        this.rollout = before.at(now);
    }

    Moment now() {
        return now;
    }

    /** As it is by now. */
    Rollout rollout() {
        return rollout;
    }

    void become(Rollout next) {
        rollout = next;
    }

    /** A target as it is by now. */
    Target newest(Target given) {
        return changed.getOrDefault(given.ord(), given);
    }

    void put(Target before, Target after) {
        if (before.equals(after)) {
            return;
        }
        changed.put(after.ord(), after);
        if (before.stage() != after.stage()) {
            WaveState wave = rollout.waves().get(after.wave());
            replace(after.wave(), wave.moved(after.stratum(), before.stage(), after.stage(), 1));
        }
    }

    void replace(int index, WaveState wave) {
        List<WaveState> waves = new ArrayList<>(rollout.waves());
        waves.set(index, wave);
        rollout = rollout.with(waves, rollout.wave());
    }

    void join(Target target) {
        joined.add(target);
    }

    /** A stratum gets no order any more. Failures of it that a person has accepted are no licence for the others. */
    void halt(int stratum, Stratum.State state, String why) {
        become(rollout.with(stratum, rollout.strata().get(stratum).halted(state, why)));
        for (int i = 0; i < rollout.waves().size(); i++) {
            WaveState wave = rollout.waves().get(i);
            int left = rollout.judged(i).counts().of(Stage.FAILURES);
            replace(i, wave.accepted(Math.min(wave.acceptedFailures(), left), wave.acceptedInconclusive()));
        }
    }

    void order(Order order) {
        orders.add(order);
    }

    void decide(Decision decision) {
        decisions.add(decision);
    }

    /** A place as it is by now. */
    Place newest(Place given) {
        return places.getOrDefault(given.name(), given);
    }

    void put(Place place) {
        places.put(place.name(), place);
    }

    void move(Move move) {
        moves.add(move);
    }

    void pause(Pause why, int wave, String text) {
        decide(Decision.of(now, Kind.PAUSE, wave, why.wire(), text));
        become(rollout.in(new Phase.Paused(why, text)));
    }

    void opened() {
        decide(Decision.of(
                now, Kind.OPEN_WAVE, rollout.wave(), "opened", rollout.current().size() + " targets"));
    }

    Decided decided() {
        return new Decided(
                rollout,
                List.copyOf(joined),
                List.copyOf(changed.values()),
                List.copyOf(orders),
                List.copyOf(decisions),
                List.copyOf(moves),
                List.copyOf(places.values()));
    }
}

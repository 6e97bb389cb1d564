package dev.muster.rollout.engine;

import dev.muster.actuator.EvidenceLevel;
import dev.muster.actuator.Observation;
import dev.muster.rollout.engine.Decision.Kind;
import dev.muster.rollout.engine.Item.Candidate;
import dev.muster.rollout.engine.Item.Observed;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What becomes of targets: those that have an order are observed, those that may have one are offered, assets join. */
final class TargetSteps {
    /** How long a target waits before it asks again, at the longest; windows may be changed meanwhile. */
    private static final Duration WAIT = Duration.ofMinutes(15);

    private static final Duration WAIT_FOR_OTHERS = Duration.ofSeconds(30);

    private final Turn turn;
    private final Rules rules;
    private final TargetMachine machine;

    TargetSteps(Turn turn, Rules rules) {
        this.turn = turn;
        this.rules = rules;
        this.machine = new TargetMachine(turn.rollout().conduct(), rules, turn.now());
    }

    void observe(Item item) {
        if (item instanceof Observed(Target given, var observation, boolean hidden)) {
            Target target = turn.newest(given);
            String attempt = turn.rollout().attempt(target);
            Target next = machine.step(target, attempt, observation);
            if (target.stage().inFlight() && next.stage().terminal() && next.stage() != Stage.SUCCEEDED) {
                if (hidden && observation.alive() && target.stage() == Stage.ORDERED && goesOn()) {
                    next = untilItsWindow(target, attempt);
                } else {
                    next = isToRetry(target, next, observation)
                            ? onceMoreLater(target, next, attempt)
                            : notArrived(next, attempt, observation);
                }
            }
            turn.put(target, next);
        }
    }

    private boolean goesOn() {
        return turn.rollout().phase() instanceof Phase.Running || turn.rollout().phase() instanceof Phase.Paused;
    }

    /** It asks, and was not told, since its window has closed meanwhile: that it did not answer says nothing of it. */
    private Target untilItsWindow(Target target, String attempt) {
        turn.order(new Order.Cancel(target, attempt));
        return target.boot(null)
                .at(Stage.WAITING, Reason.WINDOW, "its window closed before it had read its order", turn.now())
                .due(turn.now().elapsed());
    }

    private boolean isToRetry(Target before, Target after, Observation seen) {
        return goesOn() && !turn.rollout().isHalted(before) && rules.mayRetry(turn.rollout(), before, after, seen);
    }

    /** Its order is taken back; until its next one it is no failure, and no sample. */
    private Target onceMoreLater(Target before, Target failed, String attempt) {
        turn.order(new Order.Cancel(before, attempt));
        int wave = before.wave();
        turn.replace(wave, turn.rollout().waves().get(wave).retried());
        Duration backoff = rules.backoff(turn.rollout(), before);
        String why = (failed.reason() == null ? "" : failed.reason().wire())
                + (failed.detail() == null ? "" : ", " + failed.detail());
        return before.retried()
                .boot(null)
                .at(
                        Stage.WAITING,
                        Reason.BACKOFF,
                        "retry " + (before.retries() + 1) + " of "
                                + turn.rollout().conduct().retries().limit() + " after " + backoff + ": " + why,
                        turn.now())
                .due(turn.now().elapsed() + backoff.toMillis());
    }

    /** One that has failed returns to what it ran, and is watched until it does; of others the order is taken back. */
    private Target notArrived(Target target, String attempt, Observation seen) {
        String version = target.stage() == Stage.FAILED ? rules.returnTo(turn.rollout(), target) : null;
        boolean lost = rules.isLost(target, seen);
        if (version == null) {
            turn.order(new Order.Cancel(target, attempt));
            return lost ? target.at(Stage.BRICKED, target.reason(), target.detail(), turn.now()) : target;
        }
        Target sent = target.ordered(target.attempt() + 1, target.previous())
                .boot(bootToLeave(seen.version(), seen.boot(), version))
                .at(lost ? Stage.RECOVERING : Stage.RETURNING, target.reason(), target.detail(), turn.now())
                .due(turn.now().elapsed() + turn.rollout().conduct().timeout().toMillis());
        turn.order(new Order.GoBack(sent, turn.rollout().attempt(sent), version));
        return sent;
    }

    void offer(Item item) {
        if (item instanceof Candidate(Target offered, Clearance clearance, Place place)) {
            Target target = turn.newest(offered);
            if (turn.rollout().isRecalled(target) && rules.toRecall().contains(target.stage())) {
                sendBack(target, clearance);
                return;
            }
            switch (turn.rollout().phase()) {
                case Phase.Running _ -> admit(target, clearance, place);
                case Phase.Aborting _ -> sweepOut(target);
                case Phase.RollingBack _ -> sweepBack(target, clearance);
                case Phase.Paused _ -> standBack(target);
                case Phase.Draft _, Phase.Ended _ -> {}
            }
        }
    }

    /** What it waited for may have come; nobody is ordered now. */
    private void standBack(Target target) {
        if (target.stage() == Stage.WAITING) {
            turn.put(target, target.at(Stage.PENDING, null, null, turn.now()));
        }
    }

    private void admit(Target target, Clearance clearance, @Nullable Place place) {
        if (!Stage.UNTOUCHED.contains(target.stage()) || target.ord() >= rules.openUntil(turn.rollout())) {
            return;
        }
        if (rules.isHalted(turn.rollout(), target)) {
            leaveOut(
                    target,
                    Reason.HALTED,
                    turn.rollout().strata().get(target.stratum()).why());
            return;
        }
        switch (clearance) {
            case Clearance.Out(Reason reason, String detail) -> leaveOut(target, reason, detail);
            case Clearance.Wait(Reason reason, var until, String detail) -> wait(target, reason, until, detail);
            case Clearance.Clear(var runs, var boot) -> order(target, runs, boot, place);
        }
    }

    private void order(Target target, @Nullable String runs, @Nullable String boot, @Nullable Place place) {
        String previous = target.touched() ? target.previous() : runs;
        if (!target.touched() && turn.rollout().conduct().version().equals(runs)) {
            leaveOut(target, Reason.ALREADY_THERE, "runs " + runs);
        } else if (previous == null && !turn.rollout().conduct().allowNoRollbackTarget()) {
            leaveOut(target, Reason.NO_ROLLBACK_TARGET, "has not reported which version it runs");
        } else if (boot == null && needsBoot()) {
            leaveOut(target, Reason.EVIDENCE, "does not say when it restarts (bootId), and the rollout asks for that");
        } else if (place != null && isCrowded(place)) {
            wait(target, Reason.CROWDED, null, place.name() + " has as many under way as it bears");
        } else if (rules.freeSlots(turn.rollout()) > 0 && rules.ratedSlots(turn.rollout()) > 0) {
            Target ordered = target.ordered(target.attempt() + 1, previous)
                    .boot(turn.rollout().conduct().assetRestart() ? boot : null)
                    .placed(occupied(place))
                    .at(Stage.ORDERED, null, null, turn.now())
                    .due(turn.now().elapsed()
                            + turn.rollout().conduct().timeout().toMillis());
            turn.put(target, ordered);
            turn.order(new Order.Apply(ordered, turn.rollout().attempt(ordered)));
            turn.become(turn.rollout().orderingNextAt(rules.nextOrderAt(turn.rollout())));
        } else if (target.stage() == Stage.WAITING) {
            turn.put(target, target.at(Stage.PENDING, null, null, turn.now()));
        }
    }

    private boolean isCrowded(Place place) {
        PlaceLimit limit = turn.rollout().conduct().perPlace();
        return limit != null && rules.freeSlots(limit, turn.newest(place), turn.rollout()) <= 0;
    }

    /** An order goes there. */
    private @Nullable String occupied(@Nullable Place place) {
        PlaceLimit limit = turn.rollout().conduct().perPlace();
        if (limit == null || place == null) {
            return null;
        }
        turn.put(rules.after(limit, turn.newest(place), turn.rollout()));
        return place.name();
    }

    private boolean needsBoot() {
        return turn.rollout().conduct().assetRestart()
                && turn.rollout().conduct().evidence().covers(EvidenceLevel.CONFIRMED);
    }

    private void wait(Target target, Reason reason, @Nullable Instant until, String detail) {
        boolean still = target.stage() == Stage.WAITING && target.reason() == reason;
        Duration patience = rules.patience(reason, turn.rollout().conduct());
        if (still && patience != null && turn.now().elapsed() >= target.began() + patience.toMillis()) {
            leaveOut(target, reason, detail);
            return;
        }
        Duration most = switch (reason) {
            case WINDOW -> WAIT;
            case CROWDED, YIELDING -> still ? growing(target) : WAIT_FOR_OTHERS;
            default -> WAIT_FOR_OTHERS;
        };
        Duration left = until == null ? most : Duration.between(turn.now().wall(), until);
        long pause = Math.clamp(left.toMillis(), 1_000, most.toMillis());
        Target waiting = still ? target.detailed(detail) : target.at(Stage.WAITING, reason, detail, turn.now());
        turn.put(target, waiting.due(turn.now().elapsed() + pause));
    }

    /** As long as it has waited already: of many that wait for one place, or for one rollout, few ask at a time. */
    private Duration growing(Target target) {
        long waited = turn.now().elapsed() - target.began();
        return Duration.ofMillis(Math.clamp(waited, WAIT_FOR_OTHERS.toMillis(), WAIT.toMillis()));
    }

    /** Never ordered: excluded. Ordered before, and this is another try: what it runs is not known. */
    private void leaveOut(Target target, Reason reason, String detail) {
        turn.put(
                target, target.at(target.touched() ? Stage.INDETERMINATE : Stage.EXCLUDED, reason, detail, turn.now()));
    }

    private void sweepOut(Target target) {
        if (target.stage() == Stage.ORDERED) {
            turn.order(new Order.Cancel(target, turn.rollout().attempt(target)));
            turn.put(
                    target,
                    target.at(Stage.INDETERMINATE, Reason.WITHDRAWN, "was not heard of since its order", turn.now()));
        } else if (Stage.UNTOUCHED.contains(target.stage())) {
            Reason why = turn.rollout().overtime() ? Reason.DEADLINE : Reason.NOT_STARTED;
            leaveOut(target, why, turn.rollout().phase().why());
        }
    }

    private void sweepBack(Target target, Clearance clearance) {
        if (target.ord() < turn.rollout().keeps()) {
            sweepOut(target);
        } else if (target.touched()) {
            if (rules.toSendBack().contains(target.stage())) {
                sendBack(target, clearance);
            }
        } else if (Stage.UNTOUCHED.contains(target.stage())) {
            leaveOut(target, Reason.NOT_STARTED, turn.rollout().phase().why());
        }
    }

    private void sendBack(Target target, Clearance clearance) {
        String version = rules.returnTo(turn.rollout(), target);
        if (Stage.RETURNS.contains(target.stage())) {
            Target onward = target.onward(Stage.ROLLING_BACK, target.detail(), turn.now());
            turn.put(target, onward); // has its order already
        } else if (clearance instanceof Clearance.Out(Reason reason, String detail)) {
            turn.put(target, target.at(Stage.ROLLBACK_FAILED, reason, detail, turn.now()));
        } else if (version == null) {
            turn.put(
                    target,
                    target.at(
                            Stage.ROLLBACK_FAILED,
                            Reason.NO_ROLLBACK_TARGET,
                            "what it ran before is not known",
                            turn.now()));
        } else {
            Target sent = target.ordered(target.attempt() + 1, target.previous())
                    .boot(
                            clearance instanceof Clearance.Clear(var runs, var boot)
                                    ? bootToLeave(runs, boot, version)
                                    : null)
                    .at(Stage.ROLLING_BACK, null, null, turn.now())
                    .due(turn.now().elapsed()
                            + turn.rollout().conduct().timeout().toMillis());
            turn.put(target, sent);
            turn.order(new Order.GoBack(sent, turn.rollout().attempt(sent), version));
        }
    }

    /** One that runs its previous version still, or again, need not restart to get there. */
    private @Nullable String bootToLeave(@Nullable String runs, @Nullable String boot, String version) {
        return turn.rollout().conduct().assetRestart() && !version.equals(runs) ? boot : null;
    }

    void join(List<Joining> joining) {
        boolean open = turn.rollout().phase() instanceof Phase.Running
                || turn.rollout().phase() instanceof Phase.Paused;
        if (joining.isEmpty() || !open || !turn.rollout().conduct().joins()) {
            return;
        }
        int wave = rules.waveOfJoined(turn.rollout());
        int ord = turn.rollout().counts().total();
        for (Joining each : joining) {
            int stratum = stratumOf(each);
            turn.join(Target.pending(
                    ord++, each.asset(), wave, stratum, turn.now().wall()));
            WaveState before = turn.rollout().waves().get(wave);
            turn.replace(wave, before.joined(stratum));
        }
        turn.decide(new Decision(
                turn.now().wall(),
                Kind.JOIN,
                wave,
                "joined",
                joining.size() + (joining.size() == 1 ? " asset has" : " assets have")
                        + " joined the selection since the start: last in the last wave",
                Map.of("targets", joining.size()),
                Map.of()));
    }

    /** One that nobody had so far is a new one, as long as there is room; then they belong to the first. */
    private int stratumOf(Joining joining) {
        List<Stratum> known = turn.rollout().strata();
        for (int i = 0; i < known.size(); i++) {
            if (known.get(i).values().equals(joining.stratum())) {
                return i;
            }
        }
        if (known.isEmpty() || known.size() == Stratum.MAX) {
            return 0;
        }
        List<Stratum> more = new ArrayList<>(known);
        more.add(Stratum.going(joining.stratum()));
        turn.become(turn.rollout().with(more));
        for (int i = 0; i < turn.rollout().waves().size(); i++) {
            turn.replace(i, turn.rollout().waves().get(i).widened(more.size()));
        }
        return known.size();
    }
}

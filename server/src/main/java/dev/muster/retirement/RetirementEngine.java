package dev.muster.retirement;

import dev.muster.command.Orders;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Decides what comes next for a retirement, from what is known and the time. Never takes a wipe for done without the asset's word. */
final class RetirementEngine {
    /**
     * For so long an asset that says that it is wiped has to stay without a session. It erases its key when it has the
     * acknowledgement, and comes back within moments when that was lost.
     */
    static final Duration GONE_FOR = Duration.ofSeconds(5);

    private RetirementEngine() {}

    /**
     * What is known when it is decided.
     *
     * @param wipe how far the command is; null when it is not known any more
     * @param asset null when it was deleted
     */
    record Facts(
            Instant now,
            Orders.@Nullable Outcome wipe,
            @Nullable Subject asset) {}

    /**
     * The asset as it is.
     *
     * @param connected whether it has a session
     * @param since when that last changed
     * @param leaveWithin after this long with a session it has not done what it says
     * @param desired whether something is still desired of it
     */
    record Subject(
            boolean retired,
            boolean connected,
            Instant since,
            Duration leaveWithin,
            int validCertificates,
            boolean desired) {}

    sealed interface Step {
        record Wait() implements Step {}

        record Move(Retirement to) implements Step {}

        /** Revoke, and make it retired. */
        record CutOff() implements Step {}
    }

    static Step next(Retirement is, Facts facts) {
        Subject asset = facts.asset();
        if (asset == null && !is.phase().isEnd()) {
            return new Step.Move(is.wiped(
                    is.wipe() == Wipe.PENDING ? Wipe.UNCONFIRMED : is.wipe(),
                    "the asset was deleted",
                    Phase.TAKEN_BACK,
                    facts.now()));
        }
        return switch (is.phase()) {
            case WIPING -> wiping(is, facts);
            case LEAVING -> asset == null ? new Step.Wait() : leaving(is, facts, asset);
            case CUTTING_OFF -> new Step.CutOff();
            case SETTLING -> asset == null ? new Step.Wait() : settling(is, facts, asset);
            case RETIRED, KEPT, TAKEN_BACK -> new Step.Wait();
        };
    }

    private static Step wiping(Retirement is, Facts facts) {
        Orders.Outcome wipe = facts.wipe();
        if (wipe == null) {
            return unconfirmed(is, "its command is not known any more", facts.now());
        }
        String said = wipe.said() == null ? "" : ": " + wipe.said();
        return switch (wipe.status()) {
            case QUEUED, PENDING, ACCEPTED, RUNNING -> new Step.Wait();
            case SUCCEEDED -> new Step.Move(is.in(Phase.LEAVING, facts.now()));
            case FAILED -> unconfirmed(is, "the asset could not do it" + said, facts.now());
            case REJECTED -> unconfirmed(is, "the asset will not do it" + said, facts.now());
            case EXPIRED -> unconfirmed(is, "the asset had not taken it by " + is.deadline(), facts.now());
            case INDETERMINATE ->
                unconfirmed(
                        is, "the asset took it, and did not say by " + is.deadline() + " how it ended", facts.now());
            case CANCELLED -> unconfirmed(is, "it was taken back" + said, facts.now());
        };
    }

    private static Step leaving(Retirement is, Facts facts, Subject asset) {
        Orders.Outcome wipe = facts.wipe();
        Instant said = wipe == null || wipe.settledAt() == null ? is.since() : wipe.settledAt();
        // What is known of the session may be older than the asset's word.
        boolean left = !asset.connected() && !asset.since().isBefore(said);
        if (left && !asset.since().plus(GONE_FOR).isAfter(facts.now())) {
            return new Step.Move(is.wiped(Wipe.CONFIRMED, null, Phase.CUTTING_OFF, facts.now()));
        }
        if (!left && !is.since().plus(asset.leaveWithin()).isAfter(facts.now())) {
            return unconfirmed(
                    is,
                    "the asset said that it was wiped, and was still connected "
                            + asset.leaveWithin().toSeconds() + " s later",
                    facts.now());
        }
        return new Step.Wait();
    }

    private static Step unconfirmed(Retirement is, String why, Instant now) {
        Phase next = switch (is.ifUnconfirmed()) {
            case RETIRE -> Phase.CUTTING_OFF;
            case KEEP -> Phase.KEPT;
        };
        return new Step.Move(is.wiped(Wipe.UNCONFIRMED, why, next, now));
    }

    private static Step settling(Retirement is, Facts facts, Subject asset) {
        if (!asset.retired() || asset.validCertificates() > 0) {
            return new Step.CutOff();
        }
        if (asset.connected() || asset.desired()) {
            return new Step.Wait();
        }
        return new Step.Move(is.in(Phase.RETIRED, facts.now()));
    }
}

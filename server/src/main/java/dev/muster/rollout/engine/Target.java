package dev.muster.rollout.engine;

import dev.muster.protocol.AssetId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One asset in a rollout.
 *
 * @param ord its place in the rollout's order
 * @param stratum its number among those by which failures are told apart; 0 where they are not
 * @param reason why it stands where it stands, null when that needs no reason
 * @param detail the asset's own words, or what else helps
 * @param attempt how many orders it was given; none: untouched
 * @param retries how often it was ordered once more by itself, because it did not come to run the new version
 * @param place where it was ordered, if places are limited
 * @param previous the version that it ran before its first order, to which it goes back; null when none is known
 * @param boot the run of the asset in which the soak began, before that the one in which the order was given and that must end; null
 *     when no restart is needed
 * @param since when it got to the stage
 * @param began when the stage's clock began, in milliseconds of the rollout's own time
 * @param due when it is looked at whatever happens, in the same time; {@link #NEVER} when it need not be
 */
public record Target(
        int ord,
        AssetId asset,
        int wave,
        int stratum,
        Stage stage,
        @Nullable Reason reason,
        @Nullable String detail,
        int attempt,
        int retries,
        @Nullable String place,
        @Nullable String previous,
        @Nullable String boot,
        Instant since,
        long began,
        long due) {
    public static final long NEVER = Long.MAX_VALUE;
    public static final int MAX_DETAIL = 300;

    public Target {
        if (detail != null && detail.length() > MAX_DETAIL) {
            detail = detail.substring(0, MAX_DETAIL);
        }
    }

    public static Target pending(int ord, AssetId asset, int wave, int stratum, Instant at) {
        return new Target(ord, asset, wave, stratum, Stage.PENDING, null, null, 0, 0, null, null, null, at, 0, NEVER);
    }

    /** Whether it was ever ordered to change. */
    public boolean touched() {
        return attempt > 0;
    }

    Target at(Stage stage, @Nullable Reason reason, @Nullable String detail, Moment now) {
        return new Target(
                ord,
                asset,
                wave,
                stratum,
                stage,
                reason,
                detail,
                attempt,
                retries,
                place,
                previous,
                boot,
                now.wall(),
                now.elapsed(),
                NEVER);
    }

    /** A step onward within the same order: its clock and its deadline stay. */
    Target onward(Stage stage, @Nullable String detail, Moment now) {
        return new Target(
                ord,
                asset,
                wave,
                stratum,
                stage,
                null,
                detail,
                attempt,
                retries,
                place,
                previous,
                boot,
                now.wall(),
                began,
                due);
    }

    Target due(long due) {
        return new Target(
                ord, asset, wave, stratum, stage, reason, detail, attempt, retries, place, previous, boot, since, began,
                due);
    }

    Target began(long began) {
        return new Target(
                ord, asset, wave, stratum, stage, reason, detail, attempt, retries, place, previous, boot, since, began,
                due);
    }

    Target boot(@Nullable String boot) {
        return new Target(
                ord, asset, wave, stratum, stage, reason, detail, attempt, retries, place, previous, boot, since, began,
                due);
    }

    Target ordered(int attempt, @Nullable String previous) {
        return new Target(
                ord, asset, wave, stratum, stage, reason, detail, attempt, retries, place, previous, boot, since, began,
                due);
    }

    Target retried() {
        return new Target(
                ord,
                asset,
                wave,
                stratum,
                stage,
                reason,
                detail,
                attempt,
                retries + 1,
                place,
                previous,
                boot,
                since,
                began,
                due);
    }

    /** A person wants it once more: it has its retries again. */
    Target unretried() {
        return new Target(
                ord, asset, wave, stratum, stage, reason, detail, attempt, 0, place, previous, boot, since, began, due);
    }

    Target placed(@Nullable String where) {
        return new Target(
                ord, asset, wave, stratum, stage, reason, detail, attempt, retries, where, previous, boot, since, began,
                due);
    }

    Target detailed(String more) {
        return new Target(
                ord, asset, wave, stratum, stage, reason, more, attempt, retries, place, previous, boot, since, began,
                due);
    }
}

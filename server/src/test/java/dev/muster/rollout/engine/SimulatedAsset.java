package dev.muster.rollout.engine;

import dev.muster.actuator.Observation.Progress;
import dev.muster.protocol.AssetId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An asset of the simulated world: what it really runs, and what it says. */
final class SimulatedAsset {
    /** What is the matter with it. */
    enum Temper {
        HONEST,
        SLOW,
        OFFLINE,
        COMES_AND_GOES,
        /** Never comes back from its restart. */
        BRICKS,
        FAILS_TO_INSTALL,
        /** Says that it succeeded, and has booted the old image. */
        BOOTS_THE_OLD_IMAGE,
        /** Says that it succeeded and shows the new version before it has restarted; then runs the old one. */
        CLAIMS_BEFORE_RESTART,
        GOES_BACK_BY_ITSELF,
        RESTARTS_AND_RESTARTS,
        UNHEALTHY,
        /** Dies in the soak. */
        DIES_LATER,
        /** Does not manage to go back. */
        CANNOT_GO_BACK
    }

    /** What it was told. */
    record Desired(String attempt, String version) {}

    /** What it says of itself. */
    record Report(
            AssetId asset,
            @Nullable String attempt,
            Progress progress,
            @Nullable String reason,
            @Nullable String version,
            String boot,
            @Nullable Boolean healthy) {}

    /** That it began to run a version. */
    record Run(long at, @Nullable String version, String boot) {}

    final AssetId id;
    final Temper temper;
    final @Nullable String first;
    final boolean compatible;
    /** One of those by which failures are told apart. */
    final String kind;

    final List<Run> runs = new ArrayList<>();
    final Set<String> told = new HashSet<>();
    private final String wanted;
    private final Random random;

    @Nullable String version;

    private int boots = 1;
    private @Nullable Desired known;
    private Progress progress = Progress.NONE;
    private @Nullable String reason;
    private boolean online = true;
    boolean dead;

    SimulatedAsset(
            AssetId id,
            Temper temper,
            @Nullable String first,
            boolean compatible,
            String kind,
            String wanted,
            Random random) {
        this.id = id;
        this.temper = temper;
        this.first = first;
        this.version = first;
        this.compatible = compatible;
        this.kind = kind;
        this.wanted = wanted;
        this.random = random;
        this.online = temper != Temper.OFFLINE;
        runs.add(new Run(0, first, boot()));
    }

    String boot() {
        return "b" + boots;
    }

    /** Lives on for a moment. @return whether it can be heard */
    boolean live(long now, @Nullable Desired desired) {
        if (dead) {
            return false;
        }
        if (temper == Temper.COMES_AND_GOES && random.nextInt(6) == 0) {
            online = !online;
        }
        if (!online) {
            return false;
        }
        if (temper == Temper.SLOW && random.nextInt(4) != 0) {
            return true;
        }
        follow(desired);
        if (known != null) {
            advance(now, known);
        }
        return !dead;
    }

    private void follow(@Nullable Desired desired) {
        boolean begun = progress != Progress.NONE && progress != Progress.NOTIFIED && progress != Progress.DOWNLOADING;
        if (desired == null) {
            if (known != null && !begun) {
                known = null;
                progress = Progress.NONE;
            }
        } else if (known == null || !known.attempt().equals(desired.attempt())) {
            known = desired;
            told.add(desired.attempt());
            progress = Progress.NOTIFIED;
            reason = null;
        }
    }

    private void advance(long now, Desired order) {
        boolean forward = order.version().equals(wanted);
        switch (progress) {
            case NOTIFIED -> progress = order.version().equals(version) ? Progress.SUCCEEDED : Progress.DOWNLOADING;
            case DOWNLOADING -> {
                if (temper == Temper.FAILS_TO_INSTALL && forward || temper == Temper.CANNOT_GO_BACK && !forward) {
                    progress = Progress.FAILED;
                    reason = "no room on the disk";
                } else if (random.nextInt(3) == 0) {
                    progress = Progress.INSTALLED;
                }
            }
            case INSTALLED ->
                progress = temper == Temper.CLAIMS_BEFORE_RESTART && forward ? Progress.SUCCEEDED : Progress.REBOOTING;
            case REBOOTING -> restarted(now, order, forward);
            case VERIFYING -> {
                if (temper == Temper.GOES_BACK_BY_ITSELF && forward) {
                    boot(now, first);
                    progress = Progress.WENT_BACK;
                    reason = "exited with 3";
                } else if (random.nextInt(3) == 0) {
                    progress = Progress.SUCCEEDED;
                }
                afterwards(now, forward);
            }
            case SUCCEEDED -> {
                if (temper == Temper.CLAIMS_BEFORE_RESTART && forward && version != null && !version.equals(wanted)) {
                    boot(now, first);
                } else {
                    afterwards(now, forward);
                }
            }
            case NONE, FAILED, WENT_BACK -> {}
        }
    }

    private void restarted(long now, Desired order, boolean forward) {
        if (temper == Temper.BRICKS && forward) {
            dead = true;
        } else if (temper == Temper.BOOTS_THE_OLD_IMAGE && forward) {
            boot(now, version);
            progress = Progress.SUCCEEDED;
        } else {
            boot(now, order.version());
            progress = Progress.VERIFYING;
        }
    }

    private void afterwards(long now, boolean forward) {
        if (forward && temper == Temper.RESTARTS_AND_RESTARTS && random.nextInt(3) == 0) {
            boot(now, version);
        } else if (forward && temper == Temper.DIES_LATER && random.nextInt(3) == 0) {
            dead = true;
        }
    }

    private void boot(long now, @Nullable String runs) {
        boots++;
        version = runs;
        this.runs.add(new Run(now, runs, boot()));
    }

    Report report() {
        boolean lies = temper == Temper.CLAIMS_BEFORE_RESTART
                && known != null
                && known.version().equals(wanted)
                && (progress == Progress.INSTALLED || progress == Progress.SUCCEEDED)
                && boots == 1;
        Boolean healthy = temper == Temper.UNHEALTHY && wanted.equals(version) ? Boolean.FALSE : null;
        return new Report(
                id, known == null ? null : known.attempt(), progress, reason, lies ? wanted : version, boot(), healthy);
    }

    /** Whether it really came to run a version after a moment, by a restart or because it did so all along. */
    boolean ranAfter(String version, long since) {
        Run last = null;
        for (Run run : runs) {
            if (run.at() >= since && version.equals(run.version())) {
                return true;
            }
            if (run.at() < since) {
                last = run;
            }
        }
        return last != null && version.equals(last.version());
    }
}

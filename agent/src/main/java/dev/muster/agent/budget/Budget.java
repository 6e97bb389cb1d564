package dev.muster.agent.budget;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * What the agent may use, and what it does beyond it: sheds work, and lets the machine cool down. Pure: it is given what was
 * measured. It takes a few measurements in a row to change its mind. Used by one thread.
 */
public final class Budget {
    /** In a row beyond the budget before work is shed. */
    static final int TOO_MUCH = 3;
    /** In a row well within it before all work is done again. */
    static final int WELL = 10;

    private static final double WELL_WITHIN = 0.9;
    private static final double COOLER = 5;

    private Limits limits;
    private boolean shedding;
    private boolean hot;
    private int inARow;

    /**
     * @param memoryBytes resident
     * @param cpuShare of one processor
     * @param pauseAboveKelvin of the processor's temperature; infinite for never
     */
    public record Limits(long memoryBytes, double cpuShare, double pauseAboveKelvin) {}

    /** What was measured since the last time. */
    public record Usage(long memoryBytes, double cpuShare, OptionalDouble kelvin) {}

    public enum Change {
        SHED,
        RESTORED,
        PAUSED_BY_HEAT,
        RESUMED_BY_COOLNESS
    }

    public Budget(Limits limits) {
        this.limits = limits;
    }

    public void limits(Limits newLimits) {
        limits = newLimits;
    }

    public List<Change> measured(Usage usage) {
        List<Change> changes = new ArrayList<>();
        if (changesMind(usage)) {
            shedding = !shedding;
            inARow = 0;
            changes.add(shedding ? Change.SHED : Change.RESTORED);
        }
        usage.kelvin().ifPresent(kelvin -> {
            boolean nowHot = kelvin > limits.pauseAboveKelvin() - (hot ? COOLER : 0);
            if (nowHot != hot) {
                hot = nowHot;
                changes.add(hot ? Change.PAUSED_BY_HEAT : Change.RESUMED_BY_COOLNESS);
            }
        });
        return changes;
    }

    private boolean changesMind(Usage usage) {
        boolean speaksForChange = shedding ? within(usage, WELL_WITHIN) : !within(usage, 1);
        inARow = speaksForChange ? inARow + 1 : 0;
        return inARow >= (shedding ? WELL : TOO_MUCH);
    }

    private boolean within(Usage usage, double part) {
        return usage.memoryBytes() <= limits.memoryBytes() * part && usage.cpuShare() <= limits.cpuShare() * part;
    }

    /** Whether the agent does less than it is told: it measures a quarter as often and reads a quarter of the logs. */
    public boolean shedding() {
        return shedding;
    }

    /** Whether it is cool enough for what can wait. An agent that uses too much may need just the update that mends it. */
    public boolean allowsHeavyWork() {
        return !hot;
    }
}

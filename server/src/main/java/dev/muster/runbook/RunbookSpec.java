package dev.muster.runbook;

import dev.muster.slo.SliScope;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * What people declare of a runbook.
 *
 * @param toil what a person needs for the same, as far as anybody knows: saved each time that it succeeds by itself
 * @param alerts matchers of the alerts that start it: all labels of one of them must match
 * @param every how often its schedule starts it, null without one
 * @param targets selector of whom it acts on; null for the assets that its alert is about
 * @param cases what its author claims, to be held against assets that exist only there
 */
record RunbookSpec(
        String description,
        Duration toil,
        List<Map<String, String>> alerts,
        @Nullable Duration every,
        SortedMap<String, Parameter> parameters,
        @Nullable String targets,
        Guards guards,
        Duration timeout,
        List<Step> steps,
        List<Step> onFailure,
        List<Case> cases) {

    enum Type {
        TEXT,
        NUMBER,
        FLAG;

        boolean accepts(String value) {
            return switch (this) {
                case TEXT -> value.length() <= 1_000;
                case NUMBER -> value.matches("-?\\d{1,15}(\\.\\d{1,9})?");
                case FLAG -> value.equals("true") || value.equals("false");
            };
        }
    }

    /** @param fallback null when it has to be given */
    record Parameter(Type type, @Nullable String fallback, String description) {
        boolean fits(String value) {
            return type.accepts(value);
        }
    }

    boolean isStartedBy(Map<String, String> labels) {
        return alerts.stream()
                .anyMatch(matchers -> matchers.entrySet().stream().allMatch(each -> {
                    String value = labels.getOrDefault(each.getKey(), "");
                    return each.getValue().equals("*") ? !value.isEmpty() : value.equals(each.getValue());
                }));
    }

    /**
     * When it may run, and how much it may touch.
     *
     * @param maxAssets targets of one run
     * @param maxShare of the fleet, 0 to 1
     * @param maxRuns within {@code per}, of whatever subject
     * @param coolDown between the end of a run and the next one about the same
     * @param window null for any time
     * @param keepOnline it stops when less than this share of its targets is online; 0 never
     * @param worse it stops when an indicator gets worse than it was at its start; null without
     * @param secondPersonAbove more targets than these need somebody who did not start it
     */
    record Guards(
            int maxAssets,
            double maxShare,
            int maxRuns,
            Duration per,
            Duration coolDown,
            @Nullable Window window,
            double keepOnline,
            @Nullable Worse worse,
            int secondPersonAbove) {

        /**
         * Why it may not run now.
         *
         * @param fleet assets of the whole fleet
         * @param recent starts within {@code per}
         * @param lastEnd of the last run about the same
         * @param running a run about the same that has not ended
         */
        Optional<String> problem(
                int targets, long fleet, int recent, @Nullable Instant lastEnd, @Nullable String running, Instant now) {
            if (running != null) {
                return Optional.of("run " + running + " about the same is under way");
            }
            if (targets > maxAssets) {
                return Optional.of("it would touch " + targets + " assets, and maxAssets is " + maxAssets);
            }
            if (fleet > 0 && targets > 1 && (double) targets / fleet > maxShare) {
                return Optional.of("it would touch " + targets + " of " + fleet + " assets, and maxShare is "
                        + Math.round(maxShare * 100) + "%");
            }
            if (recent >= maxRuns) {
                return Optional.of("it was started " + recent + " times within " + per.toMinutes()
                        + " min, and maxRuns is " + maxRuns);
            }
            if (lastEnd != null && lastEnd.plus(coolDown).isAfter(now)) {
                return Optional.of("a run about the same ended at " + lastEnd + ", and coolDown is "
                        + coolDown.toMinutes() + " min");
            }
            if (window != null && !window.isOpen(now)) {
                return Optional.of("its window is closed until " + window.opens(now));
            }
            return Optional.empty();
        }

        boolean needsSecondPerson(int targets) {
            return targets > secondPersonAbove;
        }
    }

    /**
     * How much worse an indicator may get while a run is under way.
     *
     * @param window before the start, and the longest after it
     * @param margin how far it may fall, 0 to 1
     * @param minSamples with fewer counted, before or since, it is not judged
     */
    record Worse(String sli, SliScope scope, Duration window, double margin, int minSamples) {}

    record Window(dev.muster.window.MaintenanceWindow hours, ZoneId zone) {
        boolean isOpen(Instant now) {
            return hours.isOpen(now, zone);
        }

        Instant opens(Instant now) {
            return hours.opens(now, zone);
        }
    }

    /**
     * A claim about the runbook.
     *
     * @param labels of the alert that starts it; empty for a start by hand
     * @param assets as documents of kind Asset have them, with a few fields of their state
     * @param reactions what the world does when something is done to it
     * @param outcome how the run ends
     * @param did what it must have done, in this order; null when nothing is claimed
     * @param holds a selector that every asset fulfils at the end; null when nothing is claimed
     */
    record Case(
            String name,
            SortedMap<String, String> labels,
            SortedMap<String, String> parameters,
            List<FakeAsset> assets,
            List<Reaction> reactions,
            String outcome,
            @Nullable List<String> did,
            @Nullable String holds) {}

    /** @param state {@code presence}, {@code lifecycle}, {@code certificateIn}, {@code drift}, metrics by {@code metric.NAME}, labels by {@code label.NAME}, versions by {@code software.NAME} */
    record FakeAsset(
            String id, String type, String region, String site, String hardware, SortedMap<String, String> state) {}

    /**
     * @param on what is done, as in {@link Case#did}: {@code command reboot}, {@code rollout rollback bad}, {@code approve}, {@code http}, {@code reenrol}
     * @param after how long it takes
     * @param fails it does not succeed
     * @param killed the server is killed while it is done
     * @param set new state of the assets to which it was done
     * @param alertOver the alert ends
     */
    record Reaction(
            String on,
            Duration after,
            boolean fails,
            boolean killed,
            SortedMap<String, String> set,
            boolean alertOver) {}
}

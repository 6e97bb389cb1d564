package dev.muster.rollout;

import dev.muster.rollout.RolloutView.LeftOutView;
import dev.muster.rollout.RolloutView.PlanView;
import dev.muster.rollout.RolloutView.PlannedApprovals;
import dev.muster.rollout.RolloutView.PlannedArtifact;
import dev.muster.rollout.RolloutView.PlannedCanary;
import dev.muster.rollout.RolloutView.PlannedDownloads;
import dev.muster.rollout.RolloutView.PlannedStratum;
import dev.muster.rollout.RolloutView.PlannedTime;
import dev.muster.rollout.RolloutView.PlannedWave;
import dev.muster.rollout.engine.Reason;
import dev.muster.rollout.engine.WaveState;
import dev.muster.rollout.plan.Forecast;
import dev.muster.rollout.plan.Proof;
import dev.muster.rollout.spec.Attribute;
import dev.muster.rollout.spec.RolloutSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** How the API shows what a rollout would do. */
final class PlanText {
    private final String name;
    private final RolloutSpec spec;
    private final Plan plan;
    private final int examples;
    private final Approvals.@Nullable Given given;

    private PlanText(String name, RolloutSpec spec, Plan plan, int examples, Approvals.@Nullable Given given) {
        this.given = given;
        this.name = name;
        this.spec = spec;
        this.plan = plan;
        this.examples = examples;
    }

    /**
     * @param examples assets shown for each wave and reason
     * @param given approvals; null for one that is not stored
     */
    static PlanView of(String name, RolloutSpec spec, Plan plan, int examples, Approvals.@Nullable Given given) {
        return new PlanText(name, spec, plan, examples, given).view();
    }

    private PlanView view() {
        return new PlanView(
                name,
                spec.change().text(),
                spec.priority(),
                plan.selected(),
                plan.targets().size(),
                plan.problems(spec),
                waves(),
                counted(plan.leftOut()),
                counted(plan.waiting()),
                plan.withoutRollbackTarget(),
                plan.busy(),
                downloads(),
                time(),
                approvals(),
                plan.canary().map(this::canary).orElse(null));
    }

    private List<PlannedWave> waves() {
        List<PlannedWave> waves = new ArrayList<>();
        List<Forecast.Wave> times = plan.forecast().waves();
        for (int i = 0; i < plan.waves().size(); i++) {
            WaveState wave = plan.waves().get(i);
            Forecast.Wave time = i < times.size() ? times.get(i) : null;
            waves.add(new PlannedWave(
                    wave.name(),
                    wave.size(),
                    wave.manual(),
                    plan.targets().subList(wave.first(), Math.min(wave.end(), wave.first() + examples)).stream()
                            .map(Object::toString)
                            .toList(),
                    spec.stratify().isEmpty() ? List.of() : strata(plan.byWave()[i]),
                    time == null ? null : time.begins(),
                    time == null ? null : time.ends()));
        }
        return waves;
    }

    private List<PlannedStratum> strata(int[] counts) {
        List<PlannedStratum> strata = new ArrayList<>();
        for (int i = 0; i < counts.length; i++) {
            if (counts[i] > 0) {
                strata.add(new PlannedStratum(values(plan.strata().get(i)), counts[i]));
            }
        }
        strata.sort(Comparator.comparingInt((PlannedStratum stratum) -> -stratum.targets())
                .thenComparing(stratum -> stratum.values().toString()));
        return strata;
    }

    private Map<String, String> values(List<String> stratum) {
        Map<String, String> values = new LinkedHashMap<>();
        List<Attribute> attributes = spec.stratify();
        for (int i = 0; i < attributes.size(); i++) {
            values.put(attributes.get(i).name(), stratum.get(i));
        }
        return values;
    }

    private List<LeftOutView> counted(Map<Reason, Plan.Counted> by) {
        List<LeftOutView> views = new ArrayList<>();
        by.forEach((reason, counted) -> {
            SortedMap<String, String> some = new TreeMap<>();
            counted.examples().entrySet().stream()
                    .limit(examples)
                    .forEach(entry -> some.put(entry.getKey(), entry.getValue()));
            views.add(new LeftOutView(reason.wire(), counted.count(), some));
        });
        return views;
    }

    private PlannedDownloads downloads() {
        return new PlannedDownloads(
                plan.artifacts().stream()
                        .mapToLong(artifact -> artifact.bytes() * artifact.assets())
                        .sum(),
                plan.artifacts().stream()
                        .map(artifact -> new PlannedArtifact(artifact.target(), artifact.bytes(), artifact.assets()))
                        .toList());
    }

    private PlannedApprovals approvals() {
        return new PlannedApprovals(
                plan.approvalsNeeded(),
                plan.approvals().stream().map(Plan.ApprovalRule::why).toList(),
                given == null || given.author().isEmpty() ? null : given.author(),
                given == null ? List.of() : given.by());
    }

    private PlannedTime time() {
        Instant ends = plan.forecast().ends();
        Duration all = ends == null ? null : Duration.between(plan.at(), ends);
        Duration install = plan.install();
        return new PlannedTime(
                all == null ? null : Math.ceilDiv(all.toMillis(), 1000),
                ends,
                install == null ? null : install.toMillis() / 1000.0,
                (all == null
                                ? "longer than " + Forecast.LONGEST.toDays() + " days"
                                : (install == null ? "at least " : "about ") + words(all))
                        + assumptions(install));
    }

    private String assumptions(@Nullable Duration install) {
        List<String> all = new ArrayList<>();
        all.add("nobody fails or is silent");
        all.add(
                install == null
                        ? "installing takes no time, which is not known of "
                                + spec.change().component()
                        : "installing takes " + words(install) + ", as it did lately");
        if (plan.waves().stream().anyMatch(WaveState::manual)) {
            all.add("a person lets waves begin at once");
        }
        return ", if " + String.join(", and ", all);
    }

    static String words(Duration duration) {
        if (duration.compareTo(Duration.ofMinutes(2)) < 0) {
            return Math.ceilDiv(duration.toMillis(), 1000) + " s";
        }
        long minutes = Math.ceilDiv(duration.toMillis(), 60_000);
        long days = minutes / 1440;
        long hours = minutes / 60 % 24;
        List<String> parts = new ArrayList<>();
        if (days > 0) {
            parts.add(days + " d");
        }
        if (hours > 0) {
            parts.add(hours + " h");
        }
        if (minutes % 60 > 0 && days == 0) {
            parts.add(minutes % 60 + " min");
        }
        return String.join(" ", parts);
    }

    private PlannedCanary canary(int index) {
        WaveState wave = plan.waves().get(index);
        return new PlannedCanary(
                wave.name(),
                wave.size(),
                Math.round(10_000 * Proof.bound(wave.size())) / 100.0,
                Proof.sentence(wave.name(), wave.size()),
                plan.missingInCanary().stream()
                        .map(stratum -> new PlannedStratum(values(stratum), plan.of(stratum)))
                        .toList());
    }
}

package dev.muster.rollout;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.muster.registry.document.DeclaredObject;
import dev.muster.registry.document.DeclaredObject.Metadata;
import dev.muster.rollout.engine.Phase;
import dev.muster.rollout.engine.Rollout;
import dev.muster.rollout.engine.Stage;
import dev.muster.rollout.engine.Target;
import dev.muster.rollout.engine.WaveState;
import dev.muster.rollout.spec.RolloutSpec;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** How the API shows rollouts. */
final class RolloutView {
    private RolloutView() {}

    /**
     * Where a rollout stands.
     *
     * @param change what it brings, in words; of a configuration with the revision
     * @param cause of a pause: operator, gate_failed, gate_inconclusive, wave
     * @param wave the newest that is open
     * @param counts targets by stage, over all waves; stages without a target are left out
     * @param leftOut assets that were selected and are no targets, by reason
     */
    @Schema(name = "RolloutStatus")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Status(
            String change,
            String phase,
            @Nullable String cause,
            String why,
            Instant since,
            @Nullable String wave,
            int targets,
            int inFlight,
            Map<String, Integer> counts,
            List<WaveView> waves,
            SortedMap<String, Integer> leftOut,
            @Nullable Instant started,
            @Nullable Instant ended) {}

    /** @param state waiting, open, settled */
    @Schema(name = "RolloutWave")
    record WaveView(String name, String state, int targets, boolean manual, Map<String, Integer> counts) {}

    /** @param attempt how many orders it was given */
    @Schema(name = "RolloutTarget")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record TargetView(
            int order,
            String asset,
            String wave,
            String stage,
            @Nullable String reason,
            @Nullable String detail,
            int attempt,
            @Nullable String previous,
            Instant since) {}

    /** @param steps the newest first */
    @Schema(name = "RolloutTargetHistory")
    record TargetHistory(TargetView target, List<StepView> steps) {}

    @Schema(name = "RolloutStep")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record StepView(
            Instant at,
            String stage,
            @Nullable String reason,
            int attempt,
            @Nullable String detail) {}

    /** What a rollout would do if it started now. */
    @Schema(name = "RolloutPlan")
    record PlanView(
            String name,
            String change,
            int selected,
            int targets,
            List<PlannedWave> waves,
            List<LeftOutView> leftOut,
            int withoutRollbackTarget,
            int busy) {}

    /** @param assets the first of them, in the rollout's order */
    @Schema(name = "PlannedWave")
    record PlannedWave(String name, int targets, boolean manual, List<String> assets) {}

    /** @param assets some of them, with what was found */
    @Schema(name = "LeftOutOfRollout")
    record LeftOutView(String reason, int count, SortedMap<String, String> assets) {}

    static DeclaredObject object(StoredRollout stored) {
        return new DeclaredObject(
                DeclaredObject.API_VERSION,
                "Rollout",
                Metadata.of(
                        stored.name(), stored.resourceVersion(), stored.created(), stored.updated(), stored.managers()),
                stored.json(),
                status(stored));
    }

    private static Status status(StoredRollout stored) {
        Phase phase = stored.phase();
        String cause = phase instanceof Phase.Paused paused ? paused.cause().wire() : null;
        if (stored.waves().isEmpty()) {
            return new Status(
                    stored.spec().change().text(),
                    phase.wire(),
                    cause,
                    phase.why(),
                    stored.phaseSince(),
                    null,
                    0,
                    0,
                    Map.of(),
                    List.of(),
                    new TreeMap<>(),
                    null,
                    null);
        }
        Rollout rollout = stored.engine();
        List<WaveView> waves = new ArrayList<>();
        for (int i = 0; i < rollout.waves().size(); i++) {
            WaveState wave = rollout.waves().get(i);
            String state = i > rollout.wave() ? "waiting" : wave.settled() ? "settled" : "open";
            waves.add(new WaveView(
                    wave.name(),
                    state,
                    wave.size(),
                    wave.manual(),
                    wave.counts().named()));
        }
        return new Status(
                stored.spec().change().text(),
                phase.wire(),
                cause,
                phase.why(),
                stored.phaseSince(),
                rollout.current().name(),
                rollout.counts().total(),
                rollout.counts().of(Stage.ACTIVE),
                rollout.counts().named(),
                waves,
                stored.leftOut(),
                stored.started(),
                stored.ended());
    }

    static TargetView target(StoredRollout stored, Target target) {
        return new TargetView(
                target.ord(),
                target.asset().value(),
                stored.waves().get(target.wave()).name(),
                target.stage().wire(),
                target.reason() == null ? null : target.reason().wire(),
                target.detail(),
                target.attempt(),
                target.previous(),
                target.since());
    }

    static StepView step(TargetStore.Step step) {
        return new StepView(
                step.at(),
                step.stage().wire(),
                step.reason() == null ? null : step.reason().wire(),
                step.attempt(),
                step.detail());
    }

    static PlanView plan(String name, RolloutSpec spec, Plan plan, int examples) {
        List<PlannedWave> waves = new ArrayList<>();
        for (WaveState wave : plan.waves()) {
            waves.add(new PlannedWave(
                    wave.name(),
                    wave.size(),
                    wave.manual(),
                    plan.targets().subList(wave.first(), Math.min(wave.end(), wave.first() + examples)).stream()
                            .map(Object::toString)
                            .toList()));
        }
        List<LeftOutView> leftOut = new ArrayList<>();
        plan.leftOut().forEach((reason, left) -> {
            SortedMap<String, String> some = new TreeMap<>();
            left.examples().entrySet().stream()
                    .limit(examples)
                    .forEach(entry -> some.put(entry.getKey(), entry.getValue()));
            leftOut.add(new LeftOutView(reason.wire(), left.count(), some));
        });
        return new PlanView(
                name,
                spec.change().text(),
                plan.selected(),
                plan.targets().size(),
                waves,
                leftOut,
                plan.withoutRollbackTarget(),
                plan.busy());
    }
}

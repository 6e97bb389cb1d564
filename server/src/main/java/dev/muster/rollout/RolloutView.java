package dev.muster.rollout;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.muster.registry.document.DeclaredObject;
import dev.muster.registry.document.DeclaredObject.Metadata;
import dev.muster.rollout.engine.Phase;
import dev.muster.rollout.engine.Rollout;
import dev.muster.rollout.engine.Stage;
import dev.muster.rollout.engine.Stratum;
import dev.muster.rollout.engine.Target;
import dev.muster.rollout.engine.WaveState;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
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
     * @param priority of several rollouts that want an asset the highest changes it first
     * @param cause of a pause: operator, gate_failed, gate_inconclusive, wave, deadline
     * @param wave the newest that is open
     * @param counts targets by stage, over all waves; stages without a target are left out
     * @param strata by which failures are told apart, those first that do not go on
     * @param leftOut assets that were selected and are no targets, by reason
     */
    @Schema(name = "RolloutStatus")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Status(
            String change,
            int priority,
            String phase,
            @Nullable String cause,
            String why,
            Instant since,
            @Nullable String wave,
            int targets,
            int inFlight,
            Map<String, Integer> counts,
            List<WaveView> waves,
            List<StratumView> strata,
            SortedMap<String, Integer> leftOut,
            @Nullable Instant started,
            @Nullable Instant ended) {}

    /** @param state waiting, open, settled */
    @Schema(name = "RolloutWave")
    record WaveView(String name, String state, int targets, boolean manual, int retries, Map<String, Integer> counts) {}

    /**
     * @param values by attribute
     * @param state going, stopped (gets no order any more), recalled (the same, and goes back)
     * @param why it does not go on
     */
    @Schema(name = "RolloutStratum")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record StratumView(
            Map<String, String> values,
            String state,
            @Nullable String why,
            int targets,
            Map<String, Integer> counts) {}

    /**
     * @param attempt how many orders it was given
     * @param retries how many of them by itself, because it did not come to run the new version
     * @param place where it was ordered, if places are limited
     */
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
            int retries,
            @Nullable String place,
            @Nullable String previous,
            Instant since) {}

    /**
     * Targets of one stage, for one reason.
     *
     * @param sentBack whether they stood there before they were sent back
     * @param detail the commonest among them; absent for a narrower scope
     * @param first since when the first of them stands there
     */
    @Schema(name = "RolloutCategory")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record CategoryView(
            String stage,
            @Nullable String reason,
            boolean sentBack,
            int targets,
            @Nullable String detail,
            Instant first,
            Instant last) {
        static CategoryView of(TargetOutcomes.Category category, boolean sentBack) {
            return new CategoryView(
                    category.stage().wire(),
                    category.reason() == null ? null : category.reason().wire(),
                    sentBack,
                    category.targets(),
                    category.detail(),
                    category.first(),
                    category.last());
        }
    }

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

    /**
     * What a rollout would do if it started now.
     *
     * @param priority of several rollouts that want an asset the highest changes it first
     * @param selected how many assets its selector selects
     * @param problems why it could not start
     * @param withoutRollbackTarget how many of the selected have not said what they run, so that they could not go back
     * @param busy how many another rollout changes right now
     * @param waiting targets that would have to wait if it were their turn now, by reason
     */
    @Schema(name = "RolloutPlan")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record PlanView(
            String name,
            String change,
            int priority,
            int selected,
            int targets,
            List<String> problems,
            List<PlannedWave> waves,
            List<LeftOutView> leftOut,
            List<LeftOutView> waiting,
            int withoutRollbackTarget,
            int busy,
            PlannedDownloads downloads,
            PlannedTime time,
            PlannedApprovals approvals,
            @Nullable PlannedCanary canary) {}

    /**
     * A wave.
     *
     * @param assets the first of them, in the rollout's order
     * @param strata how many of each mixture of values, the largest first; empty when it is mixed by nothing
     * @param begins when all goes well; absent when that is more than a year away
     * @param ends when all goes well
     */
    @Schema(name = "PlannedWave")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record PlannedWave(
            String name,
            int targets,
            boolean manual,
            List<String> assets,
            List<PlannedStratum> strata,
            @Nullable Instant begins,
            @Nullable Instant ends) {}

    /** @param values by attribute; empty text: the asset has none */
    @Schema(name = "PlannedStratum")
    record PlannedStratum(Map<String, String> values, int targets) {}

    /** @param assets some of them, with what was found */
    @Schema(name = "LeftOutOfRollout")
    record LeftOutView(String reason, int count, SortedMap<String, String> assets) {}

    /** @param bytes of all assets together, when each downloads its artifact once and in full */
    @Schema(name = "PlannedDownloads")
    record PlannedDownloads(long bytes, List<PlannedArtifact> artifacts) {}

    /**
     * Who has to say yes before it starts.
     *
     * @param needed by people other than its author; 0 where the risk is low
     * @param why what asks for them
     * @param author who wrote the draft as it is now; absent when it is not stored
     * @param by who has approved it as it is now
     */
    @Schema(name = "PlannedApprovals")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record PlannedApprovals(
            int needed, List<String> why, @Nullable String author, List<String> by) {}

    /** What an approval has come to. */
    @Schema(name = "RolloutApprovals")
    record ApprovalsView(String author, List<String> by) {}

    /** @param bytes for each asset */
    @Schema(name = "PlannedArtifact")
    record PlannedArtifact(String target, long bytes, int assets) {}

    /**
     * How long it takes when all goes well.
     *
     * @param seconds absent when it is not over within a year
     * @param installSeconds how long earlier changes of the component took, from the order to running it; absent when none is known
     * @param text in words, with what it assumes
     */
    @Schema(name = "PlannedTime")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record PlannedTime(
            @Nullable Long seconds,
            @Nullable Instant ends,
            @Nullable Double installSeconds,
            String text) {}

    /**
     * What the first wave after staging can show.
     *
     * @param failurePercentBelow no failure in it bounds the share of assets that would fail, with 95 % confidence
     * @param missing mixtures of values that only later waves have
     */
    @Schema(name = "PlannedCanary")
    record PlannedCanary(
            String wave, int targets, double failurePercentBelow, String text, List<PlannedStratum> missing) {}

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
                    stored.spec().priority(),
                    phase.wire(),
                    cause,
                    phase.why(),
                    stored.phaseSince(),
                    null,
                    0,
                    0,
                    Map.of(),
                    List.of(),
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
                    wave.retries(),
                    wave.counts().named()));
        }
        return new Status(
                stored.spec().change().text(),
                stored.spec().priority(),
                phase.wire(),
                cause,
                phase.why(),
                stored.phaseSince(),
                rollout.current().name(),
                rollout.counts().total(),
                rollout.counts().of(Stage.ACTIVE),
                rollout.counts().named(),
                waves,
                strata(stored, rollout),
                stored.leftOut(),
                stored.started(),
                stored.ended());
    }

    private static List<StratumView> strata(StoredRollout stored, Rollout rollout) {
        List<StratumView> strata = new ArrayList<>();
        for (int i = 0; i < rollout.strata().size(); i++) {
            Stratum stratum = rollout.strata().get(i);
            strata.add(new StratumView(
                    values(stored, stratum),
                    stratum.state().wire(),
                    stratum.isHalted() ? stratum.why() : null,
                    rollout.counts(i).total(),
                    rollout.counts(i).named()));
        }
        strata.sort(Comparator.comparing(stratum -> stratum.why() == null));
        return strata;
    }

    /** By attribute. */
    static Map<String, String> values(StoredRollout stored, Stratum stratum) {
        Map<String, String> values = new LinkedHashMap<>();
        for (int i = 0; i < stratum.values().size(); i++) {
            values.put(
                    stored.spec().failuresBy().get(i).name(), stratum.values().get(i));
        }
        return values;
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
                target.retries(),
                target.place(),
                target.previous(),
                target.since());
    }

    static StepView step(TargetOutcomes.Step step) {
        return new StepView(
                step.at(),
                step.stage().wire(),
                step.reason() == null ? null : step.reason().wire(),
                step.attempt(),
                step.detail());
    }
}

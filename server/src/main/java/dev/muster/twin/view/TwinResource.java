package dev.muster.twin.view;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.registry.Asset;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.asset.AssetDirectory;
import dev.muster.twin.TwinState;
import dev.muster.twin.configuration.ConflictPolicy;
import dev.muster.twin.desired.DesiredState;
import dev.muster.twin.desired.DesiredStore;
import dev.muster.twin.document.CanonicalJson;
import dev.muster.twin.reconcile.Policies;
import dev.muster.twin.reconcile.ReconcileStore;
import dev.muster.twin.view.TwinStore.Row;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Desired and reported state of one asset over HTTP. */
@RestController
@Tag(name = "twin")
@RequestMapping("/api/v1/assets/{id}/twin")
public class TwinResource {
    static final int MAX_DESIRED_HISTORY = 20;
    static final int MAX_REPORTED_HISTORY = 20;
    static final int MAX_DECISIONS = 20;
    /** From which difference on a clock is called skewed. */
    static final Duration SKEW = Duration.ofMinutes(5);

    private static final JsonMapper JSON = JsonMapper.shared();

    private final AssetDirectory assets;
    private final TwinStore twins;
    private final DesiredStore desired;
    private final ReconcileStore reconcile;
    private final Policies policies;
    /** What is desired, what was reported and what follows from both are read together. */
    private final TransactionTemplate ofOneMoment;

    TwinResource(
            AssetDirectory assets,
            TwinStore twins,
            DesiredStore desired,
            ReconcileStore reconcile,
            Policies policies,
            PlatformTransactionManager transactions) {
        this.assets = assets;
        this.twins = twins;
        this.desired = desired;
        this.reconcile = reconcile;
        this.policies = policies;
        this.ofOneMoment = new TransactionTemplate(transactions);
        ofOneMoment.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
        ofOneMoment.setReadOnly(true);
    }

    /**
     * A twin.
     *
     * @param state in_sync, pending, drifted, rejected, unknown or unmanaged
     * @param desired absent when nothing is
     * @param reported absent when nothing was
     * @param drift the fields that differ; empty unless drifted, for nothing is told from a stale report
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record TwinView(
            String asset,
            String state,
            Instant since,
            @Nullable String reason,
            @Nullable DesiredView desired,
            @Nullable ReportedView reported,
            int differing,
            List<FieldView> drift,
            @Nullable ReconciliationView reconciliation,
            HistoryView history,
            List<DecisionView> decisions) {}

    /**
     * What the asset should be.
     *
     * @param since when the generation was given
     * @param reason why it was
     * @param sha256 of the document as the asset gets it
     * @param origins where each leaf comes from, by JSON Pointer: baseline/TYPE, configuration/NAME, local, rollout/…
     */
    public record DesiredView(
            long generation,
            Instant since,
            String reason,
            String sha256,
            JsonNode config,
            JsonNode software,
            JsonNode origins) {}

    /**
     * What the asset said last.
     *
     * @param fresh whether it is acted upon
     * @param received by the server's clock, which alone decides about freshness
     * @param clockOffsetSeconds the asset's time minus the receive time; absent when the report had no time
     * @param clockSkewed whether that is more than five minutes
     * @param ignored reports that came later and were older
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record ReportedView(
            @Nullable Long generation,
            boolean fresh,
            Instant received,
            @Nullable Double clockOffsetSeconds,
            boolean clockSkewed,
            @Nullable String bootId,
            JsonNode config,
            JsonNode software,
            JsonNode updates,
            @Nullable RejectedView rejected,
            long ignored,
            @Nullable String ignoredReason) {}

    public record RejectedView(long generation, String reason) {}

    /** @param policy enforce, report or accept */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record FieldView(
            String field,
            JsonNode desired,
            @Nullable JsonNode reported,
            String origin,
            String policy,
            @Nullable String reason) {}

    /** @param next when it is looked at again, absent when only after something is heard */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record ReconciliationView(
            int attempts,
            @Nullable Instant next,
            @Nullable String stalled,
            @Nullable String lastAction,
            @Nullable Instant lastAt) {}

    /** Newest first. */
    public record HistoryView(List<DesiredEntry> desired, List<ReportedEntry> reported) {}

    /** @param document absent when from then on nothing was desired */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record DesiredEntry(
            long generation,
            Instant at,
            String reason,
            @Nullable JsonNode document) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record ReportedEntry(
            Instant received,
            @Nullable Long generation,
            @Nullable String bootId,
            int differing,
            JsonNode report) {}

    public record DecisionView(Instant at, String action, long generation, JsonNode inputs, String outcome) {}

    @GetMapping
    @Requires(verb = Verb.READ, kind = Kind.ASSET)
    @Operation(
            operationId = "getTwin",
            summary = "What is desired of an asset and what it reports, field by field, with the history of both")
    public TwinView twin(Actor actor, @PathVariable String id) {
        return Objects.requireNonNull(ofOneMoment.execute(_ -> read(assets.requireVisible(actor, id))));
    }

    private TwinView read(Asset asset) {
        String name = asset.id().value();
        Row row = twins.find(name).orElseGet(() -> retired(asset));
        DesiredState wanted = desired.find(name).orElse(null);
        List<FieldView> drift = row.state() == TwinState.DRIFTED ? fields(row.drift()) : List.of();
        return new TwinView(
                name,
                row.state().wire(),
                row.since(),
                row.reason(),
                wanted == null ? null : view(wanted),
                twins.reported(name).map(said -> view(said, row.state())).orElse(null),
                drift.isEmpty() ? 0 : row.driftCount(),
                drift,
                twins.reconciliation(name)
                        .map(known -> new ReconciliationView(
                                known.attempts(), known.due(), known.stalled(), known.lastAction(), known.lastAt()))
                        .orElse(null),
                new HistoryView(desiredHistory(name), reportedHistory(name)),
                reconcile.decisions(name, MAX_DECISIONS).stream()
                        .map(each -> new DecisionView(
                                each.at(), each.action(), each.generation(), each.inputs(), each.outcome()))
                        .toList());
    }

    private static Row retired(Asset asset) {
        boolean gone = asset.lifecycle() == Lifecycle.RETIRED;
        return new Row(
                asset.id().value(),
                asset.type(),
                TwinState.UNMANAGED,
                asset.updated(),
                gone ? "it is retired" : "it was deleted just now",
                0,
                null,
                JSON.createArrayNode(),
                0,
                null);
    }

    private static DesiredView view(DesiredState wanted) {
        JsonNode body = JSON.readTree(wanted.body());
        return new DesiredView(
                wanted.generation(),
                wanted.changed(),
                wanted.reason(),
                CanonicalJson.sha256(wanted.document()),
                body.path("config"),
                body.path("software"),
                JSON.readTree(wanted.origins()));
    }

    private static ReportedView view(TwinStore.Reported said, TwinState state) {
        Double offset = said.ts() == null ? null : (said.ts() - said.received().toEpochMilli()) / 1000.0;
        Long rejected = said.rejectedGeneration();
        return new ReportedView(
                said.generation(),
                state != TwinState.UNKNOWN && state != TwinState.UNMANAGED,
                said.received(),
                offset,
                offset != null && Math.abs(offset) > SKEW.toSeconds(),
                said.bootId(),
                said.config(),
                said.software(),
                said.updates(),
                rejected == null ? null : new RejectedView(rejected, String.valueOf(said.rejectedReason())),
                said.ignored(),
                said.ignoredReason());
    }

    private List<FieldView> fields(JsonNode drift) {
        Function<String, ConflictPolicy> policy = policies.of(drift.valueStream()
                .map(field -> field.path("origin").asString(""))
                .distinct()
                .toList());
        List<FieldView> fields = new ArrayList<>();
        drift.forEach(field -> {
            String origin = field.path("origin").asString("");
            fields.add(new FieldView(
                    field.path("field").stringValue(),
                    field.path("desired"),
                    field.get("reported"),
                    origin,
                    Policies.of(field, policy).wire(),
                    field.path("reason").asString(null)));
        });
        return fields;
    }

    private List<DesiredEntry> desiredHistory(String asset) {
        Map<String, JsonNode> parsed = new TreeMap<>();
        return desired.history(asset, MAX_DESIRED_HISTORY).stream()
                .map(each -> new DesiredEntry(
                        each.generation(),
                        each.at(),
                        each.reason(),
                        each.body() == null ? null : parsed.computeIfAbsent(each.body(), JSON::readTree)))
                .toList();
    }

    private List<ReportedEntry> reportedHistory(String asset) {
        return twins.history(asset, MAX_REPORTED_HISTORY).stream()
                .map(each -> new ReportedEntry(
                        each.received(), each.generation(), each.bootId(), each.driftCount(), each.report()))
                .toList();
    }
}

package dev.muster.twin.view;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import dev.muster.twin.TwinState;
import dev.muster.twin.view.TwinStore.Counts;
import dev.muster.twin.view.TwinStore.Row;
import dev.muster.twin.view.Twins.Counted;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Who differs from what is desired, over HTTP. */
@RestController
@Tag(name = "twin")
@RequestMapping("/api/v1/drift")
public class DriftResource {
    private final Twins twins;

    DriftResource(Twins twins) {
        this.twins = twins;
    }

    /**
     * One asset.
     *
     * @param state in_sync, pending, drifted, rejected, unknown or unmanaged
     * @param generation of what is desired, 0 for nothing
     * @param fields that differ, with both values and the origin of the desired one; only when drifted
     * @param differing how many there are, those beyond the listed ones included
     * @param stalled why the server has given up to bring it back
     */
    @Schema(name = "DriftItem")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Item(
            String asset,
            String type,
            String state,
            Instant since,
            @Nullable String reason,
            long generation,
            @Nullable Long reportedGeneration,
            int differing,
            @Nullable JsonNode fields,
            @Nullable String stalled) {
        static Item of(Row row) {
            boolean drifted = row.state() == TwinState.DRIFTED;
            return new Item(
                    row.asset(),
                    row.type(),
                    row.state().wire(),
                    row.since(),
                    row.reason(),
                    row.generation(),
                    row.reportedGeneration(),
                    drifted ? row.driftCount() : 0,
                    drifted ? row.drift() : null,
                    row.stalled());
        }
    }

    /**
     * How the selected assets stand (M8).
     *
     * @param at when they were counted
     * @param states how many there are of each; unknown are those that never reported or whose report is stale
     * @param overdue of those pending, for too long
     * @param stalled of those pending or drifted: the server has given up
     * @param outOfSync drifted, rejected and overdue
     * @param observed those with a fresh report: all but unknown and unmanaged
     * @param rate {@code outOfSync / observed}; absent when nothing is observed, which is not the same as no drift
     */
    @Schema(name = "DriftSummary")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Summary(
            Instant at,
            long assets,
            Map<String, Long> states,
            long overdue,
            long stalled,
            long outOfSync,
            long observed,
            @Nullable Double rate) {
        static Summary of(Counts counts, Instant at) {
            Map<String, Long> states = new TreeMap<>();
            for (TwinState state : TwinState.values()) {
                states.put(state.wire(), counts.byState().getOrDefault(state, 0L));
            }
            long all = states.values().stream().mapToLong(Long::longValue).sum();
            long observed = all
                    - counts.byState().getOrDefault(TwinState.UNKNOWN, 0L)
                    - counts.byState().getOrDefault(TwinState.UNMANAGED, 0L);
            long outOfSync = counts.byState().getOrDefault(TwinState.DRIFTED, 0L)
                    + counts.byState().getOrDefault(TwinState.REJECTED, 0L)
                    + counts.overdue();
            return new Summary(
                    at,
                    all,
                    states,
                    counts.overdue(),
                    counts.stalled(),
                    outOfSync,
                    observed,
                    observed == 0 ? null : (double) outOfSync / observed);
        }
    }

    @GetMapping
    @Requires(verb = Verb.READ, kind = Kind.ASSET)
    @Operation(
            operationId = "listDrift",
            summary = "Lists assets by how they stand to what is desired of them",
            description =
                    "Without state those that are pending, drifted or rejected. Stale reports never count as drift.")
    public Page<Item> list(
            Actor actor,
            @RequestParam(required = false) @Nullable String selector,
            @RequestParam(required = false) @Nullable List<String> state,
            PageRequest page) {
        return twins.list(actor, selector, states(state), page).map(Item::of);
    }

    @GetMapping("/summary")
    @Requires(verb = Verb.READ, kind = Kind.ASSET)
    @Operation(
            operationId = "summarizeDrift",
            summary = "Counts assets by how they stand, and gives the rate of drift",
            description = "Of the time that it says: seconds ago, in a large fleet up to some minutes.")
    public Summary summary(Actor actor, @RequestParam(required = false) @Nullable String selector) {
        Counted counted = twins.counted(actor, selector);
        return Summary.of(counted.counts(), counted.at());
    }

    private static List<TwinState> states(@Nullable List<String> names) {
        if (names == null || names.isEmpty()) {
            return List.copyOf(TwinState.OUT_OF_SYNC);
        }
        List<TwinState> states = new ArrayList<>();
        for (String name : names) {
            if (name.equals("all")) {
                return List.of();
            }
            states.add(TwinState.ofWire(name)
                    .orElseThrow(() -> new Refusal(
                            ErrorCode.INVALID,
                            "state must be all or of "
                                    + Arrays.stream(TwinState.values())
                                            .map(TwinState::wire)
                                            .collect(Collectors.joining(", ")))));
        }
        return states;
    }
}

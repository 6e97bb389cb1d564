package dev.muster.rollout;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import dev.muster.protocol.AssetId;
import dev.muster.registry.asset.AssetDirectory;
import dev.muster.registry.asset.Visibility;
import dev.muster.registry.document.DeclaredObject;
import dev.muster.registry.document.ResourceVersions;
import dev.muster.rollout.RolloutStore.StoredDecision;
import dev.muster.rollout.RolloutView.ApprovalsView;
import dev.muster.rollout.RolloutView.CategoryView;
import dev.muster.rollout.RolloutView.PlanView;
import dev.muster.rollout.RolloutView.TargetHistory;
import dev.muster.rollout.RolloutView.TargetView;
import dev.muster.rollout.engine.Action;
import dev.muster.rollout.engine.Reason;
import dev.muster.rollout.engine.Stage;
import dev.muster.rollout.engine.Target;
import dev.muster.rollout.engine.WaveState;
import dev.muster.rollout.spec.RolloutSpec;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Rollouts over HTTP; they are declared by apply. */
@RestController
@Tag(name = "rollouts")
@RequestMapping("/api/v1/rollouts")
public class RolloutResource {
    private static final int MAX_STEPS = 200;
    private static final int EXAMPLES = 20;
    /** Where a target stands for a reason that people ask for. */
    private static final Set<Stage> CATEGORIZED = EnumSet.of(
            Stage.ROLLBACK_FAILED,
            Stage.BRICKED,
            Stage.STRANDED,
            Stage.FAILED,
            Stage.RETURNING,
            Stage.RECOVERING,
            Stage.UNREACHABLE,
            Stage.INDETERMINATE,
            Stage.WAITING,
            Stage.EXCLUDED);

    private final RolloutService service;
    private final RolloutStore rollouts;
    private final TargetStore targets;
    private final TargetOutcomes outcomes;
    private final Visibility visibility;
    private final AssetDirectory assets;

    RolloutResource(
            RolloutService service,
            RolloutStore rollouts,
            TargetStore targets,
            TargetOutcomes outcomes,
            Visibility visibility,
            AssetDirectory assets) {
        this.service = service;
        this.rollouts = rollouts;
        this.targets = targets;
        this.outcomes = outcomes;
        this.visibility = visibility;
        this.assets = assets;
    }

    /** Why somebody acts. */
    @Schema(name = "RolloutAction")
    record ActionBody(
            @Schema(description = "why; stands in the audit trail, and in the rollout where people ask why") @Nullable String reason,

            @Schema(
                    description = "resume only: go on although a gate failed or knew too little; needs the role admin",
                    defaultValue = "false")
            @Nullable Boolean accept,

            @Schema(description = "promote only: open all waves, not only the next", defaultValue = "false") @Nullable Boolean full,

            @Schema(
                    description =
                            "retry and exclude: only these targets, at most 1000; retry without them: all that failed")
            @Nullable List<String> assets,

            @Schema(
                    description =
                            "exclude and rollback: the targets with these values, of attributes in failures.by; others go on",
                    example = "{\"hardware\": \"rev-c\"}")
            @Nullable Map<String, String> stratum) {

        Chosen chosen() {
            return new Chosen(assets == null ? List.of() : assets, stratum == null ? Map.of() : stratum);
        }
    }

    /** A rollout that is not stored. */
    @Schema(name = "PlannedRollout")
    record PlanBody(
            @Schema(description = "decides the order of the targets", example = "app-1-5") @Nullable String name,

            @Schema(description = "as in a document of kind Rollout", requiredMode = Schema.RequiredMode.REQUIRED)
            @Nullable JsonNode spec) {}

    @GetMapping
    @Requires(verb = Verb.READ, kind = Kind.ROLLOUT)
    @Operation(operationId = "listRollouts", summary = "Lists the rollouts")
    public Page<DeclaredObject> list(
            @Parameter(description = "only those that are neither a draft nor ended")
                    @RequestParam(defaultValue = "false")
                    boolean live,
            PageRequest page) {
        return Page.of(rollouts.page(page.after(), live, page.fetch()), page, StoredRollout::name)
                .map(RolloutView::object);
    }

    @GetMapping("/{name}")
    @Requires(verb = Verb.READ, kind = Kind.ROLLOUT)
    @Operation(operationId = "getRollout", summary = "Shows a rollout: what was declared, and where it stands")
    public DeclaredObject get(@PathVariable String name, HttpServletResponse response) {
        StoredRollout stored = service.require(name);
        // The status changes without a new version: the tag serves If-Match only.
        response.setHeader(HttpHeaders.ETAG, ResourceVersions.tag(stored.resourceVersion()));
        return RolloutView.object(stored);
    }

    @DeleteMapping("/{name}")
    @Requires(verb = Verb.WRITE, kind = Kind.ROLLOUT)
    @Operation(
            operationId = "deleteRollout",
            summary = "Deletes a rollout that is a draft or has ended; its history goes with it")
    public ResponseEntity<Void> delete(
            Actor actor,
            @PathVariable String name,
            @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch) {
        service.delete(actor, name, ResourceVersions.ofIfMatch(ifMatch));
        return ResponseEntity.noContent().build();
    }

    @GetMapping("/{name}/plan")
    @Requires(verb = Verb.READ, kind = Kind.ROLLOUT)
    @Operation(
            operationId = "planRollout",
            summary =
                    "Works out what a rollout would do if it started now: assets in each wave, those left out and why, downloads,"
                            + " how long it takes, what its canary can prove")
    public PlanView plan(
            Actor actor,
            @PathVariable String name,
            @Parameter(description = "assets shown for each wave and reason, 0 to 1000")
                    @RequestParam(defaultValue = "" + EXAMPLES)
                    int examples) {
        StoredRollout stored = service.require(name);
        return PlanText.of(
                name,
                stored.spec(),
                service.plan(actor, name, stored.spec()),
                bounded(examples),
                service.approvals(stored));
    }

    @PostMapping("/plan")
    @Requires(verb = Verb.READ, kind = Kind.ROLLOUT)
    @Operation(operationId = "planUnstoredRollout", summary = "Works out what a rollout that is not stored would do")
    public PlanView plan(
            Actor actor, @RequestBody PlanBody body, @RequestParam(defaultValue = "" + EXAMPLES) int examples) {
        String name = body.name() == null ? "unnamed" : body.name();
        JsonNode spec = body.spec() == null ? JsonNodeFactory.instance.objectNode() : body.spec();
        RolloutSpec read = service.read(name, spec);
        return PlanText.of(name, read, service.plan(actor, name, read), bounded(examples), null);
    }

    private static int bounded(int examples) {
        if (examples < 0 || examples > Plan.MAX_EXAMPLES) {
            throw new Refusal(ErrorCode.INVALID, "examples is " + examples + "; allowed is 0 to " + Plan.MAX_EXAMPLES);
        }
        return examples;
    }

    /** Targets in the actor's scope. Of one that is deleted by now only an actor with the whole scope learns. */
    @GetMapping("/{name}/targets")
    @Requires(verb = Verb.READ, kind = Kind.ROLLOUT)
    @Operation(operationId = "listRolloutTargets", summary = "Lists the targets of a rollout in its order")
    public Page<TargetView> targets(
            Actor actor,
            @PathVariable String name,
            @Parameter(description = "such as failed, in_flight ones by their stage")
                    @RequestParam(required = false)
                    @Nullable String stage,
            @Parameter(description = "why a target stands where it does, such as wrong_version")
                    @RequestParam(required = false)
                    @Nullable String reason,
            @Parameter(description = "the name of a wave") @RequestParam(required = false) @Nullable String wave,
            PageRequest page) {
        StoredRollout stored = service.require(name);
        Stage wanted = stage == null ? null : stage(stage);
        Reason because = reason == null ? null : because(reason);
        WaveState within = wave == null ? null : wave(stored, wave);
        List<Target> found = new ArrayList<>();
        int after = within == null ? after(page) : Math.max(after(page), within.first() - 1);
        int below = within == null ? Integer.MAX_VALUE : within.end();
        List<Target> read;
        do {
            read = targets.page(stored.id(), wanted, because, after, below, page.fetch());
            found.addAll(visible(actor, read));
            after = read.isEmpty() ? after : read.getLast().ord();
        } while (found.size() < page.fetch() && read.size() == page.fetch());
        List<Target> cut = found.subList(0, Math.min(found.size(), page.fetch()));
        return Page.of(cut, page, target -> Integer.toString(target.ord()))
                .map(target -> RolloutView.target(stored, target));
    }

    @GetMapping("/{name}/categories")
    @Requires(verb = Verb.READ, kind = Kind.ROLLOUT)
    @Operation(
            operationId = "listRolloutCategories",
            summary =
                    "Counts the targets that came to no good, wait or were left out, by stage and reason: first those to look after, last those that failed and were sent back")
    public List<CategoryView> categories(Actor actor, @PathVariable String name) {
        StoredRollout stored = service.require(name);
        boolean details = actor.scope().isAll();
        return Stream.concat(
                        outcomes.categories(stored.id(), CATEGORIZED, details).stream()
                                .sorted(Comparator.comparing(category -> Stage.TROUBLE_FIRST.indexOf(category.stage())))
                                .map(category -> CategoryView.of(category, false)),
                        outcomes.failedBefore(stored.id(), details).stream()
                                .map(category -> CategoryView.of(category, true)))
                .toList();
    }

    @GetMapping("/{name}/targets/{asset}")
    @Requires(verb = Verb.READ, kind = Kind.ROLLOUT)
    @Operation(operationId = "getRolloutTarget", summary = "Shows one target of a rollout and every step that it took")
    public TargetHistory target(Actor actor, @PathVariable String name, @PathVariable String asset) {
        StoredRollout stored = service.require(name);
        AssetId id = assets.requireVisible(actor, asset).id();
        Target target = targets.find(stored.id(), id)
                .orElseThrow(
                        () -> new Refusal(ErrorCode.NOT_FOUND, "asset " + id + " is no target of rollout " + name));
        return new TargetHistory(
                RolloutView.target(stored, target),
                outcomes.steps(stored.id(), target.ord(), MAX_STEPS).stream()
                        .map(RolloutView::step)
                        .toList());
    }

    @GetMapping("/{name}/decisions")
    @Requires(verb = Verb.READ, kind = Kind.ROLLOUT)
    @Operation(
            operationId = "explainRollout",
            summary = "Lists every decision about a rollout with its inputs, its threshold and its outcome")
    public Page<StoredDecision> decisions(@PathVariable String name, PageRequest page) {
        StoredRollout stored = service.require(name);
        long after = page.after() == null ? 0 : number(page.after());
        return Page.of(
                rollouts.decisions(stored.id(), after, page.fetch()), page, decision -> Long.toString(decision.seq()));
    }

    @PostMapping("/{name}/approve")
    @Requires(verb = Verb.WRITE, kind = Kind.ROLLOUT)
    @Operation(
            operationId = "approveRollout",
            summary =
                    "Approves a draft as it is now; for everybody but its author. A changed draft needs new approvals")
    public ApprovalsView approve(
            Actor actor, @PathVariable String name, @RequestBody(required = false) @Nullable ActionBody body) {
        Approvals.Given given = service.approve(actor, name, reason(actor, body));
        return new ApprovalsView(given.author(), given.by());
    }

    @PostMapping("/{name}/start")
    @Requires(verb = Verb.WRITE, kind = Kind.ROLLOUT)
    @Operation(operationId = "startRollout", summary = "Starts a draft: fixes its targets and opens the first wave")
    public DeclaredObject start(
            Actor actor, @PathVariable String name, @RequestBody(required = false) @Nullable ActionBody body) {
        return RolloutView.object(service.start(actor, name, reason(actor, body)));
    }

    @PostMapping("/{name}/pause")
    @Requires(verb = Verb.WRITE, kind = Kind.ROLLOUT)
    @Operation(operationId = "pauseRollout", summary = "Orders nothing new; what is under way is watched to its end")
    public DeclaredObject pause(
            Actor actor, @PathVariable String name, @RequestBody(required = false) @Nullable ActionBody body) {
        return act(actor, name, body, reason -> new Action.Pause(reason));
    }

    @PostMapping("/{name}/resume")
    @Requires(verb = Verb.WRITE, kind = Kind.ROLLOUT)
    @Operation(
            operationId = "resumeRollout",
            summary = "Goes on; past a gate that failed or knew too little only when that is accepted")
    public DeclaredObject resume(
            Actor actor, @PathVariable String name, @RequestBody(required = false) @Nullable ActionBody body) {
        boolean accept = body != null && Boolean.TRUE.equals(body.accept());
        return act(actor, name, body, reason -> new Action.Resume(reason, accept));
    }

    @PostMapping("/{name}/promote")
    @Requires(verb = Verb.ADMIN, kind = Kind.ROLLOUT)
    @Operation(
            operationId = "promoteRollout",
            summary =
                    "Opens the next wave now, or all, although the gate of this one has not passed; not while one fails. Needs the"
                            + " role admin")
    public DeclaredObject promote(
            Actor actor, @PathVariable String name, @RequestBody(required = false) @Nullable ActionBody body) {
        boolean full = body != null && Boolean.TRUE.equals(body.full());
        return act(actor, name, body, reason -> new Action.Promote(reason, full));
    }

    @PostMapping("/{name}/exclude")
    @Requires(verb = Verb.WRITE, kind = Kind.ROLLOUT)
    @Operation(
            operationId = "excludeFromRollout",
            summary = "Goes on without some assets, or without a stratum: they get no order any more")
    public DeclaredObject exclude(
            Actor actor, @PathVariable String name, @RequestBody(required = false) @Nullable ActionBody body) {
        Chosen chosen = chosen(body);
        if (chosen.isEmpty()) {
            throw new Refusal(ErrorCode.INVALID, "whom to exclude is missing; give assets or a stratum");
        }
        return chosen(
                actor,
                name,
                body,
                (stored, reason) ->
                        new Action.Exclude(reason, service.targets(stored, chosen), service.strata(stored, chosen)));
    }

    @PostMapping("/{name}/abort")
    @Requires(verb = Verb.WRITE, kind = Kind.ROLLOUT)
    @Operation(
            operationId = "abortRollout",
            summary = "Ends a rollout where it stands: targets that have changed stay changed")
    public DeclaredObject abort(
            Actor actor, @PathVariable String name, @RequestBody(required = false) @Nullable ActionBody body) {
        return act(actor, name, body, Action.Abort::new);
    }

    @PostMapping("/{name}/rollback")
    @Requires(verb = Verb.WRITE, kind = Kind.ROLLOUT)
    @Operation(
            operationId = "rollBackRollout",
            summary =
                    "Sends every touched target back to its own previous version, or those of a stratum while the others go on; also"
                            + " after the rollout has ended")
    public DeclaredObject rollback(
            Actor actor, @PathVariable String name, @RequestBody(required = false) @Nullable ActionBody body) {
        Chosen chosen = chosen(body);
        return chosen(
                actor, name, body, (stored, reason) -> new Action.RollBack(reason, service.strata(stored, chosen)));
    }

    @PostMapping("/{name}/retry")
    @Requires(verb = Verb.WRITE, kind = Kind.ROLLOUT)
    @Operation(
            operationId = "retryRollout",
            summary =
                    "Tries the targets once more that failed, were not heard of or cannot be told; or did not get back")
    public DeclaredObject retry(
            Actor actor, @PathVariable String name, @RequestBody(required = false) @Nullable ActionBody body) {
        Chosen chosen = chosen(body);
        return chosen(actor, name, body, (stored, reason) -> new Action.Retry(reason, service.targets(stored, chosen)));
    }

    private static Chosen chosen(@Nullable ActionBody body) {
        return body == null ? new Chosen(List.of(), Map.of()) : body.chosen();
    }

    private DeclaredObject chosen(
            Actor actor, String name, @Nullable ActionBody body, BiFunction<StoredRollout, String, Action> action) {
        String reason = reason(actor, body);
        return RolloutView.object(service.act(actor, name, stored -> action.apply(stored, reason)));
    }

    private DeclaredObject act(Actor actor, String name, @Nullable ActionBody body, Function<String, Action> action) {
        Action asked = action.apply(reason(actor, body));
        return RolloutView.object(service.act(actor, name, stored -> asked));
    }

    private static String reason(Actor actor, @Nullable ActionBody body) {
        String reason =
                body == null || body.reason() == null ? "" : body.reason().strip();
        if (reason.length() > RolloutService.MAX_REASON) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "reason has " + reason.length() + " characters, at most " + RolloutService.MAX_REASON
                            + " are allowed");
        }
        return reason.isEmpty() ? "asked for by " + actor : reason;
    }

    private List<Target> visible(Actor actor, List<Target> read) {
        if (actor.scope().isAll()) {
            return read;
        }
        Set<AssetId> visible = visibility.visible(
                actor.scope(), read.stream().map(Target::asset).toList());
        return read.stream().filter(target -> visible.contains(target.asset())).toList();
    }

    private static Stage stage(String wire) {
        return Stage.parse(wire)
                .orElseThrow(() -> new Refusal(
                        ErrorCode.INVALID,
                        "stage is \"" + wire + "\"; allowed are "
                                + Arrays.stream(Stage.values()).map(Stage::wire).toList()));
    }

    private static Reason because(String wire) {
        return Reason.parse(wire)
                .orElseThrow(() -> new Refusal(
                        ErrorCode.INVALID,
                        "reason is \"" + wire + "\"; allowed are "
                                + Arrays.stream(Reason.values())
                                        .map(Reason::wire)
                                        .toList()));
    }

    private static WaveState wave(StoredRollout stored, String name) {
        return stored.waves().stream()
                .filter(wave -> wave.name().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new Refusal(ErrorCode.INVALID, "rollout " + stored.name() + " has no wave \"" + name + "\""));
    }

    private static int after(PageRequest page) {
        String key = page.after();
        return key == null ? -1 : Math.toIntExact(number(key));
    }

    private static long number(String key) {
        try {
            return Long.parseLong(key);
        } catch (NumberFormatException e) {
            throw new Refusal(ErrorCode.INVALID, "continue is not a token of this list; ask again without it");
        }
    }
}

package dev.muster.runbook;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import dev.muster.registry.document.DeclaredObject;
import dev.muster.registry.document.DeclaredObject.Metadata;
import dev.muster.registry.document.ResourceVersions;
import dev.muster.runbook.Hands.Progress;
import dev.muster.runbook.Run.Cursor;
import dev.muster.runbook.RunStarts.Cause;
import dev.muster.runbook.RunStarts.Plan;
import dev.muster.runbook.RunbookEngine.Line;
import dev.muster.runbook.RunbookStore.Revision;
import dev.muster.runbook.RunbookStore.Stored;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletResponse;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Map;
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

/** Runbooks and their runs over HTTP; runbooks are declared by apply. */
@RestController
@Tag(name = "runbooks")
@RequestMapping("/api/v1")
class RunbookResource {
    private static final int MAX_DAYS = 366;

    private final Runbooks runbooks;
    private final RunStarts starts;
    private final Runs runs;
    private final RunbookStore store;
    private final Hands hands;

    RunbookResource(Runbooks runbooks, RunStarts starts, Runs runs, RunbookStore store, FleetHands hands) {
        this.runbooks = runbooks;
        this.starts = starts;
        this.runs = runs;
        this.store = store;
        this.hands = hands;
    }

    @Schema(name = "RunbookStart")
    record Start(
            @Schema(description = "as an alert would have them; fill ${labels.NAME}") @Nullable Map<String, String> labels,

            @Nullable Map<String, String> parameters,

            @Schema(
                    description = "whom it acts on instead of those that it names itself",
                    example = "asset.id == 'pi-1'")
            @Nullable String selector) {
        Cause cause(Actor actor) {
            return Cause.manual(
                    actor, labels == null ? Map.of() : labels, parameters == null ? Map.of() : parameters, selector);
        }
    }

    @Schema(name = "RunbookDraft")
    record Draft(
            @Nullable String name,

            @Schema(description = "as in a document of kind Runbook") @Nullable JsonNode spec) {}

    @Schema(name = "RunbookStatus")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Status(int revision, @Nullable Integer shippedVersion) {}

    @Schema(name = "RunbookRevision")
    record RevisionView(int revision, Instant at, String actor, JsonNode spec) {
        static RevisionView of(Revision is) {
            return new RevisionView(is.revision(), is.at(), is.actor(), is.spec());
        }
    }

    @Schema(name = "RunbookCaseResult")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record CaseView(String name, boolean passed, @Nullable String problem, List<String> did, List<String> lines) {
        static CaseView of(CaseRunner.Result is) {
            return new CaseView(is.name(), is.passed(), is.problem(), is.did(), is.lines());
        }
    }

    @Schema(name = "RunbookTest")
    record TestView(int passed, int failed, List<CaseView> cases) {}

    @Schema(name = "RunbookPlan")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record PlanView(
            String runbook,
            @Schema(description = "the first 100") List<String> targets,
            int assets,
            boolean needsSecondPerson,

            @Schema(description = "whether a step does something to assets, rollouts, releases or another system")
            boolean touches,

            @Schema(description = "why it would not be run") @Nullable String problem,

            List<String> steps,
            List<String> onFailure) {
        static PlanView of(Plan is) {
            return new PlanView(
                    is.runbook(),
                    is.targets(),
                    is.assets(),
                    is.needsSecondPerson(),
                    is.touches(),
                    is.problem(),
                    is.steps(),
                    is.onFailure());
        }
    }

    @Schema(name = "RunbookRun")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record RunView(
            String id,
            String runbook,
            int revision,
            @Nullable String parent,

            @Schema(allowableValues = {"alert", "schedule", "manual", "runbook"})
            String trigger,

            String startedBy,
            @Schema(example = "INC-12") @Nullable String incident,
            @Nullable String fingerprint,
            List<String> targets,

            @Schema(
                    allowableValues = {
                        "waiting",
                        "running",
                        "succeeded",
                        "failed",
                        "indeterminate",
                        "stopped",
                        "refused"
                    })
            String phase,

            @Schema(description = "the one at which it stands") @Nullable String step,

            String reason,
            @Nullable String stopBy,
            @Nullable String approvedBy,
            Instant startedAt,
            Instant deadline,
            @Nullable Instant endedAt,

            @Schema(description = "only of a single run: what happened, oldest first") @Nullable List<LineView> history,

            @Schema(description = "only of a single run: its steps with what they came to, then those for a failure")
            @Nullable List<StepView> steps,

            @Schema(
                    description =
                            "only of a single run: the person for whom it waits: a second one before it begins, one"
                                    + " who does what its step says, one who hands out claim tokens",
                    allowableValues = {"second-person", "person", "claim"})
            @Nullable String asks) {
        static RunView of(Run run) {
            return of(run, null, null, null);
        }

        static RunView of(
                Run run, @Nullable List<LineView> history, @Nullable List<StepView> steps, @Nullable String asks) {
            return new RunView(
                    run.id(),
                    run.runbook(),
                    run.revision(),
                    run.parent(),
                    run.trigger(),
                    run.startedBy(),
                    run.incident() == null ? null : "INC-" + run.incident(),
                    run.fingerprint(),
                    run.targets(),
                    run.phase().wire(),
                    run.phase().isEnd() || run.isThrough() ? null : run.step().name(),
                    run.reason(),
                    run.stopBy(),
                    run.approvedBy(),
                    run.startedAt(),
                    run.deadline(),
                    run.endedAt(),
                    history,
                    steps,
                    asks);
        }
    }

    @Schema(name = "RunbookRunStep")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record StepView(
            @Schema(allowableValues = {"steps", "onFailure"})
            String section,

            String name,
            @Schema(example = "command") String kind,

            @Schema(example = "gives the command reboot to every target")
            String does,

            @Schema(
                    allowableValues = {
                        "pending",
                        "running",
                        "retrying",
                        "succeeded",
                        "failed",
                        "indeterminate",
                        "stopped",
                        "skipped"
                    })
            String state,

            @Schema(description = "that were begun") int attempts,
            int maxAttempts,
            int timeoutSeconds,

            @Schema(description = "the run goes on although it fails")
            boolean onward,

            @Schema(description = "when its newest attempt began") @Nullable Instant since,

            @Nullable Instant endedAt,
            String output,

            @Schema(description = "why it has not ended, as of now", example = "2 of 3 have not ended") @Nullable String waits,

            @Schema(description = "when its time is over, or its next attempt begins") @Nullable Instant until,

            @Schema(description = "of a command: the first 100 commands that it gave") @Nullable List<String> commands,

            @Schema(description = "of a runbook: the run of it") @Nullable String run) {
        static StepView of(RunSteps.Shown is, @Nullable String waits, @Nullable Instant until, List<String> waitsFor) {
            Step step = is.step();
            return new StepView(
                    is.section() == Run.Section.STEPS ? "steps" : "onFailure",
                    step.name(),
                    step.action().wire(),
                    step.action().text(),
                    is.state().wire(),
                    is.attempts(),
                    step.retries() + 1,
                    (int) step.timeout().toSeconds(),
                    step.onward(),
                    is.since(),
                    is.endedAt(),
                    is.output(),
                    waits,
                    until,
                    step.action() instanceof Action.Command && !waitsFor.isEmpty()
                            ? waitsFor.stream().limit(100).toList()
                            : null,
                    step.action() instanceof Action.Sub && !waitsFor.isEmpty() ? waitsFor.getFirst() : null);
        }
    }

    @Schema(name = "RunbookRunLine")
    record LineView(Instant at, String step, String what, String text) {
        static LineView of(Line line) {
            return new LineView(line.at(), line.step(), line.what(), line.text());
        }
    }

    @Schema(name = "RunbookClaimRequest")
    record ClaimRequest(@Nullable String asset) {}

    @Schema(name = "RunbookClaim")
    record Claim(
            String asset,
            @Schema(description = "shown this once") String token) {}

    @Schema(name = "RunbookFigures")
    record FiguresView(
            int days,

            @Schema(description = "minutes that people would have needed for what runbooks did")
            long toilSavedMinutes,

            List<TallyView> runbooks) {}

    @Schema(name = "RunbookTally")
    record TallyView(
            String runbook,
            int runs,
            int succeeded,
            int failed,
            int indeterminate,
            int stopped,
            int refused,
            long toilSavedMinutes,

            @Schema(description = "incidents for which it ran that are closed")
            int incidents,

            @Schema(description = "those of them that closed without a hand of a person")
            int withoutPerson,

            @Schema(description = "id of its newest run, however old")
            String lastRun,

            String lastPhase,
            Instant lastAt) {
        static TallyView of(RunbookStore.Tally is) {
            return new TallyView(
                    is.runbook(),
                    is.runs(),
                    is.succeeded(),
                    is.failed(),
                    is.indeterminate(),
                    is.stopped(),
                    is.refused(),
                    is.toilSeconds() / 60,
                    is.incidents(),
                    is.withoutPerson(),
                    is.last(),
                    is.lastPhase(),
                    is.lastAt());
        }
    }

    @GetMapping("/runbooks")
    @Requires(verb = Verb.READ, kind = Kind.RUNBOOK)
    @Operation(operationId = "listRunbooks", summary = "Lists the runbooks")
    Page<DeclaredObject> list(PageRequest page) {
        return Page.of(store.page(page.after(), page.fetch()), page, Stored::name)
                .map(RunbookResource::view);
    }

    @GetMapping("/runbooks/figures")
    @Requires(verb = Verb.READ, kind = Kind.RUNBOOK)
    @Operation(operationId = "getRunbookFigures", summary = "How runs went, and the toil that they saved")
    FiguresView figures(@Parameter(description = "1 to 366") @RequestParam(defaultValue = "30") int days) {
        if (days < 1 || days > MAX_DAYS) {
            throw new Refusal(ErrorCode.INVALID, "days is " + days + "; allowed is 1 to " + MAX_DAYS);
        }
        List<TallyView> all = runs.tally(days).stream().map(TallyView::of).toList();
        return new FiguresView(
                days, all.stream().mapToLong(TallyView::toilSavedMinutes).sum(), all);
    }

    @PostMapping("/runbooks/test")
    @Requires(verb = Verb.READ, kind = Kind.RUNBOOK)
    @Operation(
            operationId = "testRunbook",
            summary = "Holds a runbook that is not stored against its own test cases; touches no asset")
    TestView test(@RequestBody Draft draft) {
        String name = draft.name() == null ? "unnamed" : draft.name();
        JsonNode spec = draft.spec() == null ? JsonNodeFactory.instance.objectNode() : draft.spec();
        List<CaseView> cases =
                runbooks.test(name, spec).stream().map(CaseView::of).toList();
        int passed = (int) cases.stream().filter(CaseView::passed).count();
        return new TestView(passed, cases.size() - passed, cases);
    }

    @GetMapping("/runbooks/{name}")
    @Requires(verb = Verb.READ, kind = Kind.RUNBOOK)
    @Operation(operationId = "getRunbook", summary = "Shows a runbook")
    DeclaredObject get(@PathVariable String name, HttpServletResponse response) {
        Stored stored = runbooks.require(name);
        response.setHeader(HttpHeaders.ETAG, ResourceVersions.tag(stored.resourceVersion()));
        return view(stored);
    }

    @DeleteMapping("/runbooks/{name}")
    @Requires(verb = Verb.WRITE, kind = Kind.RUNBOOK)
    @Operation(operationId = "deleteRunbook", summary = "Deletes a runbook; its runs go on and stay")
    ResponseEntity<Void> delete(
            Actor actor,
            @PathVariable String name,
            @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch) {
        runbooks.delete(actor, name, ResourceVersions.ofIfMatch(ifMatch));
        return ResponseEntity.noContent().build();
    }

    @GetMapping("/runbooks/{name}/revisions")
    @Requires(verb = Verb.READ, kind = Kind.RUNBOOK)
    @Operation(operationId = "listRunbookRevisions", summary = "Lists what a runbook was, the newest first")
    Page<RevisionView> revisions(@PathVariable String name, PageRequest page) {
        Stored stored = runbooks.require(name);
        int below = page.after() == null ? Integer.MAX_VALUE : number(page.after());
        return Page.of(
                        store.revisions(stored.name(), below, page.fetch()),
                        page,
                        revision -> Integer.toString(revision.revision()))
                .map(RevisionView::of);
    }

    private static int number(String key) {
        try {
            return Integer.parseInt(key);
        } catch (NumberFormatException e) {
            throw new Refusal(ErrorCode.INVALID, "continue is not a token of this list; ask again without it");
        }
    }

    @PostMapping("/runbooks/{name}/plan")
    @Requires(verb = Verb.WRITE, kind = Kind.RUNBOOK)
    @Operation(
            operationId = "planRunbook",
            summary = "Says what a run would do to whom if it started now, and what stands against it; does nothing")
    PlanView plan(Actor actor, @PathVariable String name, @RequestBody Start start) {
        return PlanView.of(starts.plan(actor, name, start.cause(actor)));
    }

    @PostMapping("/runbooks/{name}/run")
    @Requires(verb = Verb.WRITE, kind = Kind.RUNBOOK)
    @Operation(operationId = "runRunbook", summary = "Starts a runbook by hand; its guards hold")
    @ApiResponse(responseCode = "201", description = "started")
    ResponseEntity<RunView> run(Actor actor, @PathVariable String name, @RequestBody Start start) {
        Run run = starts.start(actor, name, start.cause(actor));
        return ResponseEntity.created(URI.create("/api/v1/runbook-runs/" + run.id()))
                .body(RunView.of(run));
    }

    @GetMapping("/runbook-runs")
    @Requires(verb = Verb.READ, kind = Kind.RUNBOOK)
    @Operation(
            operationId = "listRunbookRuns",
            summary = "Lists runs of runbooks, the newest first",
            description = "A narrower scope sees those whose targets are all in it; its pages may be short.")
    Page<RunView> runs(
            Actor actor,
            @RequestParam(required = false) @Nullable String runbook,
            @Parameter(description = "those for one incident, such as INC-12") @RequestParam(required = false) @Nullable String incident,
            @Parameter(description = "all, active (not ended), or a phase such as indeterminate")
                    @RequestParam(required = false)
                    @Nullable String state,
            @Parameter(description = "the same as state=active") @RequestParam(defaultValue = "false") boolean active,
            PageRequest page) {
        RunbookStore.Wanted wanted = runs.wanted(runbook, incident, active, state);
        Page<Run> found = Page.of(store.runs(wanted, page.after(), page.fetch()), page, Run::id);
        return new Page<>(
                found.items().stream()
                        .filter(run -> runs.isVisible(actor, run))
                        .map(RunView::of)
                        .toList(),
                found.next());
    }

    @GetMapping("/runbook-runs/{id}")
    @Requires(verb = Verb.READ, kind = Kind.RUNBOOK)
    @Operation(operationId = "getRunbookRun", summary = "Shows a run and what each step of it came to")
    RunView getRun(Actor actor, @PathVariable String id) {
        return whole(runs.requireRun(actor, id));
    }

    private RunView whole(Run run) {
        List<Line> lines = store.lines(run.id());
        List<StepView> steps =
                RunSteps.of(run, lines).stream().map(step -> stepOf(run, step)).toList();
        return RunView.of(run, lines.stream().map(LineView::of).toList(), steps, asks(run));
    }

    /** The step at which it stands says why it waits, looked at now as the run itself will. */
    private StepView stepOf(Run run, RunSteps.Shown shown) {
        Cursor cursor = run.cursor();
        return switch (shown.state()) {
            case RUNNING -> {
                Instant until = cursor.since().plus(shown.step().timeout());
                String waits = cursor.at() == Run.At.UNDER_WAY
                                && hands.look(run, shown.step()) instanceof Progress.Pending(String why)
                        ? why
                        : null;
                yield StepView.of(
                        shown, waits, until.isBefore(run.deadline()) ? until : run.deadline(), cursor.waitsFor());
            }
            case RETRYING -> StepView.of(shown, "waits for its next attempt", cursor.since(), List.of());
            case PENDING, SUCCEEDED, FAILED, INDETERMINATE, STOPPED, SKIPPED ->
                StepView.of(shown, null, null, List.of());
        };
    }

    private static @Nullable String asks(Run run) {
        if (run.phase() == Run.Phase.WAITING) {
            return "second-person";
        }
        if (run.phase() != Run.Phase.RUNNING || run.isThrough() || run.cursor().at() != Run.At.UNDER_WAY) {
            return null;
        }
        if (run.step().action() instanceof Action.Approve) {
            return run.cursor().answer() == null ? "person" : null;
        }
        return run.step().action() instanceof Action.Reenrol ? "claim" : null;
    }

    @PostMapping("/runbook-runs/{id}/stop")
    @Requires(verb = Verb.WRITE, kind = Kind.RUNBOOK)
    @Operation(
            operationId = "stopRunbookRun",
            summary = "Stops a run before its next step; commands that no asset has taken are taken back")
    RunView stop(Actor actor, @PathVariable String id) {
        return whole(runs.stop(actor, id));
    }

    @PostMapping("/runbook-runs/{id}/approve")
    @Requires(verb = Verb.WRITE, kind = Kind.RUNBOOK)
    @Operation(
            operationId = "approveRunbookRun",
            summary = "Lets a run begin that needs a second person, or says that what a step asks a person for is done")
    RunView approve(Actor actor, @PathVariable String id) {
        return whole(runs.approve(actor, id));
    }

    @PostMapping("/runbook-runs/{id}/claim")
    @Requires(verb = Verb.WRITE, kind = Kind.RUNBOOK)
    @Operation(
            operationId = "claimForRunbookRun",
            summary = "Makes the claim token with which a target of the run enrols anew; shown this once")
    Claim claim(Actor actor, @PathVariable String id, @RequestBody ClaimRequest request) {
        String asset = request.asset() == null ? "" : request.asset();
        return new Claim(asset, runs.claim(actor, id, asset));
    }

    private static DeclaredObject view(Stored stored) {
        return new DeclaredObject(
                DeclaredObject.API_VERSION,
                "Runbook",
                Metadata.of(
                        stored.name(), stored.resourceVersion(), stored.created(), stored.updated(), stored.managers()),
                stored.json(),
                new Status(stored.revision(), stored.shippedVersion()));
    }
}

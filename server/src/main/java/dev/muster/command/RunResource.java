package dev.muster.command;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.net.URI;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Command runs over HTTP. */
@RestController
@Tag(name = "commands")
@RequestMapping("/api/v1/command-runs")
class RunResource {
    private final RunService service;

    RunResource(RunService service) {
        this.service = service;
    }

    @Schema(name = "NewCommandRun")
    record NewRun(
            @Schema(description = "one that the type of every selected asset declares; absent with retryOf") @Nullable String name,

            @Schema(description = "which assets, as they are now; absent with retryOf", example = "asset.type == 'pos'")
            @Nullable String selector,

            @Nullable JsonNode parameters,

            @Schema(
                    description = "of each command from when it may go out; its type's own when absent",
                    example = "10m")
            @Nullable String timeout,

            @Schema(description = "commands under way at the same time", defaultValue = "50") @Nullable Integer concurrency,

            @Schema(
                    description = "more than this that did not succeed stop the run: what is queued is cancelled."
                            + " Absent: never")
            @Nullable Integer maxFailures,

            @Schema(description = "that an interruption of service is meant; needed by disruptive commands") @Nullable Boolean confirm,

            @Schema(description = "id of an ended run: the same for the assets whose commands did not succeed")
            @Nullable String retryOf) {}

    @Schema(name = "CommandRun")
    record RunView(
            String id,
            String name,
            @Nullable String selector,
            @Nullable String retryOf,
            JsonNode parameters,
            int concurrency,
            @Nullable Integer maxFailures,

            @Schema(allowableValues = {"running", "stopping", "ended"})
            String state,

            @Schema(description = "why it did not go on to its end") @Nullable String stopped,

            int assets,

            @Schema(description = "assets of the selection that are retired or quarantined")
            int skipped,

            @Schema(description = "how many of its commands have which status")
            Map<String, Integer> commands,

            @Schema(description = "those that succeeded after their deadline")
            int late,

            Instant createdAt,
            String createdBy,

            @Schema(description = "what is still queued then is cancelled")
            Instant deadline,

            @Nullable Instant endedAt) {
        static RunView of(RunService.Counted counted) {
            Run run = counted.run();
            Map<String, Integer> commands = new TreeMap<>();
            counted.tally().counts().forEach((status, count) -> commands.put(status.wire(), count));
            return new RunView(
                    run.id(),
                    run.name(),
                    run.selector(),
                    run.retryOf(),
                    run.parameters(),
                    run.concurrency(),
                    run.maxFailures(),
                    run.state().wire(),
                    run.stopped(),
                    run.assets(),
                    run.skipped(),
                    commands,
                    counted.tally().late(),
                    run.createdAt(),
                    run.createdBy(),
                    run.deadline(),
                    run.endedAt());
        }
    }

    @PostMapping
    @Requires(verb = Verb.WRITE, kind = Kind.COMMAND)
    @Operation(
            operationId = "createCommandRun",
            summary = "Gives a command to every asset that a selector selects now, so many at a time",
            description =
                    "Either all of them get it or none: one type that does not know the command, or parameters that do"
                            + " not fit one type, refuse the whole. With dryRun nothing is given; the answer says what would be.")
    @ApiResponse(
            responseCode = "201",
            description = "started",
            content = @Content(schema = @Schema(implementation = RunView.class)))
    @ApiResponse(
            responseCode = "200",
            description = "what would be done",
            content = @Content(schema = @Schema(implementation = Plan.class)))
    ResponseEntity<Object> create(
            Actor actor,
            @RequestBody NewRun wanted,
            @RequestParam(defaultValue = "false") boolean dryRun,
            @Parameter(description = "the trace that the commands belong to; a new one when absent")
                    @RequestHeader(name = "traceparent", required = false)
                    @Nullable String traceparent) {
        RunService.Wanted run = new RunService.Wanted(
                wanted.name(),
                wanted.selector(),
                wanted.parameters(),
                CommandRules.timeout(wanted.timeout()),
                Objects.requireNonNullElse(wanted.concurrency(), RunService.DEFAULT_CONCURRENCY),
                wanted.maxFailures(),
                Boolean.TRUE.equals(wanted.confirm()),
                wanted.retryOf(),
                traceparent);
        if (dryRun) {
            return ResponseEntity.ok(service.plan(actor, run));
        }
        RunService.Counted started = service.start(actor, run);
        return ResponseEntity.created(
                        URI.create("/api/v1/command-runs/" + started.run().id()))
                .body(RunView.of(started));
    }

    @GetMapping
    @Requires(verb = Verb.READ, kind = Kind.COMMAND)
    @Operation(
            operationId = "listCommandRuns",
            summary = "Lists command runs, newest first",
            description = "A token with a narrower scope sees those that were started in exactly its scope.")
    Page<RunView> list(Actor actor, @RequestParam(defaultValue = "false") boolean active, PageRequest page) {
        return service.list(actor, active, page).map(RunView::of);
    }

    @GetMapping("/{id}")
    @Requires(verb = Verb.READ, kind = Kind.COMMAND)
    @Operation(operationId = "getCommandRun", summary = "Shows a command run and how far it is")
    RunView get(Actor actor, @PathVariable String id) {
        return RunView.of(service.get(actor, id));
    }

    @PostMapping("/{id}/cancel")
    @Requires(verb = Verb.WRITE, kind = Kind.COMMAND)
    @Operation(
            operationId = "cancelCommandRun",
            summary = "Stops a run: what is queued is cancelled, what is under way goes on; again is no error")
    RunView cancel(Actor actor, @PathVariable String id) {
        return RunView.of(service.cancel(actor, id));
    }
}

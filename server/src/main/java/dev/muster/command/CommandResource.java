package dev.muster.command;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import dev.muster.protocol.AssetId;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
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

/** Commands to single assets over HTTP, and the success rate of all. */
@RestController
@Tag(name = "commands")
@RequestMapping("/api/v1/commands")
class CommandResource {
    private static final Duration MAX_SPAN = Duration.ofDays(31);

    private final CommandService service;
    private final SuccessRates rates;
    private final Clock clock;

    CommandResource(CommandService service, SuccessRates rates, Clock clock) {
        this.service = service;
        this.rates = rates;
        this.clock = clock;
    }

    @Schema(name = "NewCommand")
    record NewCommand(
            @Schema(description = "absent with retryOf", example = "pos-1") @Nullable String asset,

            @Schema(description = "one that the asset's type declares; absent with retryOf", example = "show-message")
            @Nullable String name,

            @Schema(description = "as the type declares; what is left out gets the type's defaults") @Nullable JsonNode parameters,

            @Schema(description = "from now to the deadline, 1s to 7d; the type's own when absent", example = "10m")
            @Nullable String timeout,

            @Schema(description = "that an interruption of service is meant; needed by disruptive commands") @Nullable Boolean confirm,

            @Schema(description = "id of a command that did not succeed: the same once more, as its next attempt")
            @Nullable String retryOf) {}

    @PostMapping
    @Requires(verb = Verb.WRITE, kind = Kind.COMMAND)
    @Operation(
            operationId = "createCommand",
            summary = "Gives a command to an asset",
            description =
                    "It goes out at once when the asset is connected, else in its next session, until the deadline."
                            + " With dryRun nothing is given; the answer says what would be.")
    @ApiResponse(
            responseCode = "201",
            description = "given",
            content = @Content(schema = @Schema(implementation = CommandView.class)))
    @ApiResponse(
            responseCode = "200",
            description = "what would be done",
            content = @Content(schema = @Schema(implementation = Plan.class)))
    ResponseEntity<Object> create(
            Actor actor,
            @RequestBody NewCommand wanted,
            @RequestParam(defaultValue = "false") boolean dryRun,
            @Parameter(description = "the trace that the command belongs to; a new one when absent")
                    @RequestHeader(name = "traceparent", required = false)
                    @Nullable String traceparent) {
        CommandService.Wanted command = new CommandService.Wanted(
                wanted.asset(),
                wanted.name(),
                wanted.parameters(),
                CommandRules.timeout(wanted.timeout()),
                Boolean.TRUE.equals(wanted.confirm()),
                wanted.retryOf(),
                traceparent);
        if (dryRun) {
            return ResponseEntity.ok(service.plan(actor, command));
        }
        Command given = service.give(actor, command);
        return ResponseEntity.created(URI.create("/api/v1/commands/" + given.id()))
                .body(CommandView.of(given));
    }

    @GetMapping
    @Requires(verb = Verb.READ, kind = Kind.COMMAND)
    @Operation(
            operationId = "listCommands",
            summary = "Lists commands, newest first",
            description = "A page of a token with a narrower scope may be short while \"continue\" still leads on.")
    Page<CommandView> list(
            Actor actor,
            @RequestParam(required = false) @Nullable String asset,
            @Parameter(description = "one or more, separated by commas", example = "pending,accepted,running")
                    @RequestParam(required = false)
                    @Nullable String status,
            @Parameter(description = "id of a run") @RequestParam(required = false) @Nullable String run,
            @RequestParam(required = false) @Nullable String name,
            PageRequest page) {
        AssetId of = asset == null || asset.isEmpty()
                ? null
                : AssetId.parse(asset).orElseThrow(() -> new Refusal(ErrorCode.INVALID, "asset is not an asset id"));
        return service.list(actor, new CommandStore.Filter(of, statuses(status), orNull(run), orNull(name)), page)
                .map(CommandView::of);
    }

    @GetMapping("/{id}")
    @Requires(verb = Verb.READ, kind = Kind.COMMAND)
    @Operation(operationId = "getCommand", summary = "Shows a command and what happened to it")
    CommandView get(Actor actor, @PathVariable String id) {
        Command command = service.require(actor, id);
        return CommandView.withHistory(command, service.history(command));
    }

    @PostMapping("/{id}/cancel")
    @Requires(verb = Verb.WRITE, kind = Kind.COMMAND)
    @Operation(
            operationId = "cancelCommand",
            summary = "Takes back a command that the asset has not taken; again is no error",
            description = "A session that already has it cannot be told; if the asset does it anyway, its word counts.")
    CommandView cancel(Actor actor, @PathVariable String id) {
        return CommandView.of(service.cancel(actor, id));
    }

    @Schema(name = "CommandCounts")
    record CountsView(
            @Schema(description = "done in time, of those whose end is known; 0 to 1, absent when there are none")
            @Nullable Double rate,

            @Schema(description = "those that could go out") int given,

            @Schema(description = "not settled yet, no part of the rate")
            int open,

            @Schema(description = "cancelled before any session had them, no part of the rate")
            int withdrawn,

            @Schema(description = "done in time") int succeeded,

            @Schema(description = "done, and said so after the deadline")
            int late,

            int failed,
            int rejected,
            int expired,
            int indeterminate,

            @Schema(description = "taken back after a session had them")
            int cancelled,

            @Schema(description = "those of the expired ones that no session ever had: the asset was away")
            int undelivered) {
        static CountsView of(SuccessRates.Counts counts) {
            return new CountsView(
                    counts.rate(),
                    counts.given(),
                    counts.open(),
                    counts.withdrawn(),
                    counts.succeeded(),
                    counts.late(),
                    counts.failed(),
                    counts.rejected(),
                    counts.expired(),
                    counts.indeterminate(),
                    counts.cancelled(),
                    counts.undelivered());
        }
    }

    /** @param firstAttempt without retries; all: every attempt by itself, retries too */
    @Schema(name = "CommandRate")
    record RateView(@Nullable Instant hour, CountsView firstAttempt, CountsView all) {}

    @Schema(name = "CommandSuccess")
    record SuccessView(Instant from, Instant to, RateView total, List<RateView> hours) {}

    @GetMapping("/success-rate")
    @Requires(verb = Verb.READ, kind = Kind.COMMAND)
    @Operation(
            operationId = "getCommandSuccessRate",
            summary = "How many commands were done, of those that were given, by hour",
            description =
                    "A command counts in the hour in which it could first go out. Every attempt counts by itself, so"
                            + " a retry never hides a failure. Done after the deadline, expired and indeterminate are not successful.")
    SuccessView successRate(
            Actor actor,
            @Parameter(description = "inclusive; a day ago when absent") @RequestParam(required = false) @Nullable Instant from,
            @Parameter(description = "exclusive; now when absent") @RequestParam(required = false) @Nullable Instant to,
            @RequestParam(required = false) @Nullable String selector) {
        Instant end = Objects.requireNonNullElseGet(to, clock::instant);
        Instant begin = Objects.requireNonNullElseGet(from, () -> end.minus(Duration.ofDays(1)));
        if (!begin.isBefore(end) || Duration.between(begin, end).compareTo(MAX_SPAN) > 0) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "from is " + begin + " and to is " + end + "; from must be before to, by at most "
                            + MAX_SPAN.toDays() + " days");
        }
        List<SuccessRates.Hour> hours = rates.hours(actor, begin, end, selector);
        SuccessRates.Counts first = SuccessRates.Counts.NONE;
        SuccessRates.Counts all = SuccessRates.Counts.NONE;
        for (SuccessRates.Hour hour : hours) {
            first = first.plus(hour.first());
            all = all.plus(hour.all());
        }
        return new SuccessView(
                begin,
                end,
                new RateView(null, CountsView.of(first), CountsView.of(all)),
                hours.stream()
                        .map(hour -> new RateView(hour.from(), CountsView.of(hour.first()), CountsView.of(hour.all())))
                        .toList());
    }

    private static @Nullable Set<Status> statuses(@Nullable String text) {
        if (text == null || text.isBlank()) {
            return null;
        }
        Set<Status> statuses = EnumSet.noneOf(Status.class);
        Arrays.stream(text.split(","))
                .map(String::strip)
                .forEach(each -> statuses.add(Status.ofWire(each)
                        .orElseThrow(() -> new Refusal(
                                ErrorCode.INVALID,
                                "status is not one or more, separated by commas, of " + Status.known()))));
        return statuses;
    }

    private static @Nullable String orNull(@Nullable String text) {
        return text == null || text.isEmpty() ? null : text;
    }
}

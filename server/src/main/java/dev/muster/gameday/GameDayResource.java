package dev.muster.gameday;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.muster.gameday.GameDayService.GameDay;
import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import dev.muster.registry.document.Durations;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Game days over HTTP. */
@RestController
@Tag(name = "gamedays")
@RequestMapping("/api/v1/gamedays")
class GameDayResource {
    /** Each is shown with its report. */
    private static final int MAX_SHOWN = 50;

    private final GameDayService service;

    GameDayResource(GameDayService service) {
        this.service = service;
    }

    @Schema(name = "NewGameDay")
    record NewGameDay(@Nullable String name, @Nullable List<WantedFault> faults) {}

    @Schema(name = "GameDayFaultWanted")
    record WantedFault(
            @Schema(allowableValues = {"offline", "cut", "drift", "skew", "fill", "lapse", "rollout"}) @Nullable String kind,

            @Schema(description = "whom it hits; of a rollout its own") @Nullable String selector,

            @Schema(description = "of a skew", example = "3h") @Nullable String by,

            @Schema(description = "of kind rollout: which one") @Nullable String rollout,

            @Schema(description = "from the start", example = "30s") @Nullable String after,

            @Schema(name = "for", description = "to its end without it", example = "5m")
            @com.fasterxml.jackson.annotation.JsonProperty("for")
            @Nullable String lasts) {
        Fault fault() {
            return new Fault(
                    kind == null ? "" : kind,
                    selector,
                    by,
                    rollout,
                    seconds("after", after),
                    seconds("for", lasts),
                    List.of());
        }

        private static long seconds(String field, @Nullable String text) {
            if (text == null) {
                return 0;
            }
            Duration parsed = Durations.parse(text);
            if (parsed == null || parsed.compareTo(Duration.ofDays(1)) > 0) {
                throw new Refusal(ErrorCode.INVALID, field + " must be a time such as 30s or 5m, at most 24h");
            }
            return parsed.toSeconds();
        }
    }

    @Schema(name = "GameDay")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record GameDayView(
            String id,
            String name,
            List<FaultView> faults,
            Instant startedAt,
            String startedBy,
            @Nullable Instant endedAt,
            ReportView report) {}

    @Schema(name = "GameDayFault")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record FaultView(
            String kind,
            @Nullable String rollout,
            long afterSeconds,
            @Schema(description = "0 to the end") long forSeconds,
            List<String> assets,

            @Schema(description = "lines for the control of the simulator that begin it")
            List<String> lines,

            @Schema(description = "the same that end it") List<String> undo) {}

    @Schema(name = "GameDayReport")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ReportView(
            int incidents,
            int open,
            int withoutPerson,
            @Nullable Long secondsToDetect,
            @Nullable Long secondsToNotify,
            @Nullable Long secondsToRecover,
            @Schema(description = "Markdown") String text) {}

    @PostMapping
    @Requires(verb = Verb.WRITE, kind = Kind.RUNBOOK)
    @Operation(
            operationId = "startGameDay",
            summary =
                    "Begins a game day: says which lines inject its faults; refuses assets that are neither simulated nor marked")
    @ApiResponse(responseCode = "201", description = "begun")
    ResponseEntity<GameDayView> start(Actor actor, @RequestBody NewGameDay wanted) {
        List<Fault> faults = wanted.faults() == null
                ? List.of()
                : wanted.faults().stream().map(WantedFault::fault).toList();
        GameDay begun = service.start(actor, wanted.name() == null ? "" : wanted.name(), faults);
        return ResponseEntity.created(URI.create("/api/v1/gamedays/" + begun.id()))
                .body(view(begun));
    }

    @GetMapping
    @Requires(verb = Verb.READ, kind = Kind.RUNBOOK)
    @Operation(
            operationId = "listGameDays",
            summary = "Lists game days with what was detected and told, the newest first",
            description = "Needs the whole scope: a game day names the assets that it hit.")
    Page<GameDayView> list(Actor actor, PageRequest page) {
        if (!actor.scope().isAll()) {
            throw new Refusal(
                    ErrorCode.FORBIDDEN, "game days name every asset that they hit; ask with the whole scope");
        }
        PageRequest few = new PageRequest(Math.min(page.limit(), MAX_SHOWN), page.token());
        return Page.of(service.page(few.after(), few.fetch()), few, GameDay::id).map(this::view);
    }

    @GetMapping("/{id}")
    @Requires(verb = Verb.WRITE, kind = Kind.RUNBOOK)
    @Operation(operationId = "getGameDay", summary = "Shows a game day and how it goes, or went")
    GameDayView get(@PathVariable String id) {
        return view(service.require(id));
    }

    @PostMapping("/{id}/end")
    @Requires(verb = Verb.WRITE, kind = Kind.RUNBOOK)
    @Operation(operationId = "endGameDay", summary = "Ends a game day; again changes nothing")
    GameDayView end(Actor actor, @PathVariable String id) {
        return view(service.end(actor, id));
    }

    private GameDayView view(GameDay is) {
        GameDayReport report = service.report(is);
        return new GameDayView(
                is.id(),
                is.name(),
                is.faults().stream()
                        .map(fault -> new FaultView(
                                fault.kind(),
                                fault.rollout(),
                                fault.afterSeconds(),
                                fault.forSeconds(),
                                fault.assets(),
                                fault.lines(),
                                fault.undo()))
                        .toList(),
                is.startedAt(),
                is.startedBy(),
                is.endedAt(),
                new ReportView(
                        report.incidents(),
                        report.open(),
                        report.withoutPerson(),
                        report.secondsToDetect(),
                        report.secondsToNotify(),
                        report.secondsToRecover(),
                        report.text()));
    }
}

package dev.muster.alert.incident;

import dev.muster.alert.incident.IncidentView.ActionView;
import dev.muster.alert.incident.IncidentView.AlertView;
import dev.muster.alert.incident.IncidentView.EntryView;
import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Incidents over HTTP. */
@RestController
@Tag(name = "incidents")
@RequestMapping("/api/v1/incidents")
class IncidentResource {
    private static final int MAX_COUNTED = 10_000;
    private static final int MAX_DAYS = 366;

    private final IncidentService service;
    private final IncidentStore store;

    IncidentResource(IncidentService service, IncidentStore store) {
        this.service = service;
        this.store = store;
    }

    @Schema(name = "NewIncident")
    record NewIncident(
            @Nullable String title,

            @Schema(
                    allowableValues = {"critical", "major", "minor"},
                    defaultValue = "major")
            @Nullable String severity,

            @Nullable String owner,

            @Schema(description = "the assets that it is about", example = "asset.site == 'hamburg'") @Nullable String selector) {}

    @Schema(name = "IncidentAct")
    record Act(
            @Schema(description = "stands in the timeline and in the audit trail") @Nullable String reason,

            @Schema(description = "resolve only: although alerts of it still fire", defaultValue = "false") @Nullable Boolean force) {
        String why() {
            return reason == null ? "" : reason.strip();
        }
    }

    @Schema(name = "IncidentAssignment")
    record Assignment(
            @Schema(description = "empty for nobody, absent to leave it") @Nullable String owner,

            @Nullable String severity) {}

    @Schema(name = "IncidentNote")
    record Note(@Nullable String text) {}

    @Schema(name = "NewIncidentAction")
    record NewAction(
            @Nullable String text,
            @Nullable String owner,
            @Schema(example = "2026-12-24") @Nullable String due) {}

    @GetMapping
    @Requires(verb = Verb.READ, kind = Kind.INCIDENT)
    @Operation(
            operationId = "listIncidents",
            summary = "Lists incidents, the newest first",
            description = "A narrower scope sees those that are about one of its assets; its pages may be short.")
    Page<IncidentView> list(
            Actor actor,
            @Parameter(description = "open (not resolved), resolved or all") @RequestParam(defaultValue = "all")
                    String state,
            PageRequest page) {
        Boolean open = switch (state) {
            case "all" -> null;
            case "open" -> true;
            case "resolved" -> false;
            default -> throw new Refusal(ErrorCode.INVALID, "state is not open, resolved or all");
        };
        return service.list(actor, open, page).map(IncidentView::of);
    }

    @PostMapping
    @Requires(verb = Verb.WRITE, kind = Kind.INCIDENT)
    @Operation(operationId = "openIncident", summary = "Opens an incident by hand")
    @ApiResponse(responseCode = "201", description = "opened")
    ResponseEntity<IncidentView> open(Actor actor, @RequestBody NewIncident wanted) {
        Incident opened = service.open(
                actor,
                wanted.title() == null ? "" : wanted.title(),
                severity(wanted.severity()).orElse(Severity.MAJOR),
                wanted.owner() == null ? "" : wanted.owner(),
                wanted.selector());
        return ResponseEntity.created(URI.create("/api/v1/incidents/" + opened.name()))
                .body(IncidentView.of(opened));
    }

    @GetMapping("/figures")
    @Requires(verb = Verb.READ, kind = Kind.INCIDENT)
    @Operation(
            operationId = "getIncidentFigures",
            summary = "Mean times to detect, mitigate and close, and how many closed without a person, for each class",
            description = "Of all incidents that were closed within the days, whatever the scope: it names no asset.")
    Figures figures(@Parameter(description = "1 to 366") @RequestParam(defaultValue = "30") int days) {
        if (days < 1 || days > MAX_DAYS) {
            throw new Refusal(ErrorCode.INVALID, "days is " + days + "; allowed is 1 to " + MAX_DAYS);
        }
        Instant now = service.now();
        return Figures.of(
                store.countOpen(),
                store.resolvedBetween(now.minus(Duration.ofDays(days)), now.plusMillis(1), MAX_COUNTED));
    }

    @GetMapping("/{name}")
    @Requires(verb = Verb.READ, kind = Kind.INCIDENT)
    @Operation(operationId = "getIncident", summary = "Shows an incident with its alerts, timeline and actions")
    IncidentView get(Actor actor, @PathVariable String name) {
        return whole(service.require(actor, name));
    }

    private IncidentView whole(Incident is) {
        return IncidentView.of(
                is,
                store.alerts(is.number()).stream().map(AlertView::of).toList(),
                store.entries(is.number(), 0, IncidentView.SHOWN).stream()
                        .map(EntryView::of)
                        .toList(),
                store.actions(is.number()).stream().map(ActionView::of).toList());
    }

    @GetMapping("/{name}/postmortem")
    @Requires(verb = Verb.READ, kind = Kind.INCIDENT)
    @Operation(
            operationId = "getPostmortem",
            summary = "Writes the postmortem of an incident from its timeline, as Markdown in \"text\"")
    PostmortemView postmortem(Actor actor, @PathVariable String name) {
        Incident is = service.require(actor, name);
        return shown(is, store.written(is.number()));
    }

    private PostmortemView shown(Incident is, IncidentStore.Written written) {
        List<Entry> entries = store.entries(is.number(), 0, IncidentStore.MAX_ENTRIES);
        return new PostmortemView(
                is.name(),
                Postmortem.of(is, store.alerts(is.number()), entries, store.actions(is.number()), written.sections()),
                written.sections(),
                written.version(),
                written.updated(),
                written.by());
    }

    @Schema(name = "Postmortem")
    @com.fasterxml.jackson.annotation.JsonInclude(com.fasterxml.jackson.annotation.JsonInclude.Include.NON_NULL)
    record PostmortemView(
            String incident,
            @Schema(description = "Markdown, all of it") String text,

            @Schema(
                    description =
                            "what people wrote, as Markdown: summary, impact, cause, wentWell, wentBadly, lessons")
            Map<String, String> sections,

            @Schema(description = "to be given back when it is written; 0 before anybody did")
            int version,

            @Nullable Instant updated,
            @Schema(description = "empty when nobody") String updatedBy) {}

    @Schema(name = "PostmortemWriting")
    record Writing(
            @Schema(description = "the version that was read", requiredMode = Schema.RequiredMode.REQUIRED) @Nullable Integer version,

            @Schema(description = "sections to be replaced; the others stay, an empty one goes") @Nullable Map<String, String> sections) {}

    @PutMapping("/{name}/postmortem")
    @Requires(verb = Verb.WRITE, kind = Kind.INCIDENT)
    @Operation(
            operationId = "writePostmortem",
            summary = "Writes sections of the postmortem; the timeline stays what the server wrote",
            description = "409 when somebody else wrote since the version that was read.")
    PostmortemView write(Actor actor, @PathVariable String name, @RequestBody Writing given) {
        if (given.version() == null) {
            throw new Refusal(ErrorCode.INVALID, "version is missing: that of the postmortem as it was read");
        }
        IncidentStore.Written written =
                service.write(actor, name, given.version(), given.sections() == null ? Map.of() : given.sections());
        return shown(service.require(actor, name), written);
    }

    @PostMapping("/{name}/acknowledge")
    @Requires(verb = Verb.WRITE, kind = Kind.INCIDENT)
    @Operation(
            operationId = "acknowledgeIncident",
            summary = "Says that somebody looks after it; again changes nothing")
    IncidentView acknowledge(Actor actor, @PathVariable String name) {
        return IncidentView.of(service.act(
                actor, name, "acknowledge", is -> IncidentEngine.acknowledged(is, Who.of(actor), service.now())));
    }

    @PostMapping("/{name}/mitigate")
    @Requires(verb = Verb.WRITE, kind = Kind.INCIDENT)
    @Operation(operationId = "mitigateIncident", summary = "Says that users feel it no more")
    IncidentView mitigate(Actor actor, @PathVariable String name, @RequestBody(required = false) @Nullable Act given) {
        String why = why(given);
        return IncidentView.of(service.act(
                actor, name, "mitigate", is -> IncidentEngine.mitigated(is, Who.of(actor), why, service.now())));
    }

    @PostMapping("/{name}/resolve")
    @Requires(verb = Verb.WRITE, kind = Kind.INCIDENT)
    @Operation(operationId = "resolveIncident", summary = "Closes an incident; while alerts of it fire only with force")
    IncidentView resolve(Actor actor, @PathVariable String name, @RequestBody(required = false) @Nullable Act given) {
        String why = why(given);
        boolean force = given != null && Boolean.TRUE.equals(given.force());
        return IncidentView.of(service.act(
                actor,
                name,
                "resolve",
                is -> IncidentEngine.resolved(is, Who.of(actor), why, service.firing(is), force, service.now())));
    }

    @PostMapping("/{name}/reopen")
    @Requires(verb = Verb.WRITE, kind = Kind.INCIDENT)
    @Operation(operationId = "reopenIncident", summary = "Opens a resolved incident again; its time to close goes on")
    IncidentView reopen(Actor actor, @PathVariable String name, @RequestBody(required = false) @Nullable Act given) {
        String why = why(given);
        return IncidentView.of(service.act(
                actor, name, "reopen", is -> IncidentEngine.reopened(is, Who.of(actor), why, service.now())));
    }

    @PostMapping("/{name}/assign")
    @Requires(verb = Verb.WRITE, kind = Kind.INCIDENT)
    @Operation(operationId = "assignIncident", summary = "Gives an incident another owner, or another severity")
    IncidentView assign(Actor actor, @PathVariable String name, @RequestBody Assignment given) {
        Optional<Severity> severity = severity(given.severity());
        String owner = given.owner();
        if (owner != null) {
            IncidentService.requireText("owner", owner, IncidentService.MAX_TITLE, false);
        }
        return IncidentView.of(service.act(
                actor,
                name,
                "assign",
                is -> IncidentEngine.assigned(
                        is,
                        Who.of(actor),
                        Objects.requireNonNullElse(owner, is.owner()),
                        severity.orElse(is.severity()),
                        service.now())));
    }

    @PostMapping("/{name}/notes")
    @Requires(verb = Verb.WRITE, kind = Kind.INCIDENT)
    @Operation(operationId = "noteIncident", summary = "Writes a line into the timeline")
    IncidentView note(Actor actor, @PathVariable String name, @RequestBody Note given) {
        service.note(actor, name, given.text() == null ? "" : given.text());
        return whole(service.require(actor, name));
    }

    @PostMapping("/{name}/actions")
    @Requires(verb = Verb.WRITE, kind = Kind.INCIDENT)
    @Operation(operationId = "addIncidentAction", summary = "Adds what is to be done so that it does not come back")
    @ApiResponse(responseCode = "200", description = "the action")
    ActionView addAction(Actor actor, @PathVariable String name, @RequestBody NewAction given) {
        return ActionView.of(service.addAction(
                actor,
                name,
                given.text() == null ? "" : given.text(),
                given.owner() == null ? "" : given.owner(),
                date(given.due())));
    }

    @PostMapping("/{name}/actions/{action}/done")
    @Requires(verb = Verb.WRITE, kind = Kind.INCIDENT)
    @Operation(operationId = "endIncidentAction", summary = "Says that an action is done; again changes nothing")
    ActionView done(Actor actor, @PathVariable String name, @PathVariable int action) {
        return ActionView.of(service.actionDone(actor, name, action));
    }

    private static String why(@Nullable Act given) {
        String why = given == null ? "" : given.why();
        IncidentService.requireText("reason", why, IncidentService.MAX_REASON, false);
        return why;
    }

    private static LocalDate date(@Nullable String text) {
        try {
            return LocalDate.parse(text == null ? "" : text);
        } catch (DateTimeException unreadable) {
            throw new Refusal(ErrorCode.INVALID, "due must be a day such as 2026-12-24");
        }
    }

    private static Optional<Severity> severity(@Nullable String text) {
        if (text == null) {
            return Optional.empty();
        }
        return Optional.of(Severity.parse(text)
                .orElseThrow(() -> new Refusal(ErrorCode.INVALID, "severity is not critical, major or minor")));
    }
}

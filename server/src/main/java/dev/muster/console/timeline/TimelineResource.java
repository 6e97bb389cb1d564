package dev.muster.console.timeline;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.muster.console.timeline.TimelineStore.Concerning;
import dev.muster.console.timeline.TimelineStore.Window;
import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Permissions;
import dev.muster.identity.Requires;
import dev.muster.identity.Scope;
import dev.muster.identity.Verb;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.registry.Asset;
import dev.muster.registry.asset.AssetDirectory;
import dev.muster.registry.asset.Visibility;
import dev.muster.telemetry.query.Times;
import dev.muster.telemetry.store.TelemetryStore;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** {@code GET /api/v1/assets/{id}/timeline}. */
@RestController
@Tag(name = "console")
class TimelineResource {
    static final int DEFAULT_LIMIT = 200;
    static final int MAX_LIMIT = 1_000;
    private static final Duration DEFAULT_SPAN = Duration.ofHours(24);
    /** Incidents that are looked at; an asset is in few of them. */
    private static final int MAX_INCIDENTS = 500;

    private final TimelineStore store;
    private final TelemetryStore telemetry;
    private final AssetDirectory assets;
    private final Visibility visibility;
    private final Clock clock;

    TimelineResource(
            TimelineStore store, TelemetryStore telemetry, AssetDirectory assets, Visibility visibility, Clock clock) {
        this.store = store;
        this.telemetry = telemetry;
        this.assets = assets;
        this.visibility = visibility;
        this.clock = clock;
    }

    /**
     * @param from inclusive
     * @param to exclusive
     * @param now by the server's clock
     * @param entries newest first
     */
    @Schema(name = "AssetTimeline")
    record Timeline(
            String asset, Instant from, Instant to, Instant now, List<LaneView> lanes, List<Happening> entries) {}

    @Schema(name = "TimelineLane")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record LaneView(
            @Schema(example = "commands") String lane,

            @Schema(description = "how many entries it has in this answer")
            int count,

            @Schema(description = "false: there are older ones in the span than are listed")
            boolean complete,

            @Schema(description = "why the caller does not see it; absent when it does") @Nullable String withheld) {}

    @GetMapping("/api/v1/assets/{id}/timeline")
    @Requires(verb = Verb.READ, kind = Kind.ASSET)
    @Operation(
            operationId = "assetTimeline",
            summary = "What happened to one asset in a span of time, newest first",
            description =
                    "Presence, restarts, commands, rollouts, desired state and drift, alerts, incidents, certificates, what the"
                            + " asset said, files and changes of its record: what touches the span, each lane by itself up to the limit, the"
                            + " newest. Of the last 24 h without from. A lane that the caller may not read is left out and says so.")
    Timeline timeline(
            Actor actor,
            @PathVariable String id,
            @RequestParam(required = false) @Nullable String from,
            @RequestParam(required = false) @Nullable String to,
            @Parameter(description = "entries of each lane", example = "200") @RequestParam(required = false) @Nullable Integer limit,
            @Parameter(description = "only these, by comma", example = "presence,commands")
                    @RequestParam(required = false)
                    @Nullable String lanes) {
        Asset asset = assets.requireVisible(actor, id);
        Instant now = clock.instant();
        Times times = Times.of(from, to, now.minus(DEFAULT_SPAN).toEpochMilli(), now.toEpochMilli() + 1);
        Window window = new Window(
                asset.id(),
                Instant.ofEpochMilli(times.from()),
                Instant.ofEpochMilli(times.to()),
                limit == null ? DEFAULT_LIMIT : bounded(limit));
        List<LaneView> shown = new ArrayList<>();
        List<Happening> entries = new ArrayList<>();
        for (Lane lane : wanted(lanes)) {
            String refusal = Permissions.refusal(actor, Verb.READ, lane.kind()).orElse(null);
            Found found = refusal == null ? find(lane, asset, window) : new Found(List.of(), true);
            shown.add(new LaneView(lane.wire(), found.entries().size(), found.complete(), refusal));
            entries.addAll(found.entries());
        }
        entries.sort(Happening.NEWEST_FIRST);
        return new Timeline(asset.id().value(), window.from(), window.to(), now, shown, entries);
    }

    private Found find(Lane lane, Asset asset, Window window) {
        return switch (lane) {
            case PRESENCE -> store.presence(window);
            case RESTARTS -> store.restarts(window);
            case COMMANDS -> store.commands(window);
            case ROLLOUTS -> store.rollouts(window);
            case CONFIGURATION -> store.configuration(window);
            case ALERTS -> store.alerts(window);
            case INCIDENTS -> incidents(asset, window);
            case CERTIFICATES -> store.certificates(window);
            case EVENTS -> said(asset, window);
            case FILES -> store.files(window);
            case RECORD -> store.record(window);
        };
    }

    /** Those with an alert about the asset, and those whose selectors select it. */
    private Found incidents(Asset asset, Window window) {
        List<Concerning> found = store.incidents(window, MAX_INCIDENTS);
        List<Happening> own = found.stream()
                .filter(each -> each.of() || each.about().stream().anyMatch(about -> selects(about, asset)))
                .map(Concerning::entry)
                .limit(window.limit() + 1L)
                .toList();
        Found some = Found.upTo(window.limit(), own);
        return found.size() < MAX_INCIDENTS ? some : new Found(some.entries(), false);
    }

    private boolean selects(String about, Asset asset) {
        try {
            return !about.isBlank() && visibility.isVisible(new Scope(about), asset);
        } catch (Refusal invalid) {
            return false; // written by a version that knew more
        }
    }

    private Found said(Asset asset, Window window) {
        return Found.upTo(
                window.limit(),
                telemetry
                        .events(new TelemetryStore.TailQuery(
                                asset.type(),
                                asset.id(),
                                window.from().toEpochMilli(),
                                window.to().toEpochMilli(),
                                null,
                                null,
                                null,
                                window.limit() + 1))
                        .stream()
                        .map(event -> Happening.moment(
                                Lane.EVENTS,
                                Instant.ofEpochMilli(event.ts()),
                                event.severity().name().toLowerCase(Locale.ROOT),
                                event.type(),
                                TimelineStore.cut(event.message()),
                                null))
                        .toList());
    }

    private static Set<Lane> wanted(@Nullable String lanes) {
        if (lanes == null || lanes.isBlank()) {
            return EnumSet.allOf(Lane.class);
        }
        return Arrays.stream(lanes.split(","))
                .map(each -> Lane.parse(each.strip())
                        .orElseThrow(() -> new Refusal(
                                ErrorCode.INVALID,
                                "lanes are "
                                        + Arrays.stream(Lane.values())
                                                .map(Lane::wire)
                                                .collect(Collectors.joining(", "))
                                        + "; one that is asked for is none of them")))
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(Lane.class)));
    }

    private static int bounded(int limit) {
        if (limit < 1 || limit > MAX_LIMIT) {
            throw new Refusal(ErrorCode.INVALID, "limit is " + limit + "; 1 to " + MAX_LIMIT + " are allowed");
        }
        return limit;
    }
}

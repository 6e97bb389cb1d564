package dev.muster.twin.availability;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.registry.Asset;
import dev.muster.registry.asset.AssetDirectory;
import dev.muster.telemetry.query.Times;
import dev.muster.twin.availability.Availability.Answer;
import dev.muster.twin.availability.Availability.Selection;
import dev.muster.twin.availability.Availability.Span;
import io.swagger.v3.oas.annotations.Operation;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Reachable and running minutes over HTTP. */
@RestController
@RequestMapping("/api/v1")
public class AvailabilityResource {
    static final int DEFAULT_DAYS = 7;

    private final Availability availability;
    private final AssetDirectory assets;
    private final Clock clock;

    AvailabilityResource(Availability availability, AssetDirectory assets, Clock clock) {
        this.availability = availability;
        this.assets = assets;
        this.clock = clock;
    }

    /**
     * Each minute is exactly one of reachable, stale, unknown and unreachable.
     *
     * @param reachable online in some part of the minute, by receive time
     * @param stale a session open, silent for longer than the type's heartbeat TTL
     * @param unknown the server did not watch all of the minute, and the asset was not heard of in it
     * @param running by the time of the asset's reports, late ones included
     * @param uptime reachable of all but the unknown; null when there are none
     */
    public record TallyView(
            long minutes,
            long reachable,
            long stale,
            long unknown,
            long unreachable,
            long running,
            @Nullable Double uptime) {
        static TallyView of(Tally tally) {
            return new TallyView(
                    tally.minutes(),
                    tally.reachable(),
                    tally.stale(),
                    tally.unknown(),
                    tally.unreachable(),
                    tally.running(),
                    tally.uptime());
        }
    }

    /** A UTC day, as far as it lies in what was asked for. */
    public record DayView(LocalDate day, TallyView minutes) {}

    /** @param to what was asked for, or up to where it is known: some minutes behind now */
    public record AvailabilityView(String asset, Instant from, Instant to, TallyView total, List<DayView> days) {}

    /** @param assets how many were selected; their minutes are summed up */
    public record SelectionView(
            long assets, Instant from, Instant to, TallyView total, List<DayView> days, List<WorstView> worst) {}

    public record WorstView(String asset, TallyView total) {}

    @GetMapping("/assets/{id}/availability")
    @Operation(
            summary = "Minutes in which one asset was reachable, and in which it ran, by UTC day",
            description = "Exact, over restarts and late reports too. Without from the last " + DEFAULT_DAYS
                    + " days; whole minutes, from the asset's creation on, up to where it is known.")
    @Requires(verb = Verb.READ, kind = Kind.ASSET)
    public AvailabilityView ofAsset(
            Actor actor,
            @PathVariable String id,
            @RequestParam(required = false) @Nullable String from,
            @RequestParam(required = false) @Nullable String to) {
        Asset asset = assets.requireVisible(actor, id);
        Answer answer = availability.of(asset, span(from, to));
        return new AvailabilityView(
                asset.id().value(),
                instant(answer.span().from()),
                instant(answer.span().to()),
                TallyView.of(answer.total()),
                days(answer));
    }

    @GetMapping("/availability")
    @Operation(
            summary = "Reachable and running minutes of all assets that a selector selects, summed up by UTC day",
            description = "And the " + Availability.WORST + " assets that were reachable least. At most "
                    + Availability.MAX_ASSET_DAYS + " assets times days.")
    @Requires(verb = Verb.READ, kind = Kind.ASSET)
    public SelectionView ofSelection(
            Actor actor,
            @RequestParam(required = false) @Nullable String selector,
            @RequestParam(required = false) @Nullable String from,
            @RequestParam(required = false) @Nullable String to) {
        Selection selection = availability.of(actor, selector, span(from, to));
        Answer answer = selection.answer();
        return new SelectionView(
                selection.assets(),
                instant(answer.span().from()),
                instant(answer.span().to()),
                TallyView.of(answer.total()),
                days(answer),
                selection.worst().stream()
                        .map(one -> new WorstView(one.asset().value(), TallyView.of(one.total())))
                        .toList());
    }

    private Span span(@Nullable String from, @Nullable String to) {
        Instant now = clock.instant();
        long begin = LocalDate.ofInstant(now, ZoneOffset.UTC)
                .minusDays(DEFAULT_DAYS - 1)
                .atStartOfDay()
                .toInstant(ZoneOffset.UTC)
                .toEpochMilli();
        Times times = Times.of(from, to, begin, now.toEpochMilli());
        Span span = new Span(Minutes.of(times.from()), Minutes.of(Math.min(times.to(), now.toEpochMilli())));
        if (span.days() > AvailabilityStore.KEPT_DAYS + 1) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "from " + Instant.ofEpochMilli(times.from()) + " to " + Instant.ofEpochMilli(times.to()) + " has "
                            + span.days() + " days; minutes are kept for " + AvailabilityStore.KEPT_DAYS
                            + " days, ask for no more");
        }
        return span;
    }

    private static List<DayView> days(Answer answer) {
        return answer.days().entrySet().stream()
                .map(day -> new DayView(LocalDate.ofEpochDay(day.getKey()), TallyView.of(day.getValue())))
                .toList();
    }

    private static Instant instant(long minute) {
        return Instant.ofEpochMilli(Minutes.millis(minute));
    }
}

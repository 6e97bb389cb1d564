package dev.muster.console.fleet;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.muster.console.fleet.FleetSampleStore.Day;
import dev.muster.console.fleet.FleetSampleStore.Grain;
import dev.muster.console.fleet.FleetSampleStore.Point;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.kept.Kept;
import dev.muster.registry.document.Durations;
import dev.muster.slo.SliTrends;
import io.micrometer.core.instrument.MeterRegistry;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The fleet over time, over HTTP. All of it counts all assets, so it needs the whole scope. */
@RestController
@Tag(name = "console")
@RequestMapping("/api/v1/fleet")
class FleetResource {
    private static final Duration SHORTEST = Duration.ofMinutes(15);
    private static final Duration LONGEST = Duration.ofDays(365);
    /** Points that a line has at most. */
    private static final int POINTS = 400;

    private static final List<Duration> STEPS = List.of(
            Duration.ofMinutes(1),
            Duration.ofMinutes(5),
            Duration.ofMinutes(15),
            Duration.ofHours(1),
            Duration.ofHours(6),
            Duration.ofDays(1));

    private static final Duration YOUNG = Duration.ofHours(4);
    /** A sparkline of a region has fewer. */
    private static final int FEW_POINTS = 50;

    private static final List<Duration> COARSE_STEPS = List.of(
            Duration.ofMinutes(5),
            Duration.ofMinutes(30),
            Duration.ofHours(1),
            Duration.ofHours(4),
            Duration.ofHours(12),
            Duration.ofDays(1),
            Duration.ofDays(2),
            Duration.ofDays(8));

    private final FleetSampleStore store;
    private final SliTrends indicators;
    private final Clock clock;
    private final Kept<Duration, Trend> trends;
    private final Kept<Duration, History> histories;
    private final Kept<String, Growth> growths;

    FleetResource(FleetSampleStore store, SliTrends indicators, Clock clock, MeterRegistry meters) {
        this.trends = new Kept<>("trend", Duration.ofSeconds(15), meters);
        this.histories = new Kept<>("history", Duration.ofSeconds(5), meters);
        this.growths = new Kept<>("growth", Duration.ofSeconds(20), meters);
        this.store = store;
        this.indicators = indicators;
        this.clock = clock;
    }

    /**
     * @param from null when nothing was summed up lately
     * @param to the end of the newest five minutes that are summed up
     * @param scopes the fleet first, then its regions, the largest first, at most 100
     */
    @Schema(name = "FleetTrend")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Trend(
            Instant at, @Nullable Instant from, @Nullable Instant to, String step, List<ScopeTrend> scopes) {}

    /**
     * @param value share of minutes in which assets were reachable; null when nothing was counted
     * @param before the same over as long a time before it; null when less than half of that was counted
     */
    @Schema(name = "FleetScopeTrend")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ScopeTrend(
            @Schema(example = "region/eu") String scope,

            @Nullable Double value,
            @Nullable Double before,
            List<TrendStep> steps) {}

    @Schema(name = "FleetTrendStep")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record TrendStep(Instant at, @Nullable Double value) {}

    @GetMapping("/trend")
    @Requires(verb = Verb.READ, kind = Kind.SLO)
    @Operation(
            operationId = "fleetTrend",
            summary = "Shows how much of the fleet, and of each region, was online over a time",
            description =
                    "The indicator uptime: minutes in which assets were reachable, of all minutes; some minutes behind now.")
    Trend trend(
            @Parameter(description = "15m to 365d", example = "24h") @RequestParam(defaultValue = "24h")
                    String window) {
        return trends.get(window(window), () -> trendOver(window(window)));
    }

    private Trend trendOver(Duration window) {
        Instant now = clock.instant();
        Duration step = step(window, COARSE_STEPS, FEW_POINTS);
        Optional<SliTrends.Trends> known = indicators.ofRegions("uptime", window, step, now);
        if (window.compareTo(Duration.ofDays(1)) <= 0
                && known.filter(FleetResource::young).isPresent()) {
            step = COARSE_STEPS.getFirst();
            known = indicators.ofRegions("uptime", window, step, now);
        }
        return trend(now, step, known.orElse(null));
    }

    /** Of a fleet of some hours a coarse line would have a point or two. */
    private static boolean young(SliTrends.Trends trends) {
        return trends.scopes().stream()
                .flatMap(scope -> scope.steps().stream())
                .noneMatch(step -> Duration.between(step.at(), trends.to()).compareTo(YOUNG) > 0);
    }

    private static Trend trend(Instant now, Duration step, SliTrends.@Nullable Trends known) {
        if (known == null) {
            return new Trend(now, null, null, Durations.format(step), List.of());
        }
        return new Trend(
                now,
                known.from(),
                known.to(),
                Durations.format(step),
                known.scopes().stream()
                        .map(scope -> new ScopeTrend(
                                scope.scope(),
                                scope.value(),
                                scope.before(),
                                scope.steps().stream()
                                        .map(each -> new TrendStep(each.at(), each.value()))
                                        .toList()))
                        .toList());
    }

    /**
     * @param since the first look at the fleet; null before it
     * @param points oldest first; where nobody looked there is none
     * @param commands of the indicator commands, by when they could go out
     */
    @Schema(name = "FleetHistory")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record History(
            Instant from,
            Instant to,
            String step,
            @Nullable Instant since,
            List<HistoryPoint> points,
            List<CommandStep> commands) {}

    /**
     * @param online share of the assets; null without assets
     * @param messages received a second; null when not known
     */
    @Schema(name = "FleetHistoryPoint")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record HistoryPoint(
            Instant at,
            int assets,
            @Nullable Double online,
            @Nullable Double messages) {}

    /** Given then, and their end is known. */
    @Schema(name = "FleetCommandStep")
    record CommandStep(Instant at, double ended, double failed) {}

    @GetMapping("/history")
    @Requires(verb = Verb.READ, kind = Kind.METRICS)
    @Operation(
            operationId = "fleetHistory",
            summary = "Shows assets online, messages received and commands that failed over a time",
            description = "Looked at once a minute; minutes are kept for 3 days, hours for 3 years.")
    History history(
            @Parameter(description = "15m to 365d", example = "6h") @RequestParam(defaultValue = "6h") String window) {
        return histories.get(window(window), () -> historyOver(window(window)));
    }

    private History historyOver(Duration window) {
        Instant now = clock.instant();
        Duration step = step(window, STEPS, POINTS);
        Instant from = now.minus(window);
        List<Point> points = store.history(from, now, step);
        Duration commandStep = step.compareTo(Duration.ofMinutes(5)) < 0 ? Duration.ofMinutes(5) : step;
        List<CommandStep> commands = indicators
                .ofFleet("commands", window, commandStep, now)
                .map(trends -> trends.scopes().stream()
                        .flatMap(fleet -> fleet.steps().stream())
                        .map(each -> new CommandStep(each.at(), each.total(), each.total() - each.good()))
                        .toList())
                .orElse(List.of());
        return new History(
                from,
                now,
                Durations.format(step),
                store.first().orElse(null),
                points.stream()
                        .map(point ->
                                new HistoryPoint(point.at(), point.assets(), point.onlineShare(), point.messages()))
                        .toList(),
                commands);
    }

    @GetMapping("/growth")
    @Requires(verb = Verb.READ, kind = Kind.METRICS)
    @Operation(
            operationId = "fleetGrowth",
            summary = "Shows how assets, messages and storage grow, and what that leads to",
            description =
                    "The forecast says its method and on how many days it rests; of less than 7 days there is none.")
    Growth growth() {
        return growths.get("", () -> {
            Instant now = clock.instant();
            Instant since = store.first().orElse(null);
            List<Day> days = store.days(now.minus(Duration.ofDays(365)), Grain.DAY);
            Duration age = since == null ? Duration.ZERO : Duration.between(since, now);
            return Growth.of(
                    now,
                    since,
                    days,
                    age.compareTo(Duration.ofDays(3)) >= 0
                            ? days
                            : store.days(
                                    now.minus(Duration.ofDays(3)),
                                    age.compareTo(Duration.ofHours(6)) < 0 ? Grain.MINUTE : Grain.HOUR),
                    store.storage().orElse(null));
        });
    }

    /** The shortest that gives no more points than that. */
    static Duration step(Duration window, List<Duration> steps, int points) {
        return steps.stream()
                .filter(step -> window.dividedBy(step) <= points)
                .findFirst()
                .orElse(steps.getLast());
    }

    private static Duration window(String text) {
        Duration parsed = Durations.parse(text);
        if (parsed == null || parsed.compareTo(SHORTEST) < 0 || parsed.compareTo(LONGEST) > 0) {
            throw new Refusal(
                    ErrorCode.INVALID, "window must be such as 6h or 30d, from 15m to 365d, found \"" + text + "\"");
        }
        return parsed;
    }
}

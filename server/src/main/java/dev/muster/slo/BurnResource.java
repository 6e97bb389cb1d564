package dev.muster.slo;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.registry.document.Durations;
import dev.muster.slo.engine.BurnAlert;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** How budgets were spent, and on what, over HTTP. */
@RestController
@Tag(name = "slos")
@RequestMapping("/api/v1/slos/{name}")
class BurnResource {
    private static final int POINTS = 240;
    private static final int CAUSES = 10;
    private static final Duration FINE_UNTIL = Duration.ofDays(2);
    private static final Duration LONGEST = Duration.ofDays(100);

    private final Slos slos;
    private final Budgets budgets;
    private final BucketStore buckets;
    private final Clock clock;

    BurnResource(Slos slos, Budgets budgets, BucketStore buckets, Clock clock) {
        this.slos = slos;
        this.budgets = budgets;
        this.buckets = buckets;
        this.clock = clock;
    }

    @Schema(name = "BurnHistory")
    record HistoryView(
            String slo,
            double target,
            Instant from,
            Instant to,
            long stepSeconds,
            List<WindowView> windows,
            List<PointView> points) {}

    @Schema(name = "BurnWindow", description = "an alert on the budget; it fires above the factor over both windows")
    record WindowView(String alert, String severity, String longWindow, String shortWindow, double factor) {}

    @Schema(name = "BurnPoint")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record PointView(
            Instant at,

            @Schema(
                    description =
                            "share of the budget that was left then, below 0 when overspent; absent when nothing was"
                                    + " counted")
            @Nullable Double remaining,

            @Schema(description = "since the point before") double good,
            double bad,
            double unknown,

            @Schema(
                    description =
                            "times the rate that spends the budget exactly within its period, over the long window of"
                                    + " each alert; null when nothing was counted in it")
            List<@Nullable Double> burn) {}

    @Schema(name = "BudgetCauses")
    record CausesView(
            String slo,
            Instant from,
            Instant to,

            @Schema(description = "of all assets in the scope")
            double bad,

            int assets,
            List<CauseView> causes,
            List<String> notes) {}

    @Schema(name = "BudgetCause")
    record CauseView(
            @Schema(allowableValues = {"asset", "type", "region", "site", "hardware", "owner", "group", "release"})
            String by,

            String name,
            double bad,

            @Schema(description = "of all that was bad; causes overlap")
            double share,

            int assets) {}

    @GetMapping("/burn")
    @Requires(verb = Verb.READ, kind = Kind.SLO)
    @Operation(
            operationId = "getBurnHistory",
            summary = "What was left of a budget over time, and how fast it burned over the windows of its alerts",
            description =
                    "From stored sums: by five minutes up to two days, else by hours; at most 240 points. Alerts with a"
                            + " window shorter than that are left out.")
    HistoryView burn(
            @PathVariable String name,
            @Parameter(description = "so far back, 100d at most") @RequestParam(defaultValue = "7d") String window) {
        Slo slo = slos.find(name).orElseThrow(() -> SloService.notFound("SLO", name));
        Duration over = over("window", window, LONGEST);
        Instant until = end(slo);
        Slo.Slices slices = slo.slices();
        Duration grain = slices != null ? slices.size() : over.compareTo(FINE_UNTIL) <= 0 ? Buckets.SIZE : Buckets.HOUR;
        Instant to = Buckets.floor(until, grain);
        Duration step = grain.multipliedBy(Math.max(1, Math.ceilDiv(over.dividedBy(grain), POINTS)));
        Instant from = to.minus(step.multipliedBy(Math.max(1, over.dividedBy(step))));
        List<BurnAlert> alerts = slo.alerts().stream()
                .filter(alert -> alert.longWindow().compareTo(grain) >= 0)
                .toList();
        Instant earliest = earliest(slo, alerts, from, grain);
        return new HistoryView(
                slo.name(),
                slo.target(),
                from,
                to,
                step.toSeconds(),
                alerts.stream()
                        .map(alert -> new WindowView(
                                alert.name(),
                                alert.severity(),
                                Durations.format(alert.longWindow()),
                                Durations.format(alert.shortWindow()),
                                alert.factor()))
                        .toList(),
                BurnHistory.of(slo, alerts, series(slo, earliest, to, grain), earliest, from, to, grain, step).stream()
                        .map(point -> new PointView(
                                point.at(),
                                point.remaining(),
                                point.good(),
                                point.bad(),
                                point.unknown(),
                                point.burn()))
                        .toList());
    }

    private static Instant earliest(Slo slo, List<BurnAlert> alerts, Instant from, Duration grain) {
        Instant earliest = slo.window().begin(from);
        for (BurnAlert alert : alerts) {
            Instant begin = from.minus(alert.longWindow());
            earliest = begin.isBefore(earliest) ? begin : earliest;
        }
        return Buckets.floor(earliest, grain);
    }

    /** Older than buckets are kept it is known by hours only: an hour stands in its first five minutes then. */
    private Map<Instant, Tally> series(Slo slo, Instant from, Instant to, Duration grain) {
        if (grain.compareTo(Buckets.HOUR) >= 0) {
            return buckets.series(slo.sli(), slo.scope(), from, to, grain);
        }
        Instant fine = Buckets.ceil(clock.instant().minus(BucketStore.KEPT), Buckets.HOUR);
        if (!from.isBefore(fine)) {
            return buckets.series(slo.sli(), slo.scope(), from, to, grain);
        }
        Map<Instant, Tally> all = buckets.series(slo.sli(), slo.scope(), from, fine, Buckets.HOUR);
        all.putAll(buckets.series(slo.sli(), slo.scope(), fine, to, grain));
        return all;
    }

    @GetMapping("/causes")
    @Requires(verb = Verb.READ, kind = Kind.SLO)
    @Operation(
            operationId = "getBudgetCauses",
            summary = "Which assets, types, regions, sites, groups and releases a budget was spent on",
            description =
                    "Of who was not good it is kept for eight days; what they have in common is as the registry knows it"
                            + " now. One asset counts in its region and in its release: causes overlap.")
    CausesView causes(
            @PathVariable String name,
            @Parameter(description = "so far back, 8d at most") @RequestParam(defaultValue = "1d") String window) {
        Slo slo = slos.find(name).orElseThrow(() -> SloService.notFound("SLO", name));
        Duration over = over("window", window, BucketStore.OFFENDERS_KEPT);
        Instant to = end(slo);
        Instant from = to.minus(Buckets.ceil(over));
        List<BucketStore.Share> shares = buckets.causes(slo.sli(), slo.scope(), from, to, CAUSES);
        BucketStore.Share all = shares.stream()
                .filter(share -> share.by().equals("all"))
                .findFirst()
                .orElse(new BucketStore.Share("all", "", 0, 0));
        double counted = budgets.tally(slo, from, to).bad();
        return new CausesView(
                slo.name(),
                from,
                to,
                all.bad(),
                all.assets(),
                shares.stream()
                        .filter(share -> !share.by().equals("all"))
                        .map(share -> new CauseView(
                                share.by(),
                                share.name(),
                                share.bad(),
                                all.bad() <= 0 ? 0 : share.bad() / all.bad(),
                                share.assets()))
                        .toList(),
                all.bad() <= 0 && counted > 0
                        ? List.of("of this indicator it is not kept which assets were not good")
                        : List.of());
    }

    private Instant end(Slo slo) {
        return budgets.end(slo, clock.instant())
                .orElseThrow(() -> new Refusal(
                        ErrorCode.NOT_FOUND,
                        "SLO " + slo.name() + " is unknown: nothing was summed up lately; no data is not good data"));
    }

    private static Duration over(String parameter, String text, Duration most) {
        Duration parsed = Durations.parse(text);
        if (parsed == null || parsed.compareTo(Duration.ofMinutes(15)) < 0 || parsed.compareTo(most) > 0) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    parameter + " must be such as 6h or 7d, from 15m to " + most.toDays() + "d, found \"" + text
                            + "\"");
        }
        return parsed;
    }
}

package dev.muster.slo;

import dev.muster.slo.engine.ErrorBudget;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;
import org.springframework.stereotype.Component;

/** Indicators and budgets for Prometheus: by scope, never by asset, and of a bounded number of scopes. */
@Component
class SloMetrics {
    /** The fleet, types, regions, groups: the first by name; beyond it nobody is told of more. */
    static final int MAX_SCOPES = 300;

    private static final Duration RATIO_OVER = Duration.ofHours(1);

    private final BucketStore buckets;
    private final SliSources sources;
    private final SliReader readings;
    private final Slos slos;
    private final Budgets budgets;
    private final SloStore store;
    private final MeterRegistry meters;
    private final Map<String, Tally> totals = new ConcurrentHashMap<>();
    private final MultiGauge ratio;
    private final MultiGauge until;
    private final MultiGauge target;
    private final MultiGauge remaining;
    private final MultiGauge burnRate;
    private final MultiGauge burning;
    private volatile double untold;

    SloMetrics(
            BucketStore buckets,
            SliSources sources,
            SliReader readings,
            Slos slos,
            Budgets budgets,
            SloStore store,
            MeterRegistry meters) {
        this.buckets = buckets;
        this.sources = sources;
        this.readings = readings;
        this.slos = slos;
        this.budgets = budgets;
        this.store = store;
        this.meters = meters;
        this.ratio = gauge("muster.sli.ratio", "Share of good of the last hour that is summed up");
        this.until = gauge("muster.sli.summed.until.seconds", "Up to when an indicator is summed up, in Unix time");
        this.target = gauge("muster.slo.target", "Target of an objective, 0 to 1");
        this.remaining = gauge("muster.slo.budget.remaining", "Share of an error budget that is left");
        this.burnRate = gauge("muster.slo.burn.rate", "How fast an error budget burns; 1 spends it within its period");
        this.burning = gauge("muster.slo.burning", "1 while an alert on a budget fires");
        io.micrometer.core.instrument.Gauge.builder("muster.sli.scopes.untold", () -> untold)
                .description("Scopes of which no figures are told, because there are too many")
                .register(meters);
    }

    private MultiGauge gauge(String name, String description) {
        return MultiGauge.builder(name).description(description).register(meters);
    }

    void refresh(Instant now) {
        List<Row<?>> ratios = new ArrayList<>();
        List<Row<?>> ends = new ArrayList<>();
        int left = MAX_SCOPES;
        int over = 0;
        Map<String, Map<String, Tally>> all = buckets.totals();
        for (SliSource source : sources.all()) {
            String sli = source.sli().name();
            Optional<Instant> end = readings.end(sli, now);
            end.ifPresent(at -> ends.add(Row.of(Tags.of("sli", sli), at.getEpochSecond())));
            Map<String, Tally> byScope = all.getOrDefault(sli, Map.of());
            for (Map.Entry<String, Tally> entry : byScope.entrySet()) {
                boolean isFleet = entry.getKey().equals("fleet");
                if (!isFleet && left-- <= 0) {
                    over++;
                    continue;
                }
                SliScope scope = SliScope.parse(entry.getKey()).orElse(SliScope.FLEET);
                Tags tags = Tags.of("sli", sli, "scope", scope.kind(), "name", scope.name());
                count(sli, entry.getKey(), tags, entry.getValue());
                end.ifPresent(at -> {
                    Double value = Reading.of(buckets.sum(sli, scope, at.minus(RATIO_OVER), at), at, at)
                            .value();
                    ratios.add(Row.of(tags, value == null ? Double.NaN : value));
                });
            }
        }
        untold = over;
        ratio.register(ratios, true);
        until.register(ends, true);
        objectives(now);
    }

    private void count(String sli, String scope, Tags tags, Tally tally) {
        String key = sli + " " + scope;
        if (totals.put(key, tally) == null) {
            Map<String, ToDoubleFunction<Tally>> outcomes = new HashMap<>();
            outcomes.put("good", Tally::good);
            outcomes.put("bad", Tally::bad);
            outcomes.put("stale", Tally::stale);
            outcomes.put("unknown", Tally::unknown);
            outcomes.forEach((outcome, value) -> FunctionCounter.builder(
                            "muster.sli.events",
                            totals,
                            known -> value.applyAsDouble(known.getOrDefault(key, Tally.NONE)))
                    .description("What an indicator counted; what is corrected downwards stays counted")
                    .tags(tags.and("outcome", outcome))
                    .register(meters));
        }
    }

    private void objectives(Instant now) {
        List<Row<?>> targets = new ArrayList<>();
        List<Row<?>> left = new ArrayList<>();
        List<Row<?>> rates = new ArrayList<>();
        List<Row<?>> fires = new ArrayList<>();
        List<SloStore.Burn> open = store.open();
        for (Slo slo : slos.all()) {
            Tags tags = Tags.of("slo", slo.name());
            targets.add(Row.of(tags, slo.target()));
            Optional<Budgets.Standing> standing = budgets.standing(slo, now);
            left.add(Row.of(
                    tags,
                    standing.flatMap(Budgets.Standing::budget)
                            .map(ErrorBudget::remaining)
                            .orElse(Double.NaN)));
            Map<String, Double> byWindow = new HashMap<>();
            standing.ifPresent(known -> known.alerts().forEach(each -> {
                byWindow.put(minutes(each.alert().longWindow()), each.verdict().burn());
                byWindow.put(minutes(each.alert().shortWindow()), each.verdict().shortBurn());
            }));
            byWindow.forEach((window, rate) -> rates.add(Row.of(tags.and("window", window), rate)));
            slo.alerts()
                    .forEach(alert -> fires.add(Row.of(
                            tags.and("alert", alert.name(), "severity", alert.severity()),
                            open.stream()
                                            .anyMatch(burn -> burn.slo().equals(slo.name())
                                                    && burn.alert().equals(alert.name()))
                                    ? 1
                                    : 0)));
        }
        target.register(targets, true);
        remaining.register(left, true);
        burnRate.register(rates, true);
        burning.register(fires, true);
    }

    private static String minutes(Duration window) {
        long minutes = window.toMinutes();
        return minutes % 1440 == 0 ? minutes / 1440 + "d" : minutes % 60 == 0 ? minutes / 60 + "h" : minutes + "m";
    }
}

package dev.muster.telemetry.query;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.ScopeFilter;
import dev.muster.identity.Verb;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.asset.AssetDirectory;
import dev.muster.telemetry.intake.RefusedReport;
import dev.muster.telemetry.intake.RegistrySchemas;
import dev.muster.telemetry.intake.TypeSchema;
import dev.muster.telemetry.store.TelemetryStore;
import dev.muster.telemetry.store.TelemetryStore.Bucket;
import dev.muster.telemetry.store.TelemetryStore.Reading;
import dev.muster.telemetry.store.TelemetryStore.SeriesQuery;
import dev.muster.telemetry.store.TelemetryStore.Value;
import io.swagger.v3.oas.annotations.Operation;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Metrics over HTTP. Times of readings are milliseconds since the epoch, as in the protocol. */
@RestController
@RequestMapping("/api/v1")
public class TelemetryResource {
    /** Points (readings or steps, times metrics) in one answer. */
    public static final int MAX_POINTS = 10_000;

    public static final int MAX_METRICS = 64;
    static final Duration DEFAULT_SPAN = Duration.ofHours(1);

    private final TelemetryStore store;
    private final AssetDirectory assets;
    private final RegistrySchemas schemas;
    private final RefusedReport refused;
    private final ScopeFilter scopes;
    private final Clock clock;

    public TelemetryResource(
            TelemetryStore store,
            AssetDirectory assets,
            RegistrySchemas schemas,
            RefusedReport refused,
            ScopeFilter scopes,
            Clock clock) {
        this.store = store;
        this.assets = assets;
        this.schemas = schemas;
        this.refused = refused;
        this.scopes = scopes;
        this.clock = clock;
    }

    /** @param step ISO-8601, null for readings as they came */
    public record TelemetryView(
            String asset,
            String type,
            Instant from,
            Instant to,
            @Nullable String step,
            List<Series> series) {}

    /** @param unit empty when the type declares none */
    public record Series(String metric, String unit, List<Point> points) {}

    /** Either {@code value}, or the sums of a step that starts at {@code ts}; true counts as 1. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Point(
            long ts,
            @Nullable Object value,
            @Nullable Double min,
            @Nullable Double max,
            @Nullable Double avg,
            @Nullable Object last,
            @Nullable Long count) {

        static Point of(long ts, Object value) {
            return new Point(ts, value, null, null, null, null, null);
        }

        static Point of(Bucket bucket) {
            return new Point(
                    bucket.ts(), null, bucket.min(), bucket.max(), bucket.avg(), bucket.last(), bucket.count());
        }
    }

    @GetMapping("/assets/{id}/telemetry")
    @Operation(
            summary = "Metrics of one asset",
            description =
                    "As they came, or with step summed up as min, max, avg, last and count; with points by the finest step"
                            + " that gives at most so many of each metric. Steps of whole minutes and hours are read from"
                            + " sums kept for longer than the readings. Without from the last hour; without metrics all."
                            + " At most " + MAX_POINTS + " points.")
    @Requires(verb = Verb.READ, kind = Kind.TELEMETRY)
    public TelemetryView telemetry(
            Actor actor,
            @PathVariable String id,
            @RequestParam(required = false) @Nullable String metrics,
            @RequestParam(required = false) @Nullable String from,
            @RequestParam(required = false) @Nullable String to,
            @RequestParam(required = false) @Nullable String step,
            @RequestParam(required = false) @Nullable Integer points) {
        Asset asset = assets.requireVisible(actor, id);
        long now = clock.millis();
        // One minute ahead: what just came may bear the time of a clock a little fast.
        Times times = Times.of(from, to, now - DEFAULT_SPAN.toMillis(), now + 60_000);
        SeriesQuery query =
                new SeriesQuery(asset.type(), asset.id(), wanted(asset.type(), metrics), times.from(), times.to());
        Duration steps = step(step, points, times);
        Map<String, List<Point>> found = steps == null ? raw(query) : summedUp(query, steps);
        Map<String, String> units = units(asset.type());
        return new TelemetryView(
                asset.id().value(),
                asset.type(),
                Instant.ofEpochMilli(times.from()),
                Instant.ofEpochMilli(times.to()),
                steps == null ? null : steps.toString(),
                query.metrics().stream()
                        .map(metric -> new Series(
                                metric, units.getOrDefault(metric, ""), found.getOrDefault(metric, List.of())))
                        .toList());
    }

    private static @Nullable Duration step(@Nullable String step, @Nullable Integer points, Times times) {
        Duration said = step == null || step.isBlank() ? null : Times.step(step);
        if (points == null) {
            return said;
        }
        if (said != null) {
            throw new Refusal(ErrorCode.INVALID, "step and points are both given; one of them says the other");
        }
        return Steps.of(times.to() - times.from(), points);
    }

    private List<String> wanted(String type, @Nullable String metrics) {
        List<String> wanted = names(metrics);
        return wanted.isEmpty()
                ? store.metrics(type).keySet().stream()
                        .sorted()
                        .limit(MAX_METRICS)
                        .toList()
                : wanted;
    }

    /** A list with commas; empty for none. */
    static List<String> names(@Nullable String metrics) {
        if (metrics == null || metrics.isBlank()) {
            return List.of();
        }
        List<String> names = Arrays.stream(metrics.split(",", -1))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .distinct()
                .toList();
        if (names.size() > MAX_METRICS) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "metrics names " + names.size() + " metrics; at most " + MAX_METRICS + " are allowed");
        }
        return names;
    }

    private Map<String, List<Point>> raw(SeriesQuery query) {
        Map<String, List<Point>> points = new LinkedHashMap<>();
        List<Reading> readings = store.range(query, MAX_POINTS + 1);
        int count = 0;
        for (Reading reading : readings) {
            for (Map.Entry<String, Object> value : reading.values().entrySet()) {
                points.computeIfAbsent(value.getKey(), _ -> new ArrayList<>())
                        .add(Point.of(reading.ts(), value.getValue()));
                count++;
            }
        }
        if (count > MAX_POINTS) {
            throw tooMany(query, "holds more than " + MAX_POINTS + " points");
        }
        return points;
    }

    private Map<String, List<Point>> summedUp(SeriesQuery query, Duration step) {
        long possible = ((query.to() - query.from()) / step.toMillis() + 1)
                * Math.max(1, query.metrics().size());
        if (possible > MAX_POINTS) {
            throw tooMany(
                    query,
                    "in steps of " + step + " has up to " + possible + " points, at most " + MAX_POINTS
                            + " are given at once");
        }
        Map<String, List<Point>> points = new LinkedHashMap<>();
        store.aggregate(query, step)
                .forEach((metric, buckets) ->
                        points.put(metric, buckets.stream().map(Point::of).toList()));
        return points;
    }

    private static Refusal tooMany(SeriesQuery query, String found) {
        long span = query.to() - query.from();
        long seconds = Math.max(1, span * Math.max(1, query.metrics().size()) / (MAX_POINTS / 2) / 1000 + 1);
        return new Refusal(
                ErrorCode.TOO_LARGE,
                "telemetry of asset " + query.asset() + " from " + Instant.ofEpochMilli(query.from()) + " to "
                        + Instant.ofEpochMilli(query.to()) + " " + found
                        + "; ask for fewer metrics, a shorter time, or step=" + seconds + "s");
    }

    private Map<String, String> units(String type) {
        return schemas.ofType(type).map(TypeSchema::metrics).orElse(Map.of()).entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().unit()));
    }

    public record LatestView(String asset, String type, Map<String, Value> values) {}

    @GetMapping("/telemetry/latest")
    @Operation(
            summary = "The newest values of all assets that a selector selects",
            description =
                    "A page of assets in the order of their ids, also those without values. Without metrics all. After"
                            + " a restart of the server, values older than two days are not shown until the asset reports again.")
    @Requires(verb = Verb.READ, kind = Kind.TELEMETRY)
    public Page<LatestView> latest(
            Actor actor,
            @RequestParam(required = false) @Nullable String selector,
            @RequestParam(required = false) @Nullable String metrics,
            PageRequest page) {
        List<String> wanted = names(metrics);
        Page<Asset> found = assets.list(actor, selector, null, page);
        Map<String, List<AssetId>> byType = new LinkedHashMap<>();
        found.items()
                .forEach(asset -> byType.computeIfAbsent(asset.type(), _ -> new ArrayList<>())
                        .add(asset.id()));
        Map<AssetId, Map<String, Value>> values = new LinkedHashMap<>();
        byType.forEach((type, ids) -> values.putAll(store.latest(type, ids, wanted)));
        return found.map(
                asset -> new LatestView(asset.id().value(), asset.type(), values.getOrDefault(asset.id(), Map.of())));
    }

    /** @param stored whether the value is stored all the same */
    public record RefusedView(
            String asset,
            String subject,
            String reason,
            boolean stored,
            String detail,
            long count,
            Instant first,
            Instant last) {

        static RefusedView of(RefusedReport.Entry entry) {
            return new RefusedView(
                    entry.asset().value(),
                    entry.subject(),
                    entry.reason().wire(),
                    entry.reason().stored(),
                    entry.detail(),
                    entry.count(),
                    entry.first(),
                    entry.last());
        }

        String key() {
            return asset + "\n" + subject + "\n" + reason;
        }
    }

    @GetMapping("/telemetry/refused")
    @Operation(
            summary = "What of accepted messages was not stored as it came",
            description = "By asset, metric and reason, since the server started; the first "
                    + RefusedReport.MAX_ENTRIES + " combinations.")
    @Requires(verb = Verb.READ, kind = Kind.TELEMETRY)
    public Page<RefusedView> refused(Actor actor, PageRequest page) {
        List<RefusedReport.Entry> all = refused.entries();
        Set<AssetId> concerned = all.stream().map(RefusedReport.Entry::asset).collect(Collectors.toSet());
        Set<AssetId> visible = actor.scope().isAll() ? concerned : scopes.visible(actor.scope(), concerned);
        String after = page.after();
        List<RefusedView> found = all.stream()
                .filter(entry -> visible.contains(entry.asset()))
                .map(RefusedView::of)
                .sorted(java.util.Comparator.comparing(RefusedView::key))
                .filter(view -> after == null || view.key().compareTo(after) > 0)
                .limit(page.fetch())
                .toList();
        return Page.of(found, page, RefusedView::key);
    }
}

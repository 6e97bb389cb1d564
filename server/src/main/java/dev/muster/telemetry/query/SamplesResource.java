package dev.muster.telemetry.query;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import dev.muster.protocol.AssetId;
import dev.muster.registry.asset.AssetDirectory;
import dev.muster.telemetry.query.TelemetryResource.Point;
import dev.muster.telemetry.store.SampleStore;
import io.swagger.v3.oas.annotations.Operation;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Labelled series of one asset over HTTP: which there are, and their samples. */
@RestController
@RequestMapping("/api/v1/assets/{id}")
public class SamplesResource {
    /** Series in one answer with samples. */
    static final int MAX_SERIES = 200;
    /** Series of one asset that are looked through. */
    static final int MAX_LOOKED_AT = 100_000;

    private static final long DAY_MILLIS = 86_400_000;
    private static final TypeReference<Map<String, String>> LABELS = new TypeReference<>() {};

    private final SampleStore store;
    private final AssetDirectory assets;
    private final Clock clock;
    private final JsonMapper json = JsonMapper.shared();

    public SamplesResource(SampleStore store, AssetDirectory assets, Clock clock) {
        this.store = store;
        this.assets = assets;
        this.clock = clock;
    }

    /** @param kind unknown, gauge, counter or delta; @param heardOf the last day on which it was received */
    public record SeriesView(
            String id, String name, Map<String, String> labels, String kind, String unit, Instant heardOf) {}

    @GetMapping("/series")
    @Operation(
            summary = "Labelled series of one asset, by name and labels",
            description = "Those heard of since from, by default yesterday. name: of the metric. label: name=value or"
                    + " name!=value, may be given several times.")
    @Requires(verb = Verb.READ, kind = Kind.TELEMETRY)
    public Page<SeriesView> series(
            Actor actor,
            @PathVariable String id,
            @RequestParam(required = false) @Nullable String name,
            @RequestParam(required = false) @Nullable List<String> label,
            @RequestParam(required = false) @Nullable String from,
            PageRequest page) {
        AssetId asset = assets.requireVisible(actor, id).id();
        Times times = Times.of(from, null, clock.millis() - DAY_MILLIS, Times.MAX_MILLIS);
        String after = page.after();
        List<SeriesView> found = matching(asset, name, label, times.from()).stream()
                .map(this::view)
                .filter(view -> after == null || key(view).compareTo(after) > 0)
                .sorted(java.util.Comparator.comparing(SamplesResource::key))
                .limit(page.fetch())
                .toList();
        return Page.of(found, page, SamplesResource::key);
    }

    private static String key(SeriesView view) {
        return view.name() + " " + view.id();
    }

    /** @param step ISO-8601, null for samples as they came */
    public record SamplesView(
            String asset,
            Instant from,
            Instant to,
            @Nullable String step,
            List<Samples> series) {}

    public record Samples(
            String id, String name, Map<String, String> labels, String kind, String unit, List<Point> points) {}

    @GetMapping("/samples")
    @Operation(
            summary = "Samples of labelled series of one asset",
            description =
                    "As they came, or with step summed up as min, max, avg, last and count. Without from the last hour."
                            + " At most " + MAX_SERIES + " series and " + TelemetryResource.MAX_POINTS + " points.")
    @Requires(verb = Verb.READ, kind = Kind.TELEMETRY)
    public SamplesView samples(
            Actor actor,
            @PathVariable String id,
            @RequestParam(required = false) @Nullable String name,
            @RequestParam(required = false) @Nullable List<String> label,
            @RequestParam(required = false) @Nullable String from,
            @RequestParam(required = false) @Nullable String to,
            @RequestParam(required = false) @Nullable String step) {
        AssetId asset = assets.requireVisible(actor, id).id();
        long now = clock.millis();
        Times times = Times.of(from, to, now - TelemetryResource.DEFAULT_SPAN.toMillis(), now + 60_000);
        List<SampleStore.Known> wanted = matching(asset, name, label, times.from());
        if (wanted.size() > MAX_SERIES) {
            throw new Refusal(
                    ErrorCode.TOO_LARGE,
                    "asset " + asset + " has " + wanted.size() + " such series, at most " + MAX_SERIES
                            + " are given at once; name the metric or more labels");
        }
        Duration steps = step == null || step.isBlank() ? null : Times.step(step);
        Map<Long, List<Point>> points = points(asset, wanted, times, steps);
        return new SamplesView(
                asset.value(),
                Instant.ofEpochMilli(times.from()),
                Instant.ofEpochMilli(times.to()),
                steps == null ? null : steps.toString(),
                wanted.stream()
                        .map(this::view)
                        .map(view -> new Samples(
                                view.id(),
                                view.name(),
                                view.labels(),
                                view.kind(),
                                view.unit(),
                                points.getOrDefault(Long.parseUnsignedLong(view.id(), 16), List.of())))
                        .filter(series -> !series.points().isEmpty())
                        .toList());
    }

    private Map<Long, List<Point>> points(
            AssetId asset, List<SampleStore.Known> wanted, Times times, @Nullable Duration step) {
        List<Long> ids = wanted.stream().map(SampleStore.Known::series).toList();
        if (step == null) {
            List<SampleStore.Sample> found =
                    store.range(asset, ids, times.from(), times.to(), TelemetryResource.MAX_POINTS + 1);
            if (found.size() > TelemetryResource.MAX_POINTS) {
                throw tooMany(asset);
            }
            return found.stream()
                    .collect(Collectors.groupingBy(
                            SampleStore.Sample::series,
                            LinkedHashMap::new,
                            Collectors.mapping(each -> Point.of(each.ts(), each.value()), Collectors.toList())));
        }
        if (((times.to() - times.from()) / step.toMillis() + 1) * Math.max(1, ids.size())
                > TelemetryResource.MAX_POINTS) {
            throw tooMany(asset);
        }
        Map<Long, List<Point>> points = new LinkedHashMap<>();
        store.aggregate(asset, ids, times.from(), times.to(), step)
                .forEach((series, buckets) ->
                        points.put(series, buckets.stream().map(Point::of).toList()));
        return points;
    }

    private static Refusal tooMany(AssetId asset) {
        return new Refusal(
                ErrorCode.TOO_LARGE,
                "samples of asset " + asset + " in this time are more than " + TelemetryResource.MAX_POINTS
                        + " points; ask for fewer series, a shorter time or a longer step");
    }

    /** A series stands under the day on which it was received, which is not before that of its samples. */
    private List<SampleStore.Known> matching(
            AssetId asset, @Nullable String name, @Nullable List<String> label, long from) {
        LabelFilter filter = LabelFilter.of(label);
        long day = Math.floorDiv(from, DAY_MILLIS) * DAY_MILLIS;
        return store.series(asset, name == null || name.isBlank() ? null : name, day, MAX_LOOKED_AT).stream()
                .filter(each -> filter.matches(json.readValue(each.labels(), LABELS)))
                .toList();
    }

    private SeriesView view(SampleStore.Known known) {
        return new SeriesView(
                Long.toHexString(known.series()),
                known.name(),
                json.readValue(known.labels(), LABELS),
                known.kind(),
                known.unit(),
                Instant.ofEpochMilli(known.day()));
    }
}

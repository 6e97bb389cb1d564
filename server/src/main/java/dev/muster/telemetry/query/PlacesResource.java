package dev.muster.telemetry.query;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Scope;
import dev.muster.identity.Verb;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.protocol.AssetId;
import dev.muster.registry.asset.AssetDirectory;
import dev.muster.registry.asset.AssetGrouping;
import dev.muster.registry.facet.Remembered;
import dev.muster.telemetry.query.SpotGrid.Box;
import dev.muster.telemetry.query.SpotGrid.Cluster;
import dev.muster.telemetry.query.SpotGrid.Spot;
import dev.muster.telemetry.store.TelemetryStore;
import dev.muster.telemetry.store.TelemetryStore.Place;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Where the assets of a selector are, as markers of a map, over HTTP. */
@RestController
@Tag(name = "telemetry")
class PlacesResource {
    private static final Duration FRESH = Duration.ofSeconds(3);
    /** Each may hold every asset of a fleet. */
    private static final int KEPT = 8;

    private static final double MAX_ZOOM = 24;

    private final TelemetryStore store;
    private final AssetDirectory assets;
    private final Remembered<Asked, Located> located;

    PlacesResource(TelemetryStore store, AssetDirectory assets, Clock clock) {
        this.store = store;
        this.assets = assets;
        this.located = new Remembered<>(KEPT, FRESH, clock);
    }

    private record Asked(
            Scope scope,
            @Nullable String selector,
            @Nullable String text) {}

    private record Located(long assets, List<Spot> spots) {}

    /**
     * @param assets that are selected
     * @param located of these told where they are
     * @param inView of these are in the box
     * @param west and the others: the box around all that told it; null when none did
     */
    record PlacesView(
            long assets,
            int located,
            int inView,
            List<Spot> spots,
            List<Cluster> clusters,
            @Nullable Double west,
            @Nullable Double south,
            @Nullable Double east,
            @Nullable Double north) {}

    @GetMapping("/api/v1/asset-places")
    @Operation(
            operationId = "assetPlaces",
            summary = "Newest positions of the assets of a selector, those close to each other on a map as one",
            description =
                    "Of positions of the last two days before the server's start, and since. Some seconds old. What is close"
                            + " is said by zoom, as of a Web Mercator map of 512 pixels for the world at zoom 0.")
    @Requires(verb = Verb.READ, kind = Kind.TELEMETRY)
    PlacesView places(
            Actor actor,
            @RequestParam(required = false) @Nullable String selector,
            @RequestParam(required = false) @Nullable String q,
            @RequestParam(defaultValue = "-180") double west,
            @RequestParam(defaultValue = "-90") double south,
            @Parameter(description = "less than west for a box across 180°") @RequestParam(defaultValue = "180")
                    double east,
            @RequestParam(defaultValue = "90") double north,
            @RequestParam(defaultValue = "1") double zoom) {
        if (!(Math.abs(west) <= 180 && Math.abs(east) <= 180 && south >= -90 && north <= 90 && south <= north)
                || !(zoom >= 0 && zoom <= MAX_ZOOM)) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "west and east are degrees from -180 to 180, south and north from -90 to 90, zoom from 0 to 24");
        }
        Located all = located.get(new Asked(actor.scope(), selector, q), () -> locate(actor, selector, q));
        Box box = new Box(west, south, east, north);
        List<Spot> inView = all.spots().stream().filter(box::holds).toList();
        SpotGrid.Markers markers = SpotGrid.of(inView, zoom);
        List<Spot> spots = all.spots();
        return new PlacesView(
                all.assets(),
                spots.size(),
                inView.size(),
                markers.spots(),
                markers.clusters(),
                spots.isEmpty()
                        ? null
                        : spots.stream().mapToDouble(Spot::lon).min().orElseThrow(),
                spots.isEmpty()
                        ? null
                        : spots.stream().mapToDouble(Spot::lat).min().orElseThrow(),
                spots.isEmpty()
                        ? null
                        : spots.stream().mapToDouble(Spot::lon).max().orElseThrow(),
                spots.isEmpty()
                        ? null
                        : spots.stream().mapToDouble(Spot::lat).max().orElseThrow());
    }

    private Located locate(Actor actor, @Nullable String selector, @Nullable String text) {
        Map<AssetId, Place> places = store.places();
        List<Spot> spots = new ArrayList<>();
        long[] count = new long[1];
        assets.forEachMember(assets.filter(actor, selector, text), AssetGrouping.by("presence"), member -> {
            count[0]++;
            Place place = places.get(new AssetId(member.id()));
            if (place != null) {
                spots.add(new Spot(member.id(), place.lat(), place.lon(), place.ts(), member.group()));
            }
        });
        return new Located(count[0], List.copyOf(spots));
    }
}

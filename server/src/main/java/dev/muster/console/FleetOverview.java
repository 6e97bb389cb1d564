package dev.muster.console;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Scope;
import dev.muster.identity.Verb;
import dev.muster.platform.kept.Kept;
import dev.muster.platform.page.PageRequest;
import dev.muster.registry.Asset;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.Presence;
import dev.muster.registry.asset.AssetDirectory;
import dev.muster.registry.asset.AssetTally;
import io.micrometer.core.instrument.MeterRegistry;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The fleet on one screen: how many assets are reachable, by region and by type. */
@RestController
@Tag(name = "console")
public class FleetOverview {
    /** Who should be reachable and is not. */
    private static final String AWAY =
            "asset.presence in ['offline', 'stale'] && asset.lifecycle in ['active', 'provisioned']";

    /** So many assets are counted at once, whatever the server is busy with. */
    private static final int SMALL = 1_000;

    private static final PageRequest FEW = new PageRequest(6, null);

    private final AssetDirectory assets;
    private final Clock clock;
    /** Many consoles ask every few seconds; the table is counted once for all of the same scope. */
    private final Kept<Scope, Overview> known;

    FleetOverview(AssetDirectory assets, Clock clock, MeterRegistry meters) {
        this.known = new Kept<>("overview", Duration.ofSeconds(2), overview -> overview.assets() < SMALL, meters);
        this.assets = assets;
        this.clock = clock;
    }

    /**
     * @param at when it was counted
     * @param assets all but the retired
     * @param presence of these, by state
     * @param lifecycle of all, by state
     * @param away the first six, by id, of those in service that should be reachable and are not
     */
    public record Overview(
            Instant at,
            long assets,
            Map<String, Long> presence,
            Map<String, Long> lifecycle,
            List<Share> regions,
            List<Share> types,
            List<Away> away) {}

    /** @param since when it is in that state of presence */
    public record Away(String asset, String presence, Instant since) {}

    /** @param name of the region or type, empty for assets without one */
    public record Share(String name, long assets, Map<String, Long> presence) {}

    @GetMapping("/api/v1/overview")
    @Requires(verb = Verb.READ, kind = Kind.ASSET)
    @Operation(
            operationId = "fleetOverview",
            summary = "Counts the assets by presence, lifecycle, region and type",
            description =
                    "Seconds old, in a very large fleet up to six minutes: at says of when it is. Retired assets count in lifecycle only.")
    public Overview overview(Actor actor) {
        return known.get(actor.scope(), () -> count(actor));
    }

    private Overview count(Actor actor) {
        List<AssetTally> tallies = assets.tally(actor);
        boolean allThere = tallies.stream()
                .noneMatch(tally -> tally.presence() == Presence.OFFLINE || tally.presence() == Presence.STALE);
        return of(
                clock.instant(),
                tallies,
                allThere ? List.of() : assets.list(actor, AWAY, null, FEW).items());
    }

    static Overview of(Instant now, List<AssetTally> tallies, List<Asset> away) {
        Map<String, Long> lifecycle = new TreeMap<>();
        tallies.forEach(tally -> lifecycle.merge(tally.lifecycle().wire(), tally.count(), Long::sum));
        List<AssetTally> inService = tallies.stream()
                .filter(tally -> tally.lifecycle() != Lifecycle.RETIRED)
                .toList();
        return new Overview(
                now,
                inService.stream().mapToLong(AssetTally::count).sum(),
                presence(inService),
                lifecycle,
                shares(inService, AssetTally::region),
                shares(inService, AssetTally::type),
                away.stream()
                        .map(asset ->
                                new Away(asset.id().value(), asset.presence().wire(), asset.presenceSince()))
                        .toList());
    }

    private static List<Share> shares(List<AssetTally> tallies, Function<AssetTally, String> by) {
        Map<String, List<AssetTally>> parts = new TreeMap<>();
        tallies.forEach(tally -> parts.computeIfAbsent(by.apply(tally), name -> new ArrayList<>())
                .add(tally));
        return parts.entrySet().stream()
                .map(part -> new Share(
                        part.getKey(),
                        part.getValue().stream().mapToLong(AssetTally::count).sum(),
                        presence(part.getValue())))
                .toList();
    }

    private static Map<String, Long> presence(List<AssetTally> tallies) {
        Map<String, Long> presence = new TreeMap<>();
        tallies.forEach(tally -> presence.merge(tally.presence().wire(), tally.count(), Long::sum));
        return presence;
    }
}

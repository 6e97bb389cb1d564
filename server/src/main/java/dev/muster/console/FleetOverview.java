package dev.muster.console;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Scope;
import dev.muster.identity.Verb;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.asset.AssetDirectory;
import dev.muster.registry.asset.AssetTally;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The fleet on one screen: how many assets are reachable, by region and by type. */
@RestController
@Tag(name = "console")
class FleetOverview {
    /** Many consoles ask every few seconds; the table is counted once for all of the same scope. */
    private static final Duration FRESH = Duration.ofSeconds(2);

    private static final int MAX_SCOPES = 200;

    private final AssetDirectory assets;
    private final Clock clock;
    private final Map<Scope, Overview> known = new LinkedHashMap<>();

    FleetOverview(AssetDirectory assets, Clock clock) {
        this.assets = assets;
        this.clock = clock;
    }

    /**
     * @param at when it was counted
     * @param assets all but the retired
     * @param presence of these, by state
     * @param lifecycle of all, by state
     */
    record Overview(
            Instant at,
            long assets,
            Map<String, Long> presence,
            Map<String, Long> lifecycle,
            List<Share> regions,
            List<Share> types) {}

    /** @param name of the region or type, empty for assets without one */
    record Share(String name, long assets, Map<String, Long> presence) {}

    @GetMapping("/api/v1/overview")
    @Requires(verb = Verb.READ, kind = Kind.ASSET)
    @Operation(
            operationId = "fleetOverview",
            summary = "Counts the assets by presence, lifecycle, region and type",
            description = "At most two seconds old. Retired assets count in lifecycle only.")
    Overview overview(Actor actor) {
        Instant now = clock.instant();
        synchronized (known) {
            Overview last = known.get(actor.scope());
            if (last != null && Duration.between(last.at(), now).abs().compareTo(FRESH) < 0) {
                return last;
            }
            Overview fresh = of(now, assets.tally(actor));
            known.remove(actor.scope());
            known.put(actor.scope(), fresh);
            if (known.size() > MAX_SCOPES) {
                known.remove(known.keySet().iterator().next());
            }
            return fresh;
        }
    }

    static Overview of(Instant now, List<AssetTally> tallies) {
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
                shares(inService, AssetTally::type));
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

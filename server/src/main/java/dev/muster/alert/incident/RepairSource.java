package dev.muster.alert.incident;

import dev.muster.identity.Actor;
import dev.muster.protocol.AssetId;
import dev.muster.registry.asset.AssetDirectory;
import dev.muster.registry.selector.Selectors;
import dev.muster.slo.Sli;
import dev.muster.slo.SliSource;
import dev.muster.slo.Tally;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * M5 as a share: incidents that were closed within four hours of their first sign, of all that were closed. One incident counts as one,
 * spread evenly over the assets in service that it is about, or over all when there is none of them; for a single asset it counts as one. One
 * that is reopened counts again when it is closed again. The mean itself is told by {@link Figures}.
 */
@Component
class RepairSource implements SliSource {
    static final Sli SLI = new Sli(
            "repair",
            "Incidents that were closed within four hours of their first sign, of all that were closed",
            "incidents",
            0.9,
            false,
            true);
    static final Duration IN_TIME = Duration.ofHours(4);
    /** A transaction that closes one may still be under way. */
    private static final Duration UNDER_WAY = Duration.ofSeconds(10);

    private static final int MAX_INCIDENTS = 1_000;
    private static final int MAX_ASSETS = 100_000;

    private final IncidentStore store;
    private final AssetDirectory assets;
    private final Selectors selectors;

    RepairSource(IncidentStore store, AssetDirectory assets, Selectors selectors) {
        this.store = store;
        this.assets = assets;
        this.selectors = selectors;
    }

    @Override
    public Sli sli() {
        return SLI;
    }

    @Override
    public Optional<Instant> completeUntil(Instant now) {
        return Optional.of(now.minus(UNDER_WAY));
    }

    @Override
    public Map<String, Tally> count(Instant from, Instant to, Map<String, Instant> inService, @Nullable String asset) {
        Map<String, Tally> tallies = new HashMap<>();
        for (Incident is : store.resolvedBetween(from, to, MAX_INCIDENTS)) {
            Set<String> about = about(is);
            if (asset == null) {
                about.retainAll(inService.keySet());
                spread(is, about.isEmpty() ? inService.keySet() : about, tallies);
            } else if (about.contains(asset)) {
                tallies.merge(asset, tally(is, 1), Tally::plus);
            }
        }
        return tallies;
    }

    private static void spread(Incident is, Collection<String> over, Map<String, Tally> tallies) {
        for (String each : over) {
            tallies.merge(each, tally(is, 1.0 / over.size()), Tally::plus);
        }
    }

    static Tally tally(Incident is, double weight) {
        Instant resolved = is.times().resolved();
        boolean inTime = resolved != null
                && !Duration.between(is.times().evidence(), resolved)
                        .minus(IN_TIME)
                        .isPositive();
        return inTime ? new Tally(weight, 0, 0, 0) : new Tally(0, weight, 0, 0);
    }

    private Set<String> about(Incident is) {
        Set<String> ids = new LinkedHashSet<>();
        for (String selector : is.about()) {
            if (selectors.problem(selector).isEmpty() && ids.size() < MAX_ASSETS) {
                assets.ids(Actor.SYSTEM, selector, MAX_ASSETS - ids.size()).stream()
                        .map(AssetId::value)
                        .forEach(ids::add);
            }
        }
        return ids;
    }
}

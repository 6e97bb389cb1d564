package dev.muster.alert.incident;

import dev.muster.identity.Actor;
import dev.muster.protocol.AssetId;
import dev.muster.registry.asset.AssetDirectory;
import dev.muster.registry.selector.Selectors;
import dev.muster.slo.InService;
import dev.muster.slo.Sli;
import dev.muster.slo.SliSource;
import dev.muster.slo.Tally;
import dev.muster.slo.TallySink;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
    public void count(Instant from, Instant until, InService fleet, TallySink to) {
        int all = fleet.only() == null ? fleet.count() : 0;
        Tally overAll = Tally.NONE;
        for (Incident is : store.resolvedBetween(from, until, MAX_INCIDENTS)) {
            Set<String> about = about(is);
            if (fleet.only() != null) {
                fleet.among(about).forEach(asset -> to.add(asset, tally(is, 1)));
                continue;
            }
            Set<String> served = served(about, fleet);
            if (served.isEmpty() && all > 0) {
                overAll = overAll.plus(tally(is, 1.0 / all));
            }
            served.forEach(asset -> to.add(asset, tally(is, 1.0 / served.size())));
        }
        spread(overAll, fleet, to);
    }

    private static Set<String> served(Set<String> about, InService fleet) {
        Set<String> served = new HashSet<>();
        List<String> ids = List.copyOf(about);
        for (int i = 0; i < ids.size(); i += InService.PAGE) {
            served.addAll(fleet.among(ids.subList(i, Math.min(i + InService.PAGE, ids.size()))));
        }
        return served;
    }

    private static void spread(Tally each, InService over, TallySink to) {
        if (!each.isNone()) {
            over.forEachPage(page -> page.keySet().forEach(asset -> to.add(asset, each)));
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

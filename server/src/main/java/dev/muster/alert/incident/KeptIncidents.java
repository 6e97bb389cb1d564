package dev.muster.alert.incident;

import dev.muster.alert.OpenIncidents;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.asset.AssetStore;
import dev.muster.registry.selector.Selector;
import dev.muster.registry.selector.Selectors;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/**
 * Which assets an open incident is about, as whoever wants to change them asks. One about a release or a rollout keeps no change away:
 * the next release may be how it is mended.
 */
@Component
class KeptIncidents implements OpenIncidents {
    private final IncidentStore store;
    private final AssetStore assets;
    private final Selectors selectors;
    private final Clock clock;

    KeptIncidents(IncidentStore store, AssetStore assets, Selectors selectors, Clock clock) {
        this.store = store;
        this.assets = assets;
        this.selectors = selectors;
        this.clock = clock;
    }

    @Override
    public Map<AssetId, String> of(Collection<AssetId> asked) {
        List<Incident> open = store.open(IncidentService.MAX_OPEN).stream()
                .filter(is -> !is.about().isEmpty())
                .filter(is -> store.alerts(is.number()).stream()
                        .noneMatch(alert -> Concern.isOfAChange(alert.fact().labels())))
                .toList();
        Map<AssetId, String> found = new HashMap<>();
        if (open.isEmpty() || asked.isEmpty()) {
            return found;
        }
        Instant now = clock.instant();
        List<Asset> known = assets.findAll(asked);
        for (Incident is : open) {
            for (String about : is.about()) {
                Selector selector = selectors.compile(about);
                known.stream()
                        .filter(asset -> selector.matches(asset, now))
                        .forEach(asset -> found.putIfAbsent(asset.id(), is.name() + ": " + is.title()));
            }
        }
        return found;
    }
}

package dev.muster.alert.door;

import dev.muster.alert.Signal;
import dev.muster.alert.state.Alert;
import dev.muster.alert.state.AlertStore;
import dev.muster.alert.state.Alerts;
import dev.muster.identity.Actor;
import dev.muster.identity.ScopeFilter;
import dev.muster.protocol.AssetId;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/**
 * Which alerts an actor may see: with a narrower scope those about assets in it, and those at a common cause whose named assets are all
 * in it.
 */
@Component
class SeenAlerts {
    private final AlertStore store;
    private final ScopeFilter scopes;

    SeenAlerts(AlertStore store, ScopeFilter scopes) {
        this.store = store;
        this.scopes = scopes;
    }

    List<Alert> of(Actor actor, List<Alert> alerts) {
        if (actor.scope().isAll()) {
            return alerts;
        }
        Set<AssetId> asked = alerts.stream().flatMap(SeenAlerts::named).collect(Collectors.toSet());
        Set<AssetId> visible = scopes.visible(actor.scope(), asked);
        return alerts.stream()
                .filter(alert -> {
                    List<AssetId> named = named(alert).toList();
                    return !named.isEmpty() && visible.containsAll(named);
                })
                .toList();
    }

    /** @throws dev.muster.platform.error.Refusal NOT_FOUND when there is none or the actor may not see it, which look the same */
    Alert require(Actor actor, String fingerprint) {
        return store.find(fingerprint)
                .filter(alert -> !of(actor, List.of(alert)).isEmpty())
                .orElseThrow(() -> Alerts.notFound(fingerprint));
    }

    List<String> assets(Actor actor, List<String> ids) {
        if (actor.scope().isAll() || ids.isEmpty()) {
            return ids;
        }
        Set<AssetId> visible = scopes.visible(
                actor.scope(),
                ids.stream().flatMap(id -> AssetId.parse(id).stream()).toList());
        return ids.stream()
                .filter(id -> AssetId.parse(id).filter(visible::contains).isPresent())
                .toList();
    }

    private static Stream<AssetId> named(Alert alert) {
        Stream<String> names = alert.cause() != null
                ? alert.cause().first().stream()
                : Optional.ofNullable(alert.labels().get(Signal.ASSET)).stream();
        return names.flatMap(name -> AssetId.parse(name).stream());
    }
}

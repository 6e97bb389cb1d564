package dev.muster.stream;

import dev.muster.identity.Scope;
import dev.muster.identity.ScopeFilter;
import dev.muster.platform.event.LoggedEvent;
import dev.muster.protocol.AssetId;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** What of the event log a scope may see: everything, or the entries about assets in it. */
@Component
class EventView {
    private static final String ASSET = "asset/";

    private final ScopeFilter scopes;

    EventView(ScopeFilter scopes) {
        this.scopes = scopes;
    }

    List<LoggedEvent> visible(Scope scope, List<LoggedEvent> events) {
        if (scope.isAll() || events.isEmpty()) {
            return events;
        }
        Set<AssetId> asked =
                events.stream().flatMap(event -> asset(event).stream()).collect(Collectors.toSet());
        Set<AssetId> visible = scopes.visible(scope, asked);
        return events.stream()
                .filter(event -> asset(event).filter(visible::contains).isPresent())
                .toList();
    }

    private static Optional<AssetId> asset(LoggedEvent event) {
        return event.subject().startsWith(ASSET)
                ? AssetId.parse(event.subject().substring(ASSET.length()))
                : Optional.empty();
    }
}

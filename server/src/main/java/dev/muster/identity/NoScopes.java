package dev.muster.identity;

import dev.muster.protocol.AssetId;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import org.springframework.context.annotation.Fallback;
import org.springframework.stereotype.Component;

/** Used where nothing can interpret a selector: a narrower scope then sees nothing, and none can be granted. */
@Component
@Fallback
class NoScopes implements ScopeFilter {
    @Override
    public Set<AssetId> visible(Scope scope, Collection<AssetId> assets) {
        return scope.isAll() ? Set.copyOf(assets) : Set.of();
    }

    @Override
    public Optional<String> problem(String selector) {
        return Optional.of("this server cannot interpret selectors");
    }
}

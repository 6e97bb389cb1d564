package dev.muster.registry.asset;

import dev.muster.identity.Scope;
import dev.muster.identity.ScopeFilter;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.selector.Selector;
import dev.muster.registry.selector.SelectorException;
import dev.muster.registry.selector.Selectors;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** What a scope means: the assets that its selector selects. */
@Component
public class Visibility implements ScopeFilter {
    private final Selectors selectors;
    private final AssetStore assets;
    private final Clock clock;

    public Visibility(Selectors selectors, AssetStore assets, Clock clock) {
        this.selectors = selectors;
        this.assets = assets;
        this.clock = clock;
    }

    @Override
    public Set<AssetId> visible(Scope scope, Collection<AssetId> ids) {
        AssetFilter filter = filter(scope, null);
        if (filter.exact()) {
            return assets.among(ids, filter.condition());
        }
        return assets.findAll(ids).stream()
                .filter(filter::matches)
                .map(Asset::id)
                .collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public Optional<String> problem(String selector) {
        return selectors.problem(selector);
    }

    public boolean isVisible(Scope scope, Asset asset) {
        return filter(scope, null).matches(asset);
    }

    /**
     * The filter of a scope and, if given, a selector.
     *
     * @throws Refusal when the selector is not valid
     */
    public AssetFilter filter(Scope scope, @Nullable String selector) {
        List<Selector> both = new ArrayList<>();
        String scoped = scope.selector();
        if (scoped != null) {
            both.add(compile(scoped));
        }
        if (selector != null && !selector.isBlank()) {
            both.add(compile(selector));
        }
        return AssetFilter.of(both, now());
    }

    private Selector compile(String selector) {
        try {
            return selectors.compile(selector);
        } catch (SelectorException invalid) {
            throw new Refusal(ErrorCode.INVALID, String.valueOf(invalid.getMessage()));
        }
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}

package dev.muster.registry.asset;

import dev.muster.registry.Asset;
import dev.muster.registry.selector.Selector;
import dev.muster.registry.selector.Selector.Prefilter;
import dev.muster.registry.selector.SqlCondition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Selectors that all have to match, at one moment.
 *
 * @param condition what PostgreSQL can answer of them
 * @param residual those that it cannot answer exactly
 * @param all every one of them
 */
public record AssetFilter(SqlCondition condition, List<Selector> residual, List<Selector> all, Instant now) {
    static AssetFilter of(List<Selector> selectors, Instant now) {
        SqlCondition condition = SqlCondition.TRUE;
        List<Selector> residual = new ArrayList<>();
        for (Selector selector : selectors) {
            Prefilter prefilter = selector.prefilter(now);
            condition = condition.and(prefilter.condition());
            if (!prefilter.exact()) {
                residual.add(selector);
            }
        }
        return new AssetFilter(condition, List.copyOf(residual), List.copyOf(selectors), now);
    }

    public AssetFilter and(SqlCondition more) {
        return new AssetFilter(condition.and(more), residual, all, now);
    }

    public boolean exact() {
        return residual.isEmpty();
    }

    /** For an asset from anywhere. */
    public boolean matches(Asset asset) {
        return all.stream().allMatch(selector -> selector.matches(asset, now));
    }

    /** For an asset that fulfils {@link #condition}. */
    public boolean keeps(Asset asset) {
        return residual.stream().allMatch(selector -> selector.matches(asset, now));
    }
}

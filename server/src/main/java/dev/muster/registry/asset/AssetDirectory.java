package dev.muster.registry.asset;

import dev.muster.identity.Actor;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Finds assets for somebody: never one outside of the actor's scope. */
@Component
public class AssetDirectory {
    private static final int CHUNK = 1_000;

    private final AssetStore assets;
    private final Visibility visibility;

    public AssetDirectory(AssetStore assets, Visibility visibility) {
        this.assets = assets;
        this.visibility = visibility;
    }

    /** The asset; {@code NOT_FOUND} when there is none or the actor may not see it, which look the same. */
    public Asset requireVisible(Actor actor, AssetId id) {
        return assets.find(id)
                .filter(asset -> visibility.isVisible(actor.scope(), asset))
                .orElseThrow(() -> notFound(id));
    }

    /** As above, for an id as it stands in a path. */
    public Asset requireVisible(Actor actor, String id) {
        return requireVisible(actor, AssetId.parse(id).orElseThrow(() -> notFound(id)));
    }

    /**
     * Which assets are meant by somebody, at this moment.
     *
     * @param selector narrows, {@code null} or blank for no selector
     * @param text words that id, type, owner, region, site, hardware or labels contain, {@code null} or blank for none
     */
    public AssetFilter filter(Actor actor, @Nullable String selector, @Nullable String text) {
        return visibility.filter(actor.scope(), selector).and(TextSearch.condition(text));
    }

    /** In the order of their ids. */
    public Page<Asset> list(Actor actor, @Nullable String selector, @Nullable String text, PageRequest page) {
        return list(actor, selector, text, AssetOrder.ID, page);
    }

    /** A page of the actor's assets in an order; stable while assets come and go. The rest as of {@link #filter}. */
    public Page<Asset> list(
            Actor actor, @Nullable String selector, @Nullable String text, AssetOrder order, PageRequest page) {
        List<Asset> found = new ArrayList<>();
        scan(filter(actor, selector, text), order, order.after(page.after()), page.fetch(), asset -> {
            found.add(asset);
            return found.size() < page.fetch();
        });
        return Page.of(found, page, order::key);
    }

    /** How many of the actor's assets a selector selects. */
    public long count(Actor actor, @Nullable String selector, @Nullable String text) {
        AssetFilter filter = filter(actor, selector, text);
        if (filter.exact()) {
            return assets.count(filter.condition());
        }
        long[] count = new long[1];
        scan(filter, null, CHUNK, asset -> {
            count[0]++;
            return true;
        });
        return count[0];
    }

    /** The actor's assets, counted by region, type, lifecycle and presence. */
    public List<AssetTally> tally(Actor actor) {
        AssetFilter filter = visibility.filter(actor.scope(), null);
        if (filter.exact()) {
            return assets.tally(filter.condition());
        }
        Map<AssetTally, Long> counts = new LinkedHashMap<>();
        scan(filter, null, CHUNK, asset -> {
            counts.merge(
                    new AssetTally(asset.region(), asset.type(), asset.lifecycle(), asset.presence(), 0),
                    1L,
                    Long::sum);
            return true;
        });
        return counts.entrySet().stream()
                .map(entry -> new AssetTally(
                        entry.getKey().region(),
                        entry.getKey().type(),
                        entry.getKey().lifecycle(),
                        entry.getKey().presence(),
                        entry.getValue()))
                .toList();
    }

    /** Every selected asset in the order of their ids, read in pieces. */
    public void forEach(Actor actor, @Nullable String selector, Consumer<Asset> each) {
        scan(visibility.filter(actor.scope(), selector), null, CHUNK, asset -> {
            each.accept(asset);
            return true;
        });
    }

    /** The selected assets with their groups, in no order. */
    public void forEachMember(
            Actor actor, @Nullable String selector, AssetGrouping grouping, Consumer<AssetGrouping.Member> each) {
        forEachMember(visibility.filter(actor.scope(), selector), grouping, each);
    }

    /** As above, of a filter at hand. */
    public void forEachMember(AssetFilter filter, AssetGrouping grouping, Consumer<AssetGrouping.Member> each) {
        if (filter.exact()) {
            assets.members(filter.condition(), grouping, each);
            return;
        }
        scan(filter, null, CHUNK, asset -> {
            each.accept(new AssetGrouping.Member(
                    asset.id().value(), asset.type(), grouping.of().apply(asset)));
            return true;
        });
    }

    /**
     * Ids of the selected assets.
     *
     * @throws Refusal {@code TOO_LARGE} when there are more than {@code limit}
     */
    public List<AssetId> ids(Actor actor, @Nullable String selector, int limit) {
        List<AssetId> ids = new ArrayList<>();
        scan(visibility.filter(actor.scope(), selector), null, CHUNK, asset -> {
            ids.add(asset.id());
            return ids.size() <= limit;
        });
        if (ids.size() > limit) {
            throw new Refusal(
                    ErrorCode.TOO_LARGE,
                    "the selector selects more than " + limit + " assets, which is the most for this; narrow it");
        }
        return ids;
    }

    /** As {@link #forEach(Actor, String, Consumer)}, of a filter at hand. */
    public void forEach(AssetFilter filter, Consumer<Asset> each) {
        scan(filter, null, CHUNK, asset -> {
            each.accept(asset);
            return true;
        });
    }

    private void scan(AssetFilter filter, @Nullable String after, int wanted, Predicate<Asset> each) {
        scan(filter, AssetOrder.ID, AssetOrder.ID.after(after), wanted, each);
    }

    /** Hands over assets until there are no more or {@code each} answers false. */
    private void scan(
            AssetFilter filter, AssetOrder order, AssetOrder.@Nullable Place after, int wanted, Predicate<Asset> each) {
        int chunk = filter.exact() ? Math.min(wanted, CHUNK) : CHUNK;
        AssetOrder.Place last = after;
        while (true) {
            List<Asset> read = assets.page(filter.condition(), order, last, chunk);
            for (Asset asset : read) {
                if (filter.keeps(asset) && !each.test(asset)) {
                    return;
                }
            }
            if (read.size() < chunk) {
                return;
            }
            last = AssetOrder.Place.of(read.getLast());
        }
    }

    static Refusal notFound(Object id) {
        String shown = String.valueOf(id).replaceAll("[^\\x20-\\x7e]", "?");
        return new Refusal(
                ErrorCode.NOT_FOUND,
                "asset " + (shown.length() <= AssetId.MAX_LENGTH ? shown : shown.substring(0, AssetId.MAX_LENGTH) + "…")
                        + " does not exist or is outside of your scope");
    }
}

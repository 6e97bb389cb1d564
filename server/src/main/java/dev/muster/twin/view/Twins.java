package dev.muster.twin.view;

import dev.muster.identity.Actor;
import dev.muster.identity.Scope;
import dev.muster.platform.config.Setting;
import dev.muster.platform.config.Settings;
import dev.muster.platform.kept.Kept;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.asset.AssetFilter;
import dev.muster.registry.asset.AssetStore;
import dev.muster.registry.asset.Visibility;
import dev.muster.twin.TwinState;
import dev.muster.twin.view.TwinStore.Counts;
import dev.muster.twin.view.TwinStore.Row;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Lists and counts twins for somebody: never one outside of the actor's scope. */
@Component
public class Twins {
    public static final Setting<Duration> OVERDUE_AFTER = Setting.duration(
            "twin-overdue-after",
            "15m",
            Duration.ofMinutes(1),
            Duration.ofDays(365),
            "After how long a desired state that a connected asset has not applied counts as drift in the rate (M8).");

    public static final List<Setting<?>> SETTINGS = List.of(OVERDUE_AFTER);

    private static final int CHUNK = 1_000;

    private final TwinStore store;
    private final AssetStore assets;
    private final Visibility visibility;
    private final Duration overdueAfter;
    private final Clock clock;
    /** All assets with their twins are read for one answer: many dashboards ask for the same, and so do the gauges. */
    private final Kept<Question, Counted> counts;

    private record Question(Scope scope, @Nullable String selector) {}

    /** @param at when they were counted */
    record Counted(Instant at, Counts counts) {}

    Twins(
            TwinStore store,
            AssetStore assets,
            Visibility visibility,
            Settings settings,
            MeterRegistry meters,
            Clock clock) {
        this.counts = new Kept<>("drift", Duration.ZERO, meters);
        this.store = store;
        this.assets = assets;
        this.visibility = visibility;
        this.overdueAfter = settings.get(OVERDUE_AFTER);
        this.clock = clock;
    }

    Page<Row> list(Actor actor, @Nullable String selector, List<TwinState> states, PageRequest page) {
        AssetFilter filter = visibility.filter(actor.scope(), selector);
        List<Row> found = new ArrayList<>();
        String last = page.after();
        int chunk = filter.exact() ? page.fetch() : CHUNK;
        List<Row> read;
        do {
            read = store.page(filter.condition(), states, last, chunk);
            found.addAll(kept(filter, read));
            last = read.isEmpty() ? last : read.getLast().asset();
        } while (found.size() < page.fetch() && read.size() == chunk);
        return Page.of(found.subList(0, Math.min(found.size(), page.fetch())), page, Row::asset);
    }

    Counted counted(Actor actor, @Nullable String selector) {
        return counts.get(
                new Question(actor.scope(), selector), () -> new Counted(clock.instant(), count(actor, selector)));
    }

    private Counts count(Actor actor, @Nullable String selector) {
        AssetFilter filter = visibility.filter(actor.scope(), selector);
        Instant overdueBefore = clock.instant().minus(overdueAfter);
        if (filter.exact()) {
            return store.count(filter.condition(), overdueBefore);
        }
        Map<TwinState, Long> byState = new EnumMap<>(TwinState.class);
        long overdue = 0;
        long stalled = 0;
        String last = null;
        List<Row> read;
        do {
            read = store.page(filter.condition(), List.of(), last, CHUNK);
            for (Row row : kept(filter, read)) {
                byState.merge(row.state(), 1L, Long::sum);
                boolean pending = row.state() == TwinState.PENDING;
                overdue += pending && row.since().isBefore(overdueBefore) ? 1 : 0;
                stalled += row.stalled() != null && (pending || row.state() == TwinState.DRIFTED) ? 1 : 0;
            }
            last = read.isEmpty() ? last : read.getLast().asset();
        } while (read.size() == CHUNK);
        return new Counts(byState, overdue, stalled);
    }

    private List<Row> kept(AssetFilter filter, List<Row> rows) {
        if (filter.exact() || rows.isEmpty()) {
            return rows;
        }
        Set<String> matching = assets
                .findAll(rows.stream().map(row -> new AssetId(row.asset())).toList())
                .stream()
                .filter(filter::matches)
                .map(Asset::id)
                .map(AssetId::value)
                .collect(Collectors.toSet());
        return rows.stream().filter(row -> matching.contains(row.asset())).toList();
    }
}

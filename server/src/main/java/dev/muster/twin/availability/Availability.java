package dev.muster.twin.availability;

import dev.muster.identity.Actor;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.asset.AssetDirectory;
import dev.muster.telemetry.intake.RegistrySchemas;
import dev.muster.telemetry.intake.TypeSchema;
import dev.muster.twin.availability.AvailabilityStore.Unwritten;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.PriorityQueue;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Answers how long assets were reachable and running, for one and for a selection. */
@Component
class Availability {
    /** Assets times days of one answer. */
    static final int MAX_ASSET_DAYS = 1_000_000;

    static final int WORST = 10;
    private static final int CHUNK = 1_000;

    private final AvailabilityStore store;
    private final AssetDirectory assets;
    private final RegistrySchemas schemas;

    Availability(AvailabilityStore store, AssetDirectory assets, RegistrySchemas schemas) {
        this.store = store;
        this.assets = assets;
        this.schemas = schemas;
    }

    /** From one minute up to another, which is not counted. */
    record Span(long from, long to) {
        int firstDay() {
            return Math.toIntExact(Math.floorDiv(from, Minutes.PER_DAY));
        }

        int lastDay() {
            return Math.toIntExact(Math.floorDiv(Math.max(from, to - 1), Minutes.PER_DAY));
        }

        int days() {
            return lastDay() - firstDay() + 1;
        }

        /** As far as it is told. */
        Span until(long minute) {
            return new Span(from, Math.max(from, Math.min(to, minute)));
        }
    }

    /** @param known the first minute that is not told yet */
    record Answer(Span span, long known, NavigableMap<Integer, Tally> days) {
        Tally total() {
            return sum(days);
        }
    }

    /** @param worst those reachable least, the worst first */
    record Selection(Answer answer, long assets, List<One> worst) {}

    record One(AssetId asset, Tally total) {}

    Answer of(Asset asset, Span asked) {
        long known = known();
        Span span = asked.until(known);
        Map<Integer, byte[]> watched = watched(span);
        Unwritten unwritten = store.unwritten(List.of(asset.id()));
        return new Answer(
                span, known, tallies(List.of(asset), span, watched, unwritten).getFirst());
    }

    /** @throws Refusal {@code TOO_LARGE} beyond {@link #MAX_ASSET_DAYS} */
    Selection of(Actor actor, @Nullable String selector, Span asked) {
        long known = known();
        Span span = asked.until(known);
        long most = MAX_ASSET_DAYS / span.days();
        Map<Integer, byte[]> watched = watched(span);
        Unwritten unwritten = store.unwritten();
        NavigableMap<Integer, Tally> days = new TreeMap<>();
        PriorityQueue<One> worst = new PriorityQueue<>(WORST_FIRST.reversed());
        long[] count = new long[1];
        List<Asset> chunk = new ArrayList<>(CHUNK);
        assets.forEach(actor, selector, asset -> {
            if (++count[0] > most) {
                throw new Refusal(
                        ErrorCode.TOO_LARGE,
                        "the selector selects more than " + most + " assets, which is the most for " + span.days()
                                + " days; narrow it, or ask for a shorter time");
            }
            chunk.add(asset);
            if (chunk.size() == CHUNK) {
                add(chunk, span, watched, unwritten, days, worst);
            }
        });
        add(chunk, span, watched, unwritten, days, worst);
        return new Selection(
                new Answer(span, known, days),
                count[0],
                worst.stream().sorted(WORST_FIRST).toList());
    }

    /** Those of which nothing is known are not among the worst. */
    private static final Comparator<One> WORST_FIRST = Comparator.comparingDouble((One one) -> {
                Double uptime = one.total().uptime();
                return uptime == null ? 2 : uptime;
            })
            .thenComparing(One::asset);

    private void add(
            List<Asset> chunk,
            Span span,
            Map<Integer, byte[]> watched,
            Unwritten unwritten,
            NavigableMap<Integer, Tally> days,
            PriorityQueue<One> worst) {
        List<NavigableMap<Integer, Tally>> tallies = tallies(chunk, span, watched, unwritten);
        for (int i = 0; i < chunk.size(); i++) {
            tallies.get(i).forEach((day, tally) -> days.merge(day, tally, Tally::plus));
            Tally total = sum(tallies.get(i));
            if (total.uptime() != null) {
                worst.add(new One(chunk.get(i).id(), total));
                if (worst.size() > WORST) {
                    worst.poll();
                }
            }
        }
        chunk.clear();
    }

    private List<NavigableMap<Integer, Tally>> tallies(
            List<Asset> chunk, Span span, Map<Integer, byte[]> watched, Unwritten unwritten) {
        // A day on either side: running goes on over midnight.
        int first = span.firstDay() - 1;
        int last = span.lastDay() + 1;
        var days = store.days(chunk.stream().map(Asset::id).toList(), first, last, unwritten);
        return chunk.stream()
                .map(asset -> {
                    Duration bridge = schemas.ofType(asset.type())
                            .map(TypeSchema::heartbeatTtl)
                            .orElse(Duration.ZERO);
                    long from =
                            Math.max(span.from(), Minutes.from(asset.created().toEpochMilli()));
                    return new Timeline(first, last, days.getOrDefault(asset.id(), Map.of()), watched, bridge)
                            .byDay(from, span.to());
                })
                .toList();
    }

    private Map<Integer, byte[]> watched(Span span) {
        return store.watched(span.firstDay(), span.lastDay());
    }

    private long known() {
        return store.checkpoint()
                .map(checkpoint -> Math.max(0, Minutes.of(checkpoint.progress().known())))
                .orElse(0L);
    }

    private static Tally sum(NavigableMap<Integer, Tally> days) {
        return days.values().stream().reduce(Tally.NONE, Tally::plus);
    }
}

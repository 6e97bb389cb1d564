package dev.muster.twin.availability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.platform.testing.TestDatabase;
import dev.muster.protocol.AssetId;
import dev.muster.twin.availability.ReachableMinutes.Count;
import dev.muster.twin.bucket.Bucket;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Assets of which some minutes are in their days and others still wait in the packed lines. */
class ReachableMinutesTest {
    private static final Instant BEGIN = Instant.parse("2026-11-24T23:50:00Z");
    private static final int ASSETS = 2_500;
    private static final int PAGE = 700;
    private static final long MINUTE = 60_000;

    private final DataSource source = TestDatabase.fresh();
    private final AvailabilityStore store = new AvailabilityStore(
            JdbcClient.create(source), new TransactionTemplate(new JdbcTransactionManager(source)));
    private final Map<String, Instant> since = new TreeMap<>();

    ReachableMinutesTest() {
        AvailabilityEngine engine = new AvailabilityEngine(_ -> MINUTE);
        long begin = BEGIN.toEpochMilli();
        engine.restarted(begin - 10 * MINUTE);
        for (int minute = 0; minute < 20; minute++) {
            for (int i = 0; i < ASSETS; i++) {
                if (i % 10 != 9 && minute % (1 + i % 3) == 0) {
                    engine.seen(asset(i), begin + minute * MINUTE + i);
                }
            }
            engine.advance(begin + (minute + 1) * MINUTE);
            if (minute == 4 || minute == 14) {
                BitSet due = new BitSet();
                due.set(0, minute == 4 ? Bucket.COUNT : Bucket.COUNT / 2);
                store.save(engine, due, minute, List.of());
                engine.stored(due);
            }
        }
        store.save(engine, new BitSet(), 20, List.of());
        for (int i = 0; i < ASSETS; i++) {
            since.put(asset(i).value(), i % 7 == 0 ? BEGIN.plusSeconds(300) : BEGIN.minusSeconds(3_600));
        }
    }

    private static AssetId asset(int number) {
        return new AssetId("asset-" + number);
    }

    /** Across midnight, with days and words that are told apart. */
    @Test
    void aFleetInPiecesIsToldAsEachAssetIs() {
        Instant from = BEGIN.plusSeconds(120);
        Instant to = BEGIN.plusSeconds(19 * 60);
        AtomicInteger passes = new AtomicInteger();
        Map<AssetId, Count> all = told(new ReachableMinutes(store), from, to, passes);
        assertThat(passes).hasValue(1);
        assertThat(all).hasSize(ASSETS);
        assertThat(told(new ReachableMinutes(store, 1_000), from, to, passes)).isEqualTo(all);
        assertThat(passes).as("one, and three of at most a thousand").hasValue(4);
        for (int i = 0; i < ASSETS; i += 97) {
            AssetId asset = asset(i);
            assertThat(all.get(asset)).as(asset.value()).isEqualTo(alone(asset, from, to));
        }
        assertThat(all.values()).extracting(Count::reachable).contains(0L, 17L);
    }

    private Map<AssetId, Count> told(ReachableMinutes minutes, Instant from, Instant to, AtomicInteger passes) {
        Map<AssetId, Count> told = new HashMap<>();
        List<Map.Entry<String, Instant>> entries = List.copyOf(since.entrySet());
        minutes.of(
                each -> {
                    passes.incrementAndGet();
                    for (int i = 0; i < ASSETS; i += PAGE) {
                        Map<String, Instant> page = new TreeMap<>();
                        entries.subList(i, Math.min(i + PAGE, ASSETS))
                                .forEach(entry -> page.put(entry.getKey(), entry.getValue()));
                        each.accept(page);
                    }
                },
                ASSETS,
                from,
                to,
                (asset, count) ->
                        assertThat(told.put(asset, count)).as(asset.value()).isNull());
        return told;
    }

    private Count alone(AssetId asset, Instant from, Instant to) {
        long begin = Minutes.of(from.toEpochMilli());
        int first = Math.toIntExact(Math.floorDiv(begin, Minutes.PER_DAY));
        Timeline line = new Timeline(
                first,
                first + 1,
                store.days(List.of(asset), first, first + 1, store.unwritten(List.of(asset)))
                        .getOrDefault(asset, Map.of()),
                store.watched(first, first + 1),
                Duration.ZERO);
        long born = Minutes.from(since.getOrDefault(asset.value(), from).toEpochMilli());
        Tally sum = line.byDay(Math.max(begin, born), Minutes.of(to.toEpochMilli())).values().stream()
                .reduce(Tally.NONE, Tally::plus);
        return new Count(sum.reachable(), sum.stale(), sum.unreachable(), sum.unknown());
    }
}

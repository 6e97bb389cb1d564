package dev.muster.slo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.protocol.Severity;
import dev.muster.telemetry.store.QueryTooLargeException;
import dev.muster.telemetry.store.TelemetryStore;
import dev.muster.telemetry.store.TelemetryStore.EventCount;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** A fleet of more assets than a page holds, whatever is counted of it. */
class PagedBucketTest {
    private static final int PAGE = 3;
    private static final Instant AT = Instant.parse("2026-11-25T10:00:00Z");
    private static final String SLI = "things";

    private final BucketFixture fixture = new BucketFixture(new Random(1));
    private final BucketStore store = new BucketStore(JdbcClient.create(fixture.source), fixture.template, PAGE);
    private final PlaceStore places = new PlaceStore(fixture.template, PAGE);
    private final TransactionTemplate transaction = new TransactionTemplate(fixture.transactions);
    private int pages;

    @Test
    void thoseInServiceAreToldInPagesInTheirOrder() {
        fleet(8);
        fixture.template.update("update sli_place set to_at = ? where asset = 'a3'", time(AT.minusSeconds(60)));
        InService fleet = places.at(AT);
        List<List<String>> told = new ArrayList<>();
        fleet.forEachPage(page -> told.add(List.copyOf(page.keySet())));
        assertThat(told).containsExactly(List.of("a0", "a1", "a2"), List.of("a4", "a5", "a6"), List.of("a7"));
        assertThat(fleet.count()).isEqualTo(7);
        assertThat(fleet.among(List.of("a1", "a3", "absent"))).containsExactly("a1");
    }

    @Test
    void aFleetThatFillsItsPagesIsToldOnce() {
        fleet(2 * PAGE);
        List<String> told = new ArrayList<>();
        places.at(AT).forEachPage(page -> told.addAll(page.keySet()));
        assertThat(told).containsExactly("a0", "a1", "a2", "a3", "a4", "a5");
    }

    @Test
    void whatIsGivenInSeveralPagesIsOneBucket() {
        fleet(8);
        write(false, bucket -> {
            for (int i = 0; i < 8; i++) {
                bucket.add("a" + i, new Tally(1, 0, 0, 0));
            }
            bucket.add("a0", new Tally(0, 2, 1, 0));
            bucket.add("a7", new Tally(0, 1, 0, 0));
            bucket.add("a0", new Tally(0, 0, 0, 4));
            bucket.add("a5", Tally.NONE);
        });
        assertThat(pages).as("pages of at most %d", PAGE).isEqualTo(4);
        assertThat(rows("sli_bucket"))
                .isEqualTo(Map.of(
                        "fleet", new Tally(8, 3, 1, 4),
                        "type/pos", new Tally(4, 1, 0, 0),
                        "type/van", new Tally(4, 2, 1, 4),
                        "region/eu", new Tally(4, 2, 1, 4),
                        "group/pilot", new Tally(2, 2, 1, 4)));
        assertThat(rows("sli_hour")).isEqualTo(rows("sli_bucket"));
        assertThat(rows("sli_total")).isEqualTo(rows("sli_bucket"));
        assertThat(offenders()).isEqualTo(Map.of("a0", new Tally(0, 2, 1, 4), "a7", new Tally(0, 1, 0, 0)));
    }

    @Test
    void aRecountReplacesAndItsTotalsOnlyRise() {
        fleet(8);
        write(false, bucket -> {
            for (int i = 0; i < 8; i++) {
                bucket.add("a" + i, new Tally(1, 1, 0, 0));
            }
        });
        write(false, bucket -> {
            for (int i = 0; i < 7; i++) {
                bucket.add("a" + i, new Tally(3, i == 6 ? 1 : 0, 0, 0));
            }
        });
        assertThat(rows("sli_bucket")).containsEntry("fleet", new Tally(21, 1, 0, 0));
        assertThat(rows("sli_hour")).isEqualTo(rows("sli_bucket"));
        assertThat(rows("sli_total")).containsEntry("fleet", new Tally(21, 8, 0, 0));
        assertThat(offenders()).isEqualTo(Map.of("a6", new Tally(0, 1, 0, 0)));
        write(false, _ -> {});
        assertThat(rows("sli_bucket")).isEmpty();
        assertThat(rows("sli_hour")).isEmpty();
        assertThat(offenders()).isEmpty();
    }

    @Test
    void whatIsAddedStandsBesideWhatWasThere() {
        fleet(8);
        transaction.executeWithoutResult(_ -> {
            // two buckets of one transaction do not mix
            for (Instant at : List.of(AT, AT.plus(Buckets.SIZE))) {
                BucketWriter bucket = store.writer(SLI, at, true, () -> {});
                for (int i = 0; i < 5; i++) {
                    bucket.add("a" + i, new Tally(1, 1, 0, 0));
                }
                bucket.finish();
            }
        });
        write(true, bucket -> bucket.add("a0", new Tally(2, 1, 0, 0)));
        assertThat(rows("sli_bucket")).containsEntry("fleet", new Tally(7, 6, 0, 0));
        assertThat(rows("sli_hour")).containsEntry("fleet", new Tally(12, 11, 0, 0));
        assertThat(rows("sli_total")).containsEntry("fleet", new Tally(12, 11, 0, 0));
        assertThat(offenders()).hasSize(5).containsEntry("a0", new Tally(0, 2, 0, 0));
    }

    @Test
    void nothingIsLeftOfABucketThatFailsInItsSecondPage() {
        fleet(8);
        assertThatThrownBy(() -> write(false, bucket -> {
                    for (int i = 0; i < 8; i++) {
                        bucket.add("a" + i, new Tally(1, 1, 0, 0));
                    }
                    throw new IllegalStateException("the source is away");
                }))
                .hasMessage("the source is away");
        write(false, bucket -> bucket.add("a1", new Tally(1, 0, 0, 0)));
        assertThat(rows("sli_bucket")).containsEntry("fleet", new Tally(1, 0, 0, 0));
        assertThat(offenders()).isEmpty();
    }

    @Test
    void eventsThatAreTooManyForOneQuestionAreCountedInPieces() {
        List<Integer> asked = new ArrayList<>();
        Map<String, Long> counted = new HashMap<>();
        new EventPieces(eventEveryMilli(asked), 10)
                .forEach(
                        "van", AT, AT.plusMillis(100), event -> counted.merge(event.asset(), event.count(), Long::sum));
        assertThat(counted).isEqualTo(Map.of("a0", 50L, "a1", 50L));
        assertThat(asked).as("events of a question that was answered").allMatch(events -> events <= 10);
        assertThatThrownBy(
                        () -> new EventPieces(eventEveryMilli(asked), 0).forEach("van", AT, AT.plusMillis(4), _ -> {}))
                .isInstanceOf(QueryTooLargeException.class);
    }

    @Test
    void samplesOfTheQueueAreBoundedAndThoseKnownGoOn() {
        QueueSamples samples = new QueueSamples(2);
        for (String asset : List.of("a0", "a1", "a2", "a0")) {
            samples.processed(asset, AT.toEpochMilli(), 1);
        }
        Map<Instant, Map<String, long[]>> taken = samples.take();
        assertThat(taken.get(AT)).containsOnlyKeys("a0", "a1").containsEntry("a0", new long[] {2, 0});
        samples.processed("a2", AT.toEpochMilli(), 6_000);
        samples.putBack(taken);
        assertThat(samples.take().get(AT)).hasSize(2).containsEntry("a2", new long[] {0, 1});
    }

    private static TelemetryStore eventEveryMilli(List<Integer> asked) {
        return (TelemetryStore) Proxy.newProxyInstance(
                TelemetryStore.class.getClassLoader(),
                new Class<?>[] {TelemetryStore.class},
                (_, method, arguments) -> {
                    assertThat(method.getName()).isEqualTo("countEvents");
                    long from = (long) arguments[1];
                    long to = (long) arguments[2];
                    if (to - from > (int) arguments[3]) {
                        throw new QueryTooLargeException("too many");
                    }
                    asked.add((int) (to - from));
                    List<EventCount> found = new ArrayList<>();
                    for (long at = from; at < to; at++) {
                        found.add(new EventCount("a" + at % 2, "e", Severity.INFO, 1));
                    }
                    return found;
                });
    }

    /** Even ones are vans in the region eu, odd ones are tills; every fourth is in a group. */
    private void fleet(int assets) {
        for (int i = 0; i < assets; i++) {
            fixture.template.update(
                    "insert into sli_place (asset, type, region, from_at) values (?, ?, ?, ?)",
                    "a" + i,
                    i % 2 == 0 ? "van" : "pos",
                    i % 2 == 0 ? "eu" : "",
                    time(AT.minusSeconds(3_600)));
            if (i % 4 == 0) {
                fixture.template.update(
                        "insert into group_membership (group_name, asset_id, joined_at) values ('pilot', ?, ?)",
                        "a" + i,
                        time(AT.minusSeconds(3_600)));
            }
        }
    }

    private void write(boolean add, Consumer<BucketWriter> counted) {
        transaction.executeWithoutResult(_ -> {
            BucketWriter bucket = store.writer(SLI, AT, add, () -> pages++);
            counted.accept(bucket);
            bucket.finish();
        });
    }

    private Map<String, Tally> offenders() {
        Map<String, Tally> found = new TreeMap<>();
        fixture.template.query(
                "select asset, bad, stale, unknown from sli_offender where at = ?",
                row -> {
                    found.put(row.getString(1), new Tally(0, row.getDouble(2), row.getDouble(3), row.getDouble(4)));
                },
                time(AT));
        return found;
    }

    private Map<String, Tally> rows(String table) {
        Map<String, Tally> found = new TreeMap<>();
        fixture.template.query(
                "select scope, good, bad, stale, unknown from " + table
                        + (table.equals("sli_bucket") ? " where at = '2026-11-25T10:00:00Z'" : ""),
                row -> {
                    found.put(
                            row.getString(1),
                            new Tally(row.getDouble(2), row.getDouble(3), row.getDouble(4), row.getDouble(5)));
                });
        return found;
    }

    private static OffsetDateTime time(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}

package dev.muster.console.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.console.fleet.FleetSample.Storage;
import dev.muster.console.fleet.FleetSampleStore.Day;
import dev.muster.console.fleet.FleetSampleStore.Grain;
import dev.muster.console.fleet.FleetSampleStore.Point;
import dev.muster.platform.testing.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

class FleetSampleStoreTest {
    private static final Instant NOON = Instant.parse("2026-11-20T12:00:00Z");

    private final FleetSampleStore store = new FleetSampleStore(JdbcClient.create(TestDatabase.fresh()));

    @Test
    void minutesAreKeptForDaysAndHoursAreTheirMeans() {
        store.add(new FleetSample(NOON.plusSeconds(5), 10, 10, null, null));
        store.add(new FleetSample(NOON.plusSeconds(65), 10, 5, 2.0, storage(100)));
        store.add(new FleetSample(NOON.plusSeconds(125), 20, 15, 4.0, null));
        store.add(new FleetSample(NOON.plusSeconds(185), 0, 0, null, null));
        store.add(new FleetSample(NOON.plus(Duration.ofHours(2)), 0, 0, null, null));

        Instant end = NOON.plus(Duration.ofHours(1));
        assertThat(store.history(NOON, end, Duration.ofMinutes(1)))
                .containsExactly(
                        new Point(NOON, 10, 1.0, null),
                        new Point(NOON.plusSeconds(60), 10, 0.5, 2.0),
                        new Point(NOON.plusSeconds(120), 20, 0.75, 4.0),
                        new Point(NOON.plusSeconds(180), 0, null, null));
        assertThat(store.history(NOON, end, Duration.ofHours(1))).containsExactly(new Point(NOON, 0, 0.75, 3.0));

        store.forget(NOON.plus(Duration.ofDays(3)).plusSeconds(150));
        assertThat(store.history(NOON, end, Duration.ofMinutes(1))).hasSize(1);
        assertThat(store.history(NOON, end, Duration.ofHours(1))).hasSize(1);
        assertThat(store.storage()).contains(storage(100));
        assertThat(store.first()).contains(NOON.plusSeconds(180));

        store.forget(NOON.plus(Duration.ofDays(3)).plusSeconds(300));
        assertThat(store.first()).as("its minute is kept no more").contains(NOON);
    }

    @Test
    void theFirstLookOfAYoungServerIsNotThatOfItsHour() {
        assertThat(store.first()).isEmpty();
        store.add(new FleetSample(NOON.plus(Duration.ofMinutes(48)), 10, 10, null, null));
        store.add(new FleetSample(NOON.plus(Duration.ofMinutes(61)), 10, 10, null, null));
        assertThat(store.first()).contains(NOON.plus(Duration.ofMinutes(48)));
    }

    @Test
    void aDayIsItsNewestLookAndGrowthRestsOnDays() {
        for (int day = 0; day < 10; day++) {
            Instant at = NOON.plus(Duration.ofDays(day));
            store.add(new FleetSample(at, 100 + day, 90, 1.0, storage(1_000 + 200 * day)));
            store.add(new FleetSample(at.plus(Duration.ofHours(3)), 101 + day, 90, 3.0, storage(1_100 + 200 * day)));
        }
        Instant now = NOON.plus(Duration.ofDays(9)).plus(Duration.ofHours(4));
        List<Day> days = store.days(NOON, Grain.DAY);
        assertThat(days).hasSize(10);
        assertThat(days.getFirst()).isEqualTo(new Day(NOON.plus(Duration.ofHours(3)), 101, 2.0 * 86_400, 4 * 1_100L));
        assertThat(store.days(NOON, Grain.HOUR)).hasSize(20);
        assertThat(store.days(NOON, Grain.MINUTE)).hasSize(20);

        Growth growth = Growth.of(now, NOON, days, days, storage(2_900));
        assertThat(growth.items()).extracting(Growth.Item::now).containsExactly(110.0, 172_800.0, 4 * 2_900.0);
        assertThat(growth.items())
                .extracting(item -> item.forecast().perDay())
                .as("messages of today, which is not over, are left out: nine days are left")
                .containsExactly(1.0, 0.0, 800.0);
        assertThat(growth.disk())
                .as("5,000 free at 800 a day, and nine days can be foreseen")
                .isEqualTo(new Growth.Disk(5_000, 9_000, 6.25, 9));
    }

    @Test
    void withoutALookNothingIsKnown() {
        Growth growth = Growth.of(NOON, null, store.days(NOON, Grain.DAY), List.of(), null);
        assertThat(growth.items()).extracting(Growth.Item::now).containsOnlyNulls();
        assertThat(growth.disk()).isNull();
    }

    private static Storage storage(long each) {
        return new Storage(each, each, each, each, 5_000, 9_000);
    }
}

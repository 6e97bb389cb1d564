package dev.muster.slo;

import static dev.muster.slo.BucketFixture.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.slo.BucketFixture.Killing.Killed;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

class BucketRoundsTest {
    /** Late data, members that come and go, and a kill around any commit; compared with a count of everything. */
    @Test
    void bucketsAreWhatACountOfEverythingSays() {
        long seed = System.nanoTime();
        for (long each = seed; each < seed + 3; each++) {
            Seen seen = run(each, BucketFixture::store, BucketFixture::places);
            assertThat(differences(seen.written(), seen.expected()))
                    .as("seed %d, %d killed, %d late", each, seen.kills(), seen.late())
                    .isEmpty();
            assertThat(differences(seen.hours(), seen.expectedHours()))
                    .as("hours of seed %d", each)
                    .isEmpty();
            assertThat(seen.expected()).hasSizeGreaterThan(200);
            assertThat(seen.kills()).as("kills of seed %d", each).isPositive();
        }
    }

    @Test
    void aStoreThatAddsWhereItShouldReplaceIsFound() {
        assertThat(someSeedDiffers(
                        fixture -> new BucketStore(JdbcClient.create(fixture.source), fixture.template, PAGE) {
                            @Override
                            BucketWriter writer(String sli, Instant at, boolean add, Runnable eachPage) {
                                return super.writer(sli, at, true, eachPage);
                            }
                        },
                        BucketFixture::places))
                .isTrue();
    }

    @Test
    void aCountOfThoseInServiceNowIsFound() {
        assertThat(someSeedDiffers(BucketFixture::store, fixture -> new PlaceStore(fixture.template, PAGE) {
                    @Override
                    InService at(Instant moment) {
                        return super.at(fixture.now);
                    }
                }))
                .isTrue();
    }

    @Test
    void aStoreThatForgetsLateMarksIsFound() {
        assertThat(someSeedDiffers(
                        fixture -> new BucketStore(JdbcClient.create(fixture.source), fixture.template, PAGE) {
                            @Override
                            void markLate(Map<Instant, Set<String>> late, Instant now) {}
                        },
                        BucketFixture::places))
                .isTrue();
    }

    private static boolean someSeedDiffers(
            Function<BucketFixture, BucketStore> planted, Function<BucketFixture, PlaceStore> plantedPlaces) {
        Seen seen = run(42, planted, plantedPlaces);
        return !seen.written().equals(seen.expected());
    }

    private static List<String> differences(Map<String, Tally> found, Map<String, Tally> expected) {
        Set<String> keys = new TreeSet<>(found.keySet());
        keys.addAll(expected.keySet());
        return keys.stream()
                .filter(key -> !Objects.equals(found.get(key), expected.get(key)))
                .map(key -> key + ": found " + found.get(key) + ", expected " + expected.get(key))
                .limit(10)
                .toList();
    }

    private record Seen(
            Map<String, Tally> written,
            Map<String, Tally> expected,
            Map<String, Tally> hours,
            Map<String, Tally> expectedHours,
            int kills,
            long late) {}

    private static Seen run(
            long seed, Function<BucketFixture, BucketStore> stores, Function<BucketFixture, PlaceStore> placeStores) {
        Random random = new Random(seed);
        BucketFixture fixture = new BucketFixture(random);
        BucketStore store = stores.apply(fixture);
        PlaceStore places = placeStores.apply(fixture);
        int kills = 0;
        for (int step = 0; step < 350; step++) {
            fixture.step(store);
            // The first transaction brings the places up to now: what an asset is from now on is seen now.
            fixture.transactions.killAt = random.nextInt(10) == 0 ? 1 + random.nextInt(4) : -1;
            fixture.transactions.afterCommit = random.nextBoolean();
            try {
                fixture.rounds(store, places).round(fixture.lease, fixture.now);
            } catch (Killed killed) {
                kills++;
            }
        }
        fixture.transactions.killAt = -1;
        fixture.now = fixture.now.plus(Duration.ofMinutes(8));
        fixture.happenings.now = fixture.now;
        boolean more = true;
        while (more) {
            more = fixture.rounds(store, places).round(fixture.lease, fixture.now);
        }
        fixture.rounds(store, places).round(fixture.lease, fixture.now);
        Instant until = store.next("happenings").orElseThrow();
        Map<String, Tally> expected = fixture.expected(until);
        Map<String, Tally> hours = new TreeMap<>();
        expected.forEach((key, tally) -> {
            String[] parts = key.split(" ");
            hours.merge(Buckets.floor(Instant.parse(parts[0]), Buckets.HOUR) + " " + parts[1], tally, Tally::plus);
        });
        return new Seen(
                fixture.written("sli_bucket", until),
                expected,
                fixture.written("sli_hour", until),
                hours,
                kills,
                fixture.happenings.all.stream()
                        .filter(each -> each.ts().isBefore(each.stored().minusSeconds(120)))
                        .count());
    }
}

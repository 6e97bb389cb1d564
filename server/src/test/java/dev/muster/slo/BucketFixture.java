package dev.muster.slo;

import dev.muster.platform.lease.Lease;
import dev.muster.platform.lease.Leases;
import dev.muster.platform.testing.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;

/** A small fleet over some hours: what happened, what the buckets say of it, and what a naive count of everything says. */
final class BucketFixture {
    /** Assets: less than there are, so that everything goes in several pages. */
    static final int PAGE = 2;

    static final Instant BEGIN = Instant.parse("2026-11-24T21:57:00Z");
    private static final List<String> TYPES = List.of("van", "pos");
    private static final List<String> REGIONS = List.of("eu", "us", "");
    private static final List<String> GROUPS = List.of("cold-chain", "pilot");

    final DataSource source = TestDatabase.fresh();
    final JdbcTemplate template = new JdbcTemplate(source);
    final Killing transactions = new Killing(source);
    final Leases leases = new Leases(JdbcClient.create(source));
    final Lease lease = leases.acquire("slo", "test", Duration.ofHours(1)).orElseThrow();
    final Happenings happenings = new Happenings();
    final Random random;
    Instant now = BEGIN;

    /** What each asset was from when on; an empty place is one that is out of service. */
    private final Map<String, TreeMap<Instant, Place>> places = new TreeMap<>();

    record Place(String type, String region, Set<String> groups) {
        static final Place NONE = new Place("", "", Set.of());
    }

    BucketFixture(Random random) {
        this.random = random;
        TYPES.forEach(type -> template.update(
                "insert into asset_type (name, spec, created, updated, resource_version) values (?, '{}', now(), now(), 1)",
                type));
        GROUPS.forEach(group -> template.update(
                "insert into asset_group (name, selector, volatile, refresh_wanted, created, updated, resource_version)"
                        + " values (?, 'true', false, false, now(), now(), 1)",
                group));
    }

    BucketStore store() {
        return new BucketStore(JdbcClient.create(source), template, PAGE);
    }

    PlaceStore places() {
        return new PlaceStore(template, PAGE);
    }

    BucketRounds rounds(BucketStore store, PlaceStore places) {
        return new BucketRounds(
                store, places, SliSources.of(List.of(happenings)), new QueueSamples(), leases, transactions);
    }

    /** Dies at the commit when it is told to: before it, or right after. */
    static final class Killing extends JdbcTransactionManager {
        private static final long serialVersionUID = 1L;
        /** Transactions from now on; negative for never. */
        int killAt = -1;

        boolean afterCommit;

        static final class Killed extends RuntimeException {
            private static final long serialVersionUID = 1L;
        }

        Killing(DataSource source) {
            super(source);
        }

        @Override
        protected void doCommit(DefaultTransactionStatus status) {
            boolean dies = killAt == 0;
            killAt--;
            if (dies && !afterCommit) {
                throw new Killed();
            }
            super.doCommit(status);
            if (dies) {
                throw new Killed();
            }
        }
    }

    /** One thing that happened to an asset. @param stored when it could be counted */
    record Happening(String asset, Instant ts, Instant stored, boolean good) {}

    /** What the buckets are counted from. */
    static final class Happenings implements SliSource {
        final List<Happening> all = new ArrayList<>();
        Instant now = BEGIN;

        @Override
        public Sli sli() {
            return new Sli("happenings", "Things that happened", "things", 0.99, false, false);
        }

        @Override
        public Optional<Instant> completeUntil(Instant at) {
            return Optional.of(at.minusSeconds(90));
        }

        @Override
        public boolean followsLateRows(String assetType) {
            return true;
        }

        @Override
        public void count(Instant from, Instant until, InService fleet, TallySink to) {
            ThoseInService served = new ThoseInService(fleet, to, PAGE);
            for (Happening each : all) {
                if (!each.stored().isAfter(now)
                        && !each.ts().isBefore(from)
                        && each.ts().isBefore(until)) {
                    served.add(each.asset(), each.good() ? new Tally(1, 0, 0, 0) : new Tally(0, 1, 0, 0));
                }
            }
            served.flush();
        }
    }

    // --- what happens

    void step(BucketStore store) {
        now = now.plusSeconds(20 + random.nextInt(80));
        happenings.now = now;
        for (int i = random.nextInt(6); i > 0; i--) {
            String asset = "a" + random.nextInt(8);
            boolean late = random.nextInt(5) == 0;
            Instant ts = late ? now.minusSeconds(random.nextInt(4 * 3600)) : now.minusSeconds(random.nextInt(50));
            happenings.all.add(new Happening(asset, ts, now, random.nextInt(4) > 0));
            if (late) {
                store.markLate(Map.of(Buckets.floor(ts), Set.of("van")), now);
            }
        }
        if (random.nextInt(4) == 0) {
            move("a" + random.nextInt(8));
        }
    }

    private void move(String asset) {
        Place place = random.nextInt(6) == 0
                ? Place.NONE
                : new Place(
                        TYPES.get(random.nextInt(2)),
                        REGIONS.get(random.nextInt(3)),
                        random.nextBoolean() ? Set.of(GROUPS.get(random.nextInt(2))) : Set.copyOf(GROUPS));
        places.computeIfAbsent(asset, _ -> new TreeMap<>()).put(now, place);
        boolean serves = !place.equals(Place.NONE);
        template.update(
                """
                insert into asset (id, type, region, lifecycle, presence_since, created, updated, resource_version)
                values (?, ?, ?, ?, now(), ?, now(), 1)
                on conflict (id) do update set type = excluded.type, region = excluded.region, lifecycle = excluded.lifecycle""",
                asset,
                serves ? place.type() : "van",
                place.region(),
                serves ? "active" : "maintenance",
                now.atOffset(ZoneOffset.UTC));
        template.update(
                "update group_membership set left_at = ? where asset_id = ? and left_at is null",
                now.atOffset(ZoneOffset.UTC),
                asset);
        place.groups()
                .forEach(group -> template.update(
                        "insert into group_membership (group_name, asset_id, joined_at) values (?, ?, ?)"
                                + " on conflict (group_name, asset_id, joined_at) do update set left_at = null",
                        group,
                        asset,
                        now.atOffset(ZoneOffset.UTC)));
    }

    // --- what the count of everything says

    /** By bucket and scope. */
    Map<String, Tally> expected(Instant until) {
        Map<String, Tally> expected = new TreeMap<>();
        for (Happening each : happenings.all) {
            Instant bucket = Buckets.floor(each.ts());
            if (bucket.isBefore(Buckets.floor(BEGIN)) || !bucket.isBefore(until)) {
                continue;
            }
            var of = places.getOrDefault(each.asset(), new TreeMap<>()).floorEntry(bucket.plusSeconds(299));
            Place place = of == null ? Place.NONE : of.getValue();
            if (place.equals(Place.NONE)) {
                continue;
            }
            List<String> scopes = new ArrayList<>(List.of("fleet", "type/" + place.type()));
            if (!place.region().isEmpty()) {
                scopes.add("region/" + place.region());
            }
            place.groups().forEach(group -> scopes.add("group/" + group));
            scopes.forEach(scope -> expected.merge(
                    bucket + " " + scope, each.good() ? new Tally(1, 0, 0, 0) : new Tally(0, 1, 0, 0), Tally::plus));
        }
        return expected;
    }

    Map<String, Tally> written(String table, Instant until) {
        Map<String, Tally> written = new TreeMap<>();
        template.query(
                "select at, scope, good, bad, stale, unknown from " + table + " where at < ?",
                row -> {
                    written.put(
                            row.getObject("at", java.time.OffsetDateTime.class).toInstant() + " "
                                    + row.getString("scope"),
                            new Tally(
                                    row.getDouble("good"),
                                    row.getDouble("bad"),
                                    row.getDouble("stale"),
                                    row.getDouble("unknown")));
                },
                until.atOffset(ZoneOffset.UTC));
        return written;
    }
}

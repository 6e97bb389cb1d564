package dev.muster.slo;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** How an indicator went in the fleet and in each of its regions: what dashboards draw, in two statements however many regions. */
@Component
public class SliTrends {
    /** The largest ones; beyond that nobody compares lines. */
    public static final int MAX_REGIONS = 100;

    private final JdbcClient jdbc;
    private final SliReader readings;

    SliTrends(JdbcClient jdbc, SliReader readings) {
        this.jdbc = jdbc;
        this.readings = readings;
    }

    /** @param at its begin */
    public record Step(Instant at, double good, double total) {
        /** Share of good; null when nothing was counted. */
        public @Nullable Double value() {
            return total > 0 ? good / total : null;
        }
    }

    /**
     * One scope.
     *
     * @param scope {@code fleet} or {@code region/…}
     * @param value share of good over the window; null when nothing was counted
     * @param before the same over as long a time before it; null when less than half of that was counted
     * @param steps oldest first; those in which nothing was counted are left out
     */
    public record Trend(
            String scope, @Nullable Double value, @Nullable Double before, List<Step> steps) {}

    /** @param to the end of the newest five minutes that are summed up */
    public record Trends(Instant from, Instant to, List<Trend> scopes) {}

    /**
     * The fleet first, then its regions, the largest first.
     *
     * @param step whole buckets of five minutes; whole hours when the window is longer than a day
     * @return empty when nothing was summed up for a quarter of an hour, or ever
     */
    public Optional<Trends> ofRegions(String sli, Duration window, Duration step, Instant now) {
        return of(sli, "(scope = 'fleet' or (scope >= 'region/' and scope < 'region0'))", window, step, now);
    }

    public Optional<Trends> ofFleet(String sli, Duration window, Duration step, Instant now) {
        return of(sli, "scope = 'fleet'", window, step, now);
    }

    private Optional<Trends> of(String sli, String scopes, Duration window, Duration step, Instant now) {
        Instant end = readings.end(sli, now)
                .filter(at -> Duration.between(at, now).compareTo(SliReader.MOST_BEHIND) <= 0)
                .orElse(null);
        if (end == null) {
            return Optional.empty();
        }
        // Hours are written with each of their buckets, so the newest one is there, as far as it has come.
        String table = window.compareTo(Duration.ofDays(1)) > 0 ? "sli_hour" : "sli_bucket";
        Instant from = Buckets.floor(end.minus(window), step);
        Map<String, Sums> sums = sums(table, sli, scopes, from, end);
        Map<String, List<Step>> steps = steps(table, sli, sums.keySet(), from, end, step);
        return Optional.of(new Trends(
                from,
                end,
                sums.entrySet().stream()
                        .map(entry -> new Trend(
                                entry.getKey(),
                                entry.getValue().value(),
                                entry.getValue().before(),
                                steps.getOrDefault(entry.getKey(), List.of())))
                        .toList()));
    }

    private record Sums(@Nullable Double value, @Nullable Double before) {}

    /** Key: (sli, scope, at). */
    private Map<String, Sums> sums(String table, String sli, String scopes, Instant from, Instant to) {
        Map<String, Sums> sums = new LinkedHashMap<>();
        jdbc.sql("""
                        select scope, sum(good) filter (where at >= :from) as good,
                               sum(good + bad) filter (where at >= :from) as total,
                               sum(good) filter (where at < :from) as good_before,
                               sum(good + bad) filter (where at < :from) as total_before,
                               coalesce(min(at) <= :half, false) as known_before
                        from %s where sli = :sli and %s and at >= :before and at < :to
                        group by scope order by scope <> 'fleet', coalesce(sum(good + bad) filter (where at >= :from), 0) desc, scope
                        limit :limit""".formatted(table, scopes))
                .param("sli", sli)
                .param("from", time(from))
                .param("before", time(from.minus(Duration.between(from, to))))
                .param("half", time(from.minus(Duration.between(from, to).dividedBy(2))))
                .param("to", time(to))
                .param("limit", MAX_REGIONS + 1)
                .query(row -> {
                    sums.put(
                            row.getString("scope"),
                            new Sums(
                                    share(row.getDouble("good"), row.getDouble("total")),
                                    row.getBoolean("known_before")
                                            ? share(row.getDouble("good_before"), row.getDouble("total_before"))
                                            : null));
                });
        return sums;
    }

    private Map<String, List<Step>> steps(
            String table, String sli, Iterable<String> scopes, Instant from, Instant to, Duration step) {
        List<String> wanted = new ArrayList<>();
        scopes.forEach(wanted::add);
        Map<String, List<Step>> steps = new LinkedHashMap<>();
        jdbc.sql("""
                        select scope, date_bin(cast(:step as interval), at, timestamptz 'epoch') as begin, sum(good) as good,
                               sum(good + bad) as total
                        from %s where sli = :sli and scope = any(:scopes) and at >= :from and at < :to
                        group by 1, 2 order by 1, 2""".formatted(table))
                .param("step", step.toSeconds() + " seconds")
                .param("sli", sli)
                .param("scopes", wanted.toArray(String[]::new))
                .param("from", time(from))
                .param("to", time(to))
                .query(row -> {
                    steps.computeIfAbsent(row.getString("scope"), _ -> new ArrayList<>())
                            .add(new Step(
                                    row.getObject("begin", OffsetDateTime.class).toInstant(),
                                    row.getDouble("good"),
                                    row.getDouble("total")));
                });
        return steps;
    }

    private static @Nullable Double share(double good, double total) {
        return total > 0 ? good / total : null;
    }

    private static OffsetDateTime time(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}

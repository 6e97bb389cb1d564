package dev.muster.telemetry.store;

import dev.muster.protocol.AssetId;
import dev.muster.protocol.Severity;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where telemetry, positions, events and logs are kept.
 *
 * <p>What {@link #append} has stored can be read soon after (well under a second), not at once. Safe for use by many
 * threads. {@code TelemetryStoreContract} and the contracts beside it in the tests state what every implementation promises.
 */
public interface TelemetryStore extends AutoCloseable {

    /** The metrics that a type has room for, with the kinds in which they are stored; empty for an unknown type. */
    Map<String, MetricKind> metrics(String type);

    /**
     * Makes room for metrics of a type. One that exists keeps its kind.
     *
     * @throws MetricNameException when a name cannot be stored
     */
    void declare(String type, Map<String, MetricKind> metrics);

    /**
     * Stores rows; on return they are on disk. The same rows again change nothing.
     *
     * @throws StoreUnavailableException when they are not stored, or only some of them: try again
     * @throws IllegalArgumentException when a sample holds a metric that was not declared, or of another kind
     */
    void append(List<? extends Row> rows);

    /**
     * Stores rows that come long after their time, as {@link #append} does; they are found like all others. A row that
     * was stored in time and comes again late is one row.
     */
    void appendLate(List<? extends Row> rows);

    /** Readings of one asset, oldest first, at most {@code limit}; a reading holds those of the metrics that it has. */
    List<Reading> range(SeriesQuery query, int limit);

    /** The same, summed up by steps that start at multiples of the step since the epoch; empty steps are left out. */
    Map<String, List<Bucket>> aggregate(SeriesQuery query, Duration step);

    /**
     * Adds the values of one metric of many assets of a type; true counts as 1, texts do not count.
     *
     * @param groups by asset, those of others are left out
     * @param from milliseconds since the epoch, inclusive
     * @param to exclusive
     * @throws QueryTooLargeException when it takes too long, or the sums grow beyond their bound
     */
    void sum(String type, String metric, Map<String, Integer> groups, long from, long to, GroupSums sums);

    /**
     * Some readings of many assets in the order of time: all of the moments from the first one on, as many moments as fit.
     *
     * @param assets ids of those that count, all of the type; null for all that there are
     * @param limit rows to be looked at, of all assets; more only when a single moment has more
     * @throws QueryTooLargeException when a single moment has too many
     */
    Slice slice(SliceQuery query, @Nullable Set<String> assets, int limit);

    /**
     * The newest value of each metric by event time.
     *
     * @param metrics all when empty
     */
    Map<AssetId, Map<String, Value>> latest(String type, Collection<AssetId> assets, Collection<String> metrics);

    /** Log lines of one asset, newest first. */
    List<Row.LogLine> logs(TailQuery query);

    /** Events of one asset, newest first. */
    List<Row.Happening> events(TailQuery query);

    /**
     * Events of a type's assets, counted by asset, type of event and severity; one that was stored in time and comes again late is one.
     *
     * @param from milliseconds since the epoch, inclusive
     * @param to exclusive
     * @param most events that are looked at
     * @throws QueryTooLargeException when there are more
     */
    List<EventCount> countEvents(String type, long from, long to, int most);

    /** Positions of one asset, newest first. */
    List<Row.Position> positions(TailQuery query);

    /** Where assets were last: of those that told it lately, or since the start. Follows by itself; not to be changed. */
    Map<AssetId, Place> places();

    /** How long rows of a type are kept, also those that are stored already; what was standard before for a type unheard of. */
    void retain(String type, Retention retention);

    /** Deletes what is kept for longer than it should be, also where nothing is written any more. */
    void expire(Instant now);

    /** Why it cannot store or read in full, worded for an operator; empty when all is well. */
    Optional<String> problem();

    /** Waits until everything appended so far can be read. For tests and orderly work, not for the fast path. */
    void awaitReadable(Duration atMost) throws InterruptedException;

    @Override
    void close();

    /**
     * Which metrics of one asset, from when until before when (milliseconds since the epoch).
     *
     * @param type the asset's type
     */
    record SeriesQuery(String type, AssetId asset, List<String> metrics, long from, long to) {
        public SeriesQuery {
            metrics = List.copyOf(metrics);
        }
    }

    /** Which metrics of a type's assets, from when until before when (milliseconds since the epoch). */
    record SliceQuery(String type, List<String> metrics, long from, long to) {
        public SliceQuery {
            metrics = List.copyOf(metrics);
        }
    }

    record EventCount(String asset, String event, Severity severity, long count) {}

    /** @param next from when to go on; that of the query's end when there is no more */
    record Slice(List<AssetReading> readings, long next) {}

    /** @param values of the metrics that were asked for, in their order; null where there is none */
    record AssetReading(long ts, String asset, List<@Nullable Object> values) {}

    record Reading(long ts, Map<String, Object> values) {}

    /** One step of one metric; the numbers are null for text, of a boolean they count true as 1. */
    record Bucket(
            long ts,
            @Nullable Double min,
            @Nullable Double max,
            @Nullable Double avg,
            @Nullable Object last,
            long count) {}

    /** @param value a {@link Double}, {@link Boolean} or {@link String} */
    record Value(long ts, Object value) {}

    /** WGS 84 degrees, and when it was there. */
    record Place(long ts, double lat, double lon) {}

    /**
     * Which rows of one asset, from when until before when, newest first.
     *
     * @param type the asset's type
     * @param before rows that sort before (are older than) this one; null to start with the newest
     * @param atLeast this severity or worse; null for all
     * @param containing in the body or message, without regard to case; null for all
     * @param receivedFrom milliseconds since the epoch, inclusive; 0 for all
     * @param having of log lines only; null for all
     */
    record TailQuery(
            String type,
            AssetId asset,
            long from,
            long to,
            @Nullable Cursor before,
            @Nullable Severity atLeast,
            @Nullable String containing,
            long receivedFrom,
            @Nullable Attribute having,
            int limit) {

        public TailQuery(
                String type,
                AssetId asset,
                long from,
                long to,
                @Nullable Cursor before,
                @Nullable Severity atLeast,
                @Nullable String containing,
                int limit) {
            this(type, asset, from, to, before, atLeast, containing, 0, null, limit);
        }
    }

    /** A log line's attribute and its value, as text. */
    record Attribute(String name, String value) {}

    /** A place between rows: the one of this time and content hash (0 for positions) is the last that was read. */
    record Cursor(long ts, long hash) {}
}

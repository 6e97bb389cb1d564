package dev.muster.telemetry.store;

import dev.muster.protocol.AssetId;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where samples of labelled series are kept: a narrow table of values, and which series there are. What a series is does not
 * change; its number is a hash of name and labels, so that nobody has to hand out numbers.
 */
public interface SampleStore {

    /** Key: ts, asset, series. */
    record Sample(long ts, AssetId asset, long receivedAt, long series, double value) {}

    /**
     * A series of an asset, as it was told on some day.
     *
     * @param day on which it was received, milliseconds since the epoch at its beginning
     * @param labels JSON object
     * @param kind unknown, gauge, counter or delta
     */
    record Known(long day, AssetId asset, long series, String name, String labels, String kind, String unit) {}

    /** Stores both, the series first; on return they are on disk. The same again changes nothing. */
    void append(List<Known> known, List<Sample> samples);

    /** The last day of each series that was told since a day. */
    Map<AssetId, Map<Long, Long>> knownSince(long day);

    /**
     * The series of one asset that were told since a day, by name and labels.
     *
     * @param name null for all
     */
    List<Known> series(AssetId asset, @Nullable String name, long sinceDay, int limit);

    /** Oldest first. */
    List<Sample> range(AssetId asset, Collection<Long> series, long from, long to, int limit);

    /** The same, summed up by steps that start at multiples of the step since the epoch; by series. */
    Map<Long, List<TelemetryStore.Bucket>> aggregate(
            AssetId asset, Collection<Long> series, long from, long to, Duration step);
}

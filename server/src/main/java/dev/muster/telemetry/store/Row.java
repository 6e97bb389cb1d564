package dev.muster.telemetry.store;

import dev.muster.protocol.AssetId;
import dev.muster.protocol.Metrics;
import dev.muster.protocol.Severity;
import org.jspecify.annotations.Nullable;

/**
 * One thing to store. Its key is {@code (ts, asset)} and what the record names as its key besides; a second row of the
 * same key replaces the first, so the same row twice is one row.
 */
public sealed interface Row {

    /** Event time, milliseconds since the epoch. */
    long ts();

    AssetId asset();

    /** Of the asset: rows of a type are kept together, for as long as the type says. */
    String assetType();

    /** When the server received it, milliseconds since the epoch. */
    long receivedAt();

    /**
     * Metrics of one moment.
     *
     * @param names key: hash of the set of metric names that the asset sent
     * @param tie key: 0 where the asset gave the time; else tells readings apart that only share a receive time
     */
    record Sample(long ts, AssetId asset, String assetType, long receivedAt, long names, long tie, Metrics values)
            implements Row {}

    /** Where an asset was; WGS 84 degrees, metres, metres per second, degrees clockwise from north. No further key. */
    record Position(
            long ts,
            AssetId asset,
            String assetType,
            long receivedAt,
            double lat,
            double lon,
            @Nullable Double alt,
            @Nullable Double speed,
            @Nullable Double heading,
            @Nullable Double accuracy,
            @Nullable String fix)
            implements Row {}

    /** A row that is told from others of the same moment by its content. */
    sealed interface Hashed extends Row {
        /** Key: hash of the content. */
        long hash();
    }

    /** @param data JSON */
    record Happening(
            long ts,
            AssetId asset,
            String assetType,
            long receivedAt,
            long hash,
            String type,
            Severity severity,
            @Nullable String message,
            String data)
            implements Hashed {}

    /** @param attributes JSON */
    record LogLine(
            long ts,
            AssetId asset,
            String assetType,
            long receivedAt,
            long hash,
            Severity severity,
            String body,
            String attributes)
            implements Hashed {}
}

package dev.muster.slo;

import java.time.Duration;
import java.time.Instant;

/** Spans of five minutes since the epoch, in UTC, so that every hour and every day is whole buckets. */
public final class Buckets {
    public static final Duration SIZE = Duration.ofMinutes(5);
    public static final Duration HOUR = Duration.ofHours(1);

    private Buckets() {}

    /** The begin of the bucket that the moment lies in. */
    public static Instant floor(Instant at) {
        return floor(at, SIZE);
    }

    static Instant floor(Instant at, Duration size) {
        return Instant.ofEpochSecond(Math.floorDiv(at.getEpochSecond(), size.toSeconds()) * size.toSeconds());
    }

    static Instant ceil(Instant at, Duration size) {
        Instant floor = floor(at, size);
        return floor.equals(at) ? floor : floor.plus(size);
    }

    static Duration ceil(Duration window) {
        long size = SIZE.toSeconds();
        return Duration.ofSeconds(Math.max(1, Math.ceilDiv(window.toSeconds(), size)) * size);
    }
}

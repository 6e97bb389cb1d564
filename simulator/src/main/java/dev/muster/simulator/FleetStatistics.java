package dev.muster.simulator;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/** What a running fleet counts; written by event loops, read by anyone. */
public final class FleetStatistics {
    private static final long LONGEST = TimeUnit.MINUTES.toNanos(10);

    final LongAdder enrolled = new LongAdder();
    final LongAdder enrolFailed = new LongAdder();
    final AtomicInteger connected = new AtomicInteger();
    final LongAdder everConnected = new LongAdder();
    final LongAdder sent = new LongAdder();
    final LongAdder acknowledged = new LongAdder();
    final LongAdder dropped = new LongAdder();
    final LongAdder refused = new LongAdder();
    final LongAdder reconnects = new LongAdder();
    final LongAdder connectFailures = new LongAdder();
    /** Began away, for ever down or wiped, as the last run had left them. */
    final LongAdder absent = new LongAdder();

    final LongAdder unreadable = new LongAdder();
    private final Recorder recent = new Recorder(LONGEST, 2);
    private final Recorder whole = new Recorder(LONGEST, 2);
    private final Histogram all = new Histogram(LONGEST, 2);

    void latency(long nanos) {
        long bounded = Math.clamp(nanos, 1, LONGEST);
        recent.recordValue(bounded);
        whole.recordValue(bounded);
    }

    /** The latencies recorded since the last call. */
    synchronized Latency recentLatency() {
        return Latency.of(recent.getIntervalHistogram());
    }

    /** The latencies of the whole run. */
    synchronized Latency wholeLatency() {
        all.add(whole.getIntervalHistogram());
        return Latency.of(all);
    }

    public int connected() {
        return connected.get();
    }

    public long acknowledged() {
        return acknowledged.sum();
    }

    public long sent() {
        return sent.sum();
    }

    public long reconnects() {
        return reconnects.sum();
    }

    /** From sending to PUBACK, in milliseconds; 0 where nothing was acknowledged. */
    public record Latency(double p50, double p99, double max) {
        private static Latency of(Histogram histogram) {
            if (histogram.getTotalCount() == 0) {
                return new Latency(0, 0, 0);
            }
            return new Latency(
                    histogram.getValueAtPercentile(50) / 1e6,
                    histogram.getValueAtPercentile(99) / 1e6,
                    histogram.getMaxValue() / 1e6);
        }
    }
}

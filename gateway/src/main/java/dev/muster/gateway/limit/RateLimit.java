package dev.muster.gateway.limit;

import dev.muster.gateway.config.DevicePlaneConfig.Rate;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * So many requests of one asset or one address: a token bucket each, in a bounded table.
 *
 * <p>When the table is full the one seen longest ago is forgotten; it gets a fresh bucket, which costs less than memory
 * without end.
 */
public final class RateLimit {
    private static final double NANOS_PER_MINUTE = 60e9;

    private final double perNano;
    private final int burst;
    private final Map<String, Bucket> buckets;

    private static final class Bucket {
        private double tokens;
        private long at;

        private Bucket(double tokens, long at) {
            this.tokens = tokens;
            this.at = at;
        }
    }

    public RateLimit(Rate rate) {
        this.perNano = rate.perMinute() / NANOS_PER_MINUTE;
        this.burst = rate.burst();
        this.buckets = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
                return size() > rate.remembered();
            }
        };
    }

    /** @return 0 when it is allowed, else the seconds to wait */
    public synchronized int attempt(String who, long nowNanos) {
        Bucket bucket = buckets.computeIfAbsent(who, unseen -> new Bucket(burst, nowNanos));
        bucket.tokens = Math.min(burst, bucket.tokens + (nowNanos - bucket.at) * perNano);
        bucket.at = nowNanos;
        if (bucket.tokens >= 1) {
            bucket.tokens--;
            return 0;
        }
        return (int) Math.max(1, Math.ceil((1 - bucket.tokens) / perNano / 1e9));
    }

    synchronized int remembered() {
        return buckets.size();
    }

    /** Of IPv6 the first 64 bits: whoever has one address there has all of them. */
    public static String network(String address) {
        if (address.indexOf(':') < 0) {
            return address;
        }
        int end = 0;
        for (int groups = 0; groups < 4 && end >= 0; groups++) {
            end = address.indexOf(':', end + 1);
        }
        return end < 0 || address.contains("::") ? address : address.substring(0, end);
    }
}

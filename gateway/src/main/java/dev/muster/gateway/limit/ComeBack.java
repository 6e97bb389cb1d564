package dev.muster.gateway.limit;

import java.util.concurrent.ThreadLocalRandom;

/** When somebody who is turned away should come back: each told another time, so that they do not all come at once. */
public final class ComeBack {
    private static final int MAX_SECONDS = 600;

    private ComeBack() {}

    /** From the least to twice as much. */
    public static int after(int leastSeconds) {
        return within(leastSeconds, leastSeconds);
    }

    /** From the least on, spread over so many seconds more. */
    public static int within(int leastSeconds, int spreadSeconds) {
        return Math.min(MAX_SECONDS, leastSeconds + ThreadLocalRandom.current().nextInt(spreadSeconds + 1));
    }
}

package dev.muster.slo;

import java.util.HashMap;
import java.util.Map;
import java.util.function.ObjDoubleConsumer;

/**
 * What is good or bad of a total, of each asset. Both have to be known of an asset before anything can be told of it, so those of a fleet
 * that is too large to be kept in memory are counted in several goes: each slice of them that is too large is halved.
 */
final class RatioCount {
    /** Assets that are kept in memory. */
    static final int MOST = 100_000;

    /** Counts anew each time it is asked. */
    @FunctionalInterface
    interface Counter {
        /** @param each may be told several times of an asset; its numbers add up */
        void count(ObjDoubleConsumer<String> each);
    }

    private final Counter total;
    private final Counter part;
    private final boolean partIsBad;
    private final int most;

    RatioCount(Counter total, Counter part, boolean partIsBad, int most) {
        this.total = total;
        this.part = part;
        this.partIsBad = partIsBad;
        this.most = most;
    }

    /** Tells of each asset that the total has. */
    void tell(TallySink to) {
        tell(to, 0, 1);
    }

    private void tell(TallySink to, int slice, int slices) {
        Map<String, double[]> totalAndPart = new HashMap<>();
        boolean[] full = new boolean[1];
        total.count((asset, number) -> {
            if (!full[0] && Math.floorMod(spread(asset), slices) == slice) {
                totalAndPart.computeIfAbsent(asset, _ -> new double[2])[0] += number;
                // Ids of one hash are in one slice however small it is.
                full[0] = totalAndPart.size() > most && slices < 1 << 20;
            }
        });
        if (full[0]) {
            totalAndPart.clear();
            tell(to, slice, slices * 2);
            tell(to, slice + slices, slices * 2);
            return;
        }
        part.count((asset, number) -> {
            double[] counts = totalAndPart.get(asset);
            if (counts != null) {
                counts[1] += number;
            }
        });
        totalAndPart.forEach((asset, counts) -> {
            double some = Math.min(counts[0], counts[1]);
            double rest = counts[0] - some;
            to.add(asset, partIsBad ? new Tally(rest, some, 0, 0) : new Tally(some, rest, 0, 0));
        });
    }

    /** The low bits of the hash of a text are those of its last letters. */
    private static int spread(String asset) {
        int hash = asset.hashCode() * 0x9E3779B9;
        return hash ^ hash >>> 16;
    }
}

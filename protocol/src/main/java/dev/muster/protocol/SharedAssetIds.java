package dev.muster.protocol;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Hands out one object for each name, so that maps of a million assets share their keys. A table with open addressing that grows up to a
 * bound: when that is full it begins anew, and what it handed out lives on with its holders.
 */
final class SharedAssetIds {
    private static final int FIRST = 1 << 10;

    private final int most;
    private @Nullable AssetId[] slots = new AssetId[FIRST];
    private int held;

    /** @param most ids that are remembered, a power of two and at least {@value #FIRST} */
    SharedAssetIds(int most) {
        this.most = most;
    }

    synchronized AssetId of(AssetId asset) {
        int at = place(slots, asset);
        AssetId known = slots[at];
        if (known != null) {
            return known;
        }
        if (held >= most) {
            Arrays.fill(slots, null);
            held = 0;
            at = place(slots, asset);
        } else if (held >= slots.length / 4 * 3) {
            slots = doubled(slots);
            at = place(slots, asset);
        }
        slots[at] = asset;
        held++;
        return asset;
    }

    private static @Nullable AssetId[] doubled(@Nullable AssetId[] slots) {
        @Nullable AssetId[] larger = new AssetId[slots.length * 2];
        for (AssetId each : slots) {
            if (each != null) {
                larger[place(larger, each)] = each;
            }
        }
        return larger;
    }

    /** Where the id is, or where it belongs. */
    private static int place(@Nullable AssetId[] slots, AssetId asset) {
        int mask = slots.length - 1;
        int hash = asset.hashCode() * 0x9E3779B9; // the high bits are the mixed ones
        int at = (hash ^ hash >>> 16) & mask;
        while (true) {
            AssetId found = slots[at];
            if (found == null || found.equals(asset)) {
                return at;
            }
            at = (at + 1) & mask;
        }
    }

    synchronized int held() {
        return held;
    }
}

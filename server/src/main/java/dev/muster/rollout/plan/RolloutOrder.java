package dev.muster.rollout.plan;

import dev.muster.protocol.AssetId;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;

/**
 * The order in which a rollout reaches its targets: by a hash of its name and the asset's id. The same for the same rollout wherever it
 * is worked out, another one for another rollout, so that it is not always the same assets that go first.
 */
public final class RolloutOrder {
    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private RolloutOrder() {}

    private record Placed<T>(long hash, AssetId asset, T what) implements Comparable<Placed<T>> {
        @Override
        public int compareTo(Placed<T> other) {
            return hash != other.hash ? Long.compare(hash, other.hash) : asset.compareTo(other.asset);
        }
    }

    /** @param asset whose turn decides that of a thing */
    public static <T> List<T> of(String rollout, Collection<T> things, Function<T, AssetId> asset) {
        long seed = fnv(FNV_OFFSET, rollout + '/');
        return things.parallelStream()
                .map(thing -> placed(seed, asset.apply(thing), thing))
                .sorted()
                .map(Placed::what)
                .toList();
    }

    private static <T> Placed<T> placed(long seed, AssetId asset, T what) {
        return new Placed<>(mix(fnv(seed, asset.value())), asset, what);
    }

    /** FNV-1a, 64 bit. */
    private static long fnv(long start, String text) {
        long hash = start;
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * FNV_PRIME;
        }
        return hash;
    }

    /** The finalizer of SplitMix64: FNV alone leaves ids that differ in their last character close together. */
    private static long mix(long hash) {
        long mixed = (hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }
}

package dev.muster.twin.presence;

import dev.muster.protocol.AssetId;
import dev.muster.twin.bucket.Packer;
import dev.muster.twin.bucket.Unpacker;
import java.time.Instant;
import java.util.BitSet;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/** The last signs of life of many assets, packed by bucket: about 20 bytes each. */
final class Heard {
    private final Map<Integer, Packer> buckets = new TreeMap<>();

    /** @param wanted buckets; others are passed over, and a wanted one of which nothing is added is empty */
    Heard(BitSet wanted) {
        wanted.stream().forEach(bucket -> buckets.put(bucket, new Packer()));
    }

    void add(int bucket, AssetId asset, Instant lastSeen) {
        Packer packer = buckets.get(bucket);
        if (packer != null) {
            packer.put(asset).put(lastSeen.toEpochMilli());
        }
    }

    void forEach(BiConsumer<Integer, byte[]> each) {
        buckets.forEach((bucket, packer) -> each.accept(bucket, packer.packed()));
    }

    static void unpack(byte[] packed, BiConsumer<AssetId, Instant> each) {
        Unpacker unpacker = new Unpacker(packed);
        while (unpacker.hasMore()) {
            each.accept(unpacker.asset(), Instant.ofEpochMilli(unpacker.number()));
        }
    }
}

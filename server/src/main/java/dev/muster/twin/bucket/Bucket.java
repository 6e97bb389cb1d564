package dev.muster.twin.bucket;

import dev.muster.protocol.AssetId;

/** Which of the {@value #COUNT} rows of a checkpoint an asset is in; the same for ever, because rows outlive versions. */
public final class Bucket {
    public static final int COUNT = 256;

    private Bucket() {}

    /** From 0 on. The hash of a text is that of the language's specification. */
    public static int of(AssetId asset) {
        return asset.value().hashCode() * 0x9E3779B9 >>> 24;
    }
}

package dev.muster.gateway.otlp;

import dev.muster.protocol.AssetId;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.util.List;

/** What of a request is never taken: how many, and why the first. */
final class Refusals {
    private long count;
    private String first = "";

    void add(long items, String why) {
        if (items > 0 && count == 0) {
            first = why;
        }
        count += items;
    }

    /** Whether a resource may be spoken for: it names the asset of the certificate, or none. */
    boolean isOwn(AssetId asset, List<KeyValue> resource, long items) {
        String named = Values.attribute(resource, "asset.id");
        if (named == null || named.equals(asset.value())) {
            return true;
        }
        add(
                items,
                "the resource's asset.id is " + Values.cut(named, 64) + ", the certificate is that of " + asset
                        + "; an asset speaks for itself only");
        return false;
    }

    long count() {
        return count;
    }

    String message() {
        return count == 0 ? "" : first + (count > 1 ? " (first of " + count + ")" : "");
    }
}

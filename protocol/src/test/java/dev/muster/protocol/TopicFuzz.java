package dev.muster.protocol;

import java.nio.charset.StandardCharsets;

/** Any text as a topic: what is an uplink is below the asset's own topics. */
public final class TopicFuzz {
    private static final AssetId ASSET = new AssetId("a");

    private TopicFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) {
        String topic = new String(data, StandardCharsets.UTF_8);
        if (Topics.uplink(ASSET, topic) != null && !Topics.isOwn(ASSET, topic)) {
            throw new AssertionError("\"" + topic + "\" is an uplink of somebody else");
        }
        AssetId.parse(topic).ifPresent(id -> {
            if (!id.value().matches(AssetId.PATTERN)) {
                throw new AssertionError("\"" + topic + "\" is taken as an id");
            }
        });
    }
}

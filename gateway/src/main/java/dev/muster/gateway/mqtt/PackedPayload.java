package dev.muster.gateway.mqtt;

import dev.muster.gateway.packed.ContentCoding;
import dev.muster.gateway.packed.UnpackException;
import dev.muster.protocol.MalformedPayloadException;
import dev.muster.protocol.UplinkCodec;
import io.netty.handler.codec.mqtt.MqttProperties;
import org.jspecify.annotations.Nullable;

/** A payload that the user property {@code content-encoding} says to be packed. */
final class PackedPayload {
    private static final String NAME = "content-encoding";

    private PackedPayload() {}

    /** The payload itself where nothing is said. */
    static byte[] unpacked(MqttProperties properties, byte[] payload) throws MalformedPayloadException {
        String coding = coding(properties);
        if (coding == null) {
            return payload;
        }
        ContentCoding known = ContentCoding.of(coding).orElse(null);
        if (known == null) {
            throw new MalformedPayloadException("content-encoding is not known, " + ContentCoding.NAMES + " are");
        }
        try {
            return known.unpack(payload, UplinkCodec.MAX_PAYLOAD_BYTES);
        } catch (UnpackException e) {
            throw new MalformedPayloadException(e.getMessage());
        }
    }

    private static @Nullable String coding(MqttProperties properties) {
        if (properties.getProperty(MqttProperties.USER_PROPERTY)
                instanceof MqttProperties.UserProperties userProperties) {
            for (MqttProperties.StringPair pair : userProperties.value()) {
                if (pair.key.equalsIgnoreCase(NAME)) {
                    return pair.value;
                }
            }
        }
        return null;
    }
}

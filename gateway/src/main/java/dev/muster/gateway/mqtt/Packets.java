package dev.muster.gateway.mqtt;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttConnAckVariableHeader;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageIdAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttPubReplyMessageVariableHeader;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttPublishVariableHeader;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttSubAckMessage;
import io.netty.handler.codec.mqtt.MqttSubAckPayload;
import io.netty.handler.codec.mqtt.MqttUnsubAckMessage;
import io.netty.handler.codec.mqtt.MqttUnsubAckPayload;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The control packets that the server sends. */
final class Packets {
    /** User property of CONNACK and DISCONNECT: how many seconds to wait before the next attempt. */
    static final String COME_BACK = "retry-after-seconds";

    static final MqttMessage PING_RESPONSE = new MqttMessage(header(MqttMessageType.PINGRESP));

    private Packets() {}

    static MqttConnAckMessage connAck(MqttConnectReturnCode code, MqttProperties properties) {
        return new MqttConnAckMessage(
                header(MqttMessageType.CONNACK), new MqttConnAckVariableHeader(code, false, properties));
    }

    /** @param comeBackSeconds 0 to say nothing of it */
    static MqttConnAckMessage refusal(boolean v5, ReasonCode code, @Nullable String reason, int comeBackSeconds) {
        return connAck(code.inConnAck(v5), v5 ? told(reason, comeBackSeconds) : MqttProperties.NO_PROPERTIES);
    }

    /** @param comeBackSeconds 0 to say nothing of it */
    static MqttMessage disconnect(ReasonCode code, @Nullable String reason, int comeBackSeconds) {
        return new MqttMessage(
                header(MqttMessageType.DISCONNECT),
                new MqttReasonCodeAndPropertiesVariableHeader(code.code(), told(reason, comeBackSeconds)));
    }

    static MqttMessage pubAck(int packetId, ReasonCode code, @Nullable String reason) {
        return new MqttMessage(
                header(MqttMessageType.PUBACK),
                new MqttPubReplyMessageVariableHeader(packetId, code.code(), reasonString(reason)));
    }

    static MqttMessage subAck(int packetId, List<Integer> codes) {
        return new MqttSubAckMessage(
                header(MqttMessageType.SUBACK),
                new MqttMessageIdAndPropertiesVariableHeader(packetId, MqttProperties.NO_PROPERTIES),
                new MqttSubAckPayload(codes));
    }

    static MqttMessage unsubAck(int packetId, List<Short> codes) {
        return new MqttUnsubAckMessage(
                header(MqttMessageType.UNSUBACK),
                new MqttMessageIdAndPropertiesVariableHeader(packetId, MqttProperties.NO_PROPERTIES),
                new MqttUnsubAckPayload(codes));
    }

    static MqttPublishMessage publish(
            String topic, int packetId, MqttQoS qos, boolean retain, MqttProperties properties, byte[] payload) {
        ByteBuf body = Unpooled.wrappedBuffer(payload);
        return new MqttPublishMessage(
                new MqttFixedHeader(MqttMessageType.PUBLISH, false, qos, retain, 0),
                new MqttPublishVariableHeader(topic, packetId, properties),
                body);
    }

    /** Bytes that a PUBLISH takes, fixed header included (MQTT 5 §3.3), with the properties of {@link #describing}. */
    static long publishSize(boolean v5, String topic, MqttQoS qos, boolean expires, int payloadBytes) {
        long rest = 2L + topic.length() + (qos == MqttQoS.AT_MOST_ONCE ? 0 : 2) + payloadBytes;
        if (v5) {
            rest += 1 + 2 + 3 + JSON.length() + (expires ? 5 : 0);
        }
        return 1 + (rest < 128 ? 1 : rest < 16_384 ? 2 : rest < 2_097_152 ? 3 : 4) + rest;
    }

    private static final String JSON = "application/json";

    /** @param expirySeconds message expiry, negative for none */
    static MqttProperties describing(boolean v5, long expirySeconds) {
        if (!v5) {
            return MqttProperties.NO_PROPERTIES;
        }
        var properties = new MqttProperties();
        properties.add(new MqttProperties.IntegerProperty(MqttProperties.PAYLOAD_FORMAT_INDICATOR, 1));
        properties.add(new MqttProperties.StringProperty(MqttProperties.CONTENT_TYPE, JSON));
        if (expirySeconds >= 0) {
            properties.add(new MqttProperties.IntegerProperty(
                    MqttProperties.PUBLICATION_EXPIRY_INTERVAL, (int) Math.min(expirySeconds, Integer.MAX_VALUE)));
        }
        return properties;
    }

    /** Bytes that a reason string adds to a packet, generously. */
    static int reasonBytes(String reason) {
        return reason.getBytes(StandardCharsets.UTF_8).length + 16;
    }

    private static MqttProperties told(@Nullable String reason, int comeBackSeconds) {
        if (comeBackSeconds == 0) {
            return reasonString(reason);
        }
        var properties = new MqttProperties();
        if (reason != null) {
            properties.add(new MqttProperties.StringProperty(MqttProperties.REASON_STRING, reason));
        }
        properties.add(new MqttProperties.UserProperty(COME_BACK, Integer.toString(comeBackSeconds)));
        return properties;
    }

    private static MqttProperties reasonString(@Nullable String reason) {
        if (reason == null) {
            return MqttProperties.NO_PROPERTIES;
        }
        var properties = new MqttProperties();
        properties.add(new MqttProperties.StringProperty(MqttProperties.REASON_STRING, reason));
        return properties;
    }

    private static MqttFixedHeader header(MqttMessageType type) {
        return new MqttFixedHeader(type, false, MqttQoS.AT_MOST_ONCE, false, 0);
    }
}

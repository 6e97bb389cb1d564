package dev.muster.gateway.mqtt;

import dev.muster.protocol.AssetId;
import dev.muster.protocol.MalformedPayloadException;
import dev.muster.protocol.PayloadFormat;
import dev.muster.protocol.Topics;
import dev.muster.protocol.UplinkCodec;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectVariableHeader;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttVersion;
import org.jspecify.annotations.Nullable;

/**
 * What a client asks for in CONNECT (MQTT 5 §3.1), in the order in which it is checked.
 *
 * <p>Client id, user name and password say nothing here: who connects is in the certificate, without TLS in user name and
 * password, which admission looks at before.
 *
 * @param keepAliveSeconds 0 for none
 * @param receiveMaximum QoS 1 messages that the client takes at a time
 * @param maxPacketBytes that the client takes
 */
record ConnectRequest(
        boolean v5,
        boolean clientIdEmpty,
        int keepAliveSeconds,
        int receiveMaximum,
        long maxPacketBytes,
        boolean wantsReasons,
        boolean wantsSessionKept,
        @Nullable Will will) {
    private static final int MAX_RECEIVE = 65_535;
    private static final long UNLIMITED_PACKET = 268_435_460L;

    /** Why a CONNECT is refused. */
    static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1L;

        private final ReasonCode code;

        RefusedException(ReasonCode code, String message) {
            super(message, null, false, false);
            this.code = code;
        }

        ReasonCode code() {
            return code;
        }
    }

    /** The reason as it is told: null when the client does not want to hear it, or takes no packet as large. */
    @Nullable String told(@Nullable String reason) {
        return reason != null && wantsReasons && Packets.reasonBytes(reason) <= maxPacketBytes ? reason : null;
    }

    static ConnectRequest parse(MqttConnectMessage message, AssetId asset) throws RefusedException {
        MqttConnectVariableHeader header = message.variableHeader();
        boolean v5 = header.version() == MqttVersion.MQTT_5.protocolLevel();
        MqttProperties properties = v5 ? header.properties() : MqttProperties.NO_PROPERTIES;
        if (properties.getProperty(MqttProperties.AUTHENTICATION_METHOD) != null) {
            throw new RefusedException(
                    ReasonCode.BAD_AUTHENTICATION_METHOD,
                    "an authentication method is asked for; the client certificate, or without TLS the token, is the only one");
        }
        int receiveMaximum = number(properties, MqttProperties.RECEIVE_MAXIMUM, MAX_RECEIVE);
        if (receiveMaximum == 0) {
            throw new RefusedException(ReasonCode.PROTOCOL_ERROR, "receive maximum is 0, 1 to 65535 is allowed");
        }
        long maxPacket = number(properties, MqttProperties.MAXIMUM_PACKET_SIZE, (int) UNLIMITED_PACKET) & 0xffff_ffffL;
        if (maxPacket == 0) {
            throw new RefusedException(ReasonCode.PROTOCOL_ERROR, "maximum packet size is 0, 1 or more is allowed");
        }
        return new ConnectRequest(
                v5,
                message.payload().clientIdentifier().isEmpty(),
                header.keepAliveTimeSeconds(),
                receiveMaximum,
                maxPacket,
                number(properties, MqttProperties.REQUEST_PROBLEM_INFORMATION, 1) != 0,
                number(properties, MqttProperties.SESSION_EXPIRY_INTERVAL, 0) != 0,
                header.isWillFlag() ? will(message, asset) : null);
    }

    /** A will that could not be taken later is refused now, while somebody is there to be told. */
    private static Will will(MqttConnectMessage message, AssetId asset) throws RefusedException {
        MqttConnectVariableHeader header = message.variableHeader();
        String topic = message.payload().willTopic();
        byte[] payload = message.payload().willMessageInBytes();
        if (header.willQos() > 1) {
            throw new RefusedException(
                    ReasonCode.QOS_NOT_SUPPORTED, "the will has QoS " + header.willQos() + ", 0 and 1 are allowed");
        }
        if (!Topics.isOwn(asset, topic)) {
            throw new RefusedException(
                    ReasonCode.NOT_AUTHORIZED, "the will's topic is not below assets/" + asset + "/");
        }
        var parsed = Topics.uplink(asset, topic);
        if (parsed == null) {
            throw new RefusedException(ReasonCode.TOPIC_NAME_INVALID, "the will's topic is not one of an uplink");
        }
        if (payload.length > Will.MAX_BYTES) {
            throw new RefusedException(
                    ReasonCode.PACKET_TOO_LARGE,
                    "the will has " + payload.length + " bytes, at most " + Will.MAX_BYTES + " are allowed");
        }
        try {
            PayloadFormat format = format(message.payload().willProperties());
            return new Will(
                    parsed.kind(),
                    parsed.subtopic(),
                    format,
                    payload,
                    UplinkCodec.decode(parsed.kind(), parsed.subtopic(), format, payload));
        } catch (MalformedPayloadException e) {
            throw new RefusedException(ReasonCode.PAYLOAD_FORMAT_INVALID, "will: " + e.getMessage());
        }
    }

    /** JSON unless the content type says CBOR; parameters of the media type are not looked at. */
    static PayloadFormat format(MqttProperties properties) throws MalformedPayloadException {
        if (properties.isEmpty()
                || !(properties.getProperty(MqttProperties.CONTENT_TYPE)
                        instanceof MqttProperties.StringProperty contentType)) {
            return PayloadFormat.JSON;
        }
        String value = contentType.value();
        for (PayloadFormat format : PayloadFormat.values()) {
            String name = format.contentType();
            if (value.regionMatches(true, 0, name, 0, name.length())
                    && (value.length() == name.length() || value.charAt(name.length()) == ';')) {
                return format;
            }
        }
        throw new MalformedPayloadException("content type is not known, application/json and application/cbor are");
    }

    static int number(MqttProperties properties, int id, int otherwise) {
        return properties.getProperty(id) instanceof MqttProperties.IntegerProperty found ? found.value() : otherwise;
    }
}

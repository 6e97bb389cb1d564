package dev.muster.gateway.mqtt;

import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import java.util.Locale;

/**
 * The reason codes of MQTT 5 (§2.4) that this server gives; {@link #label} is their stable name in metrics and logs.
 *
 * <p>MQTT 3.1.1 knows return codes only in CONNACK and SUBACK; elsewhere the connection is closed.
 */
enum ReasonCode {
    MALFORMED_PACKET(0x81),
    PROTOCOL_ERROR(0x82),
    IMPLEMENTATION_SPECIFIC(0x83),
    UNSUPPORTED_PROTOCOL_VERSION(0x84),
    NOT_AUTHORIZED(0x87),
    SERVER_BUSY(0x89),
    SERVER_SHUTTING_DOWN(0x8B),
    BAD_AUTHENTICATION_METHOD(0x8C),
    KEEP_ALIVE_TIMEOUT(0x8D),
    SESSION_TAKEN_OVER(0x8E),
    TOPIC_FILTER_INVALID(0x8F),
    TOPIC_NAME_INVALID(0x90),
    RECEIVE_MAXIMUM_EXCEEDED(0x93),
    TOPIC_ALIAS_INVALID(0x94),
    PACKET_TOO_LARGE(0x95),
    MESSAGE_RATE_TOO_HIGH(0x96),
    QUOTA_EXCEEDED(0x97),
    ADMINISTRATIVE_ACTION(0x98),
    PAYLOAD_FORMAT_INVALID(0x99),
    QOS_NOT_SUPPORTED(0x9B),
    SHARED_SUBSCRIPTIONS_NOT_SUPPORTED(0x9E),
    CONNECTION_RATE_EXCEEDED(0x9F),
    SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED(0xA1),
    WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED(0xA2);

    private final byte code;
    private final String label = name().toLowerCase(Locale.ROOT);

    ReasonCode(int code) {
        this.code = (byte) code;
    }

    byte code() {
        return code;
    }

    int unsigned() {
        return code & 0xff;
    }

    String label() {
        return label;
    }

    /** What CONNACK says: the code itself in version 5, one of five in 3.1.1. */
    MqttConnectReturnCode inConnAck(boolean v5) {
        if (this == UNSUPPORTED_PROTOCOL_VERSION) {
            return MqttConnectReturnCode.CONNECTION_REFUSED_UNACCEPTABLE_PROTOCOL_VERSION;
        }
        if (!v5 && (this == CONNECTION_RATE_EXCEEDED || this == SERVER_BUSY)) {
            return MqttConnectReturnCode.CONNECTION_REFUSED_SERVER_UNAVAILABLE;
        }
        return v5 ? MqttConnectReturnCode.valueOf(code) : MqttConnectReturnCode.CONNECTION_REFUSED_NOT_AUTHORIZED;
    }
}

package dev.muster.simulator.client;

import dev.muster.protocol.AssetId;
import dev.muster.protocol.PayloadFormat;
import dev.muster.simulator.client.Outbox.Sent;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttMessageBuilders.SubscribeBuilder;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.IntegerProperty;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttProperties.StringProperty;
import io.netty.handler.codec.mqtt.MqttProperties.UserProperties;
import io.netty.handler.codec.mqtt.MqttPubAckMessage;
import io.netty.handler.codec.mqtt.MqttPubReplyMessageVariableHeader;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttPublishVariableHeader;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.timeout.IdleState;
import io.netty.handler.timeout.IdleStateEvent;
import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One MQTT 5 session over one connection (OASIS MQTT 5.0): CONNECT after the TLS handshake, then QoS 1 both ways. */
final class MqttSession extends SimpleChannelInboundHandler<MqttMessage> {
    private static final int MAX_RECEIVE = 65_535;
    private static final String COME_BACK = "retry-after-seconds";
    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,6}");
    private static final MqttProperties CBOR_CONTENT = contentType(PayloadFormat.CBOR);

    private final AssetId id;
    private final ClientSettings settings;
    private final Outbox outbox;
    private final Events events;
    private @Nullable ChannelHandlerContext context;
    private boolean established;
    private int receiveMaximum = MAX_RECEIVE;

    MqttSession(AssetId id, ClientSettings settings, Outbox outbox, Events events) {
        this.id = id;
        this.settings = settings;
        this.outbox = outbox;
        this.events = events;
    }

    /** What the session tells its client. */
    interface Events {
        void established(MqttSession session);

        void acknowledged(Sent sent, long nanos);

        void refused(Sent sent, int reasonCode);

        void received(String topic, byte[] payload);

        /** The reason of the closing that follows. */
        void failed(String why);

        /** The server asks to wait before the next session. */
        void comeBackAfter(Duration wait);
    }

    /** Sends what the window and the socket take. */
    void pump() {
        ChannelHandlerContext ctx = context;
        if (ctx == null || !established) {
            return;
        }
        boolean written = false;
        long now = System.nanoTime();
        while (ctx.channel().isWritable()) {
            Sent sent = outbox.next(receiveMaximum, now);
            if (sent == null) {
                break;
            }
            ctx.write(publishOf(sent), ctx.voidPromise());
            written = true;
        }
        if (written) {
            ctx.flush();
        }
    }

    void sendDisconnect() {
        if (context != null && established) {
            context.writeAndFlush(
                    MqttMessageBuilders.disconnect().reasonCode((byte) 0).build());
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            if (handshake.isSuccess()) {
                ctx.writeAndFlush(connectMessage());
            } else {
                fail(ctx, "TLS handshake failed: " + handshake.cause().getMessage());
            }
        } else if (event instanceof IdleStateEvent idle) {
            whenIdle(ctx, idle);
        }
    }

    private void whenIdle(ChannelHandlerContext ctx, IdleStateEvent idle) {
        if (!established) {
            fail(ctx, "no CONNACK within one and a half keep-alive intervals");
        } else if (idle.state() == IdleState.READER_IDLE) {
            fail(ctx, "nothing was received within one and a half keep-alive intervals");
        } else {
            ctx.writeAndFlush(MqttMessage.PINGREQ);
        }
    }

    private MqttMessage connectMessage() {
        return MqttMessageBuilders.connect()
                .protocolVersion(MqttVersion.MQTT_5)
                .clientId(id.value())
                .cleanSession(true)
                .keepAlive(Math.toIntExact(settings.keepAlive().toSeconds()))
                .build();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, MqttMessage message) {
        if (message.decoderResult().isFailure()) {
            fail(
                    ctx,
                    "the server sent what is not MQTT: "
                            + message.decoderResult().cause());
            return;
        }
        switch (message.fixedHeader().messageType()) {
            case CONNACK -> onConnack(ctx, (MqttConnAckMessage) message);
            case PUBACK -> onPuback((MqttPubAckMessage) message);
            case PUBLISH -> onPublish(ctx, (MqttPublishMessage) message);
            case DISCONNECT -> onDisconnect(ctx, message);
            case PINGRESP, SUBACK, UNSUBACK -> {
                // nothing waits for these
            }
            default ->
                fail(ctx, "the server sent " + message.fixedHeader().messageType() + ", which a QoS 1 client refuses");
        }
    }

    private void onConnack(ChannelHandlerContext ctx, MqttConnAckMessage connack) {
        MqttConnectReturnCode code = connack.variableHeader().connectReturnCode();
        MqttProperties properties = connack.variableHeader().properties();
        if (code != MqttConnectReturnCode.CONNECTION_ACCEPTED) {
            heedComeBack(properties);
            fail(ctx, "CONNECT refused: " + code + reasonString(properties));
            return;
        }
        if (properties.getProperty(MqttPropertyType.RECEIVE_MAXIMUM.value()) instanceof IntegerProperty maximum) {
            receiveMaximum = Math.max(1, maximum.value());
        }
        established = true;
        subscribe(ctx);
        events.established(this);
    }

    private void subscribe(ChannelHandlerContext ctx) {
        if (settings.subscriptions().isEmpty()) {
            return;
        }
        SubscribeBuilder subscribe = MqttMessageBuilders.subscribe().messageId(MAX_RECEIVE);
        for (String topic : settings.subscriptions()) {
            subscribe.addSubscription(MqttQoS.AT_LEAST_ONCE, topic.replace("{id}", id.value()));
        }
        ctx.writeAndFlush(subscribe.build());
    }

    private void onPuback(MqttPubAckMessage puback) {
        Sent sent = outbox.settle(puback.variableHeader().messageId());
        if (sent != null) {
            int reason = puback.variableHeader() instanceof MqttPubReplyMessageVariableHeader reply
                    ? reply.reasonCode() & 0xff
                    : 0;
            if (reason < 0x80) {
                events.acknowledged(sent, System.nanoTime() - sent.sentAtNanos());
            } else {
                events.refused(sent, reason);
            }
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        pump();
        ctx.flush();
        ctx.fireChannelReadComplete();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        pump();
        ctx.fireChannelWritabilityChanged();
    }

    private void onPublish(ChannelHandlerContext ctx, MqttPublishMessage publish) {
        byte[] payload = ByteBufUtil.getBytes(publish.payload());
        if (publish.fixedHeader().qosLevel() == MqttQoS.AT_LEAST_ONCE) {
            ctx.write(MqttMessageBuilders.pubAck()
                    .packetId(publish.variableHeader().packetId())
                    .build());
        }
        events.received(publish.variableHeader().topicName(), payload);
    }

    private void onDisconnect(ChannelHandlerContext ctx, MqttMessage message) {
        String why = "the server sent DISCONNECT";
        if (message.variableHeader() instanceof MqttReasonCodeAndPropertiesVariableHeader header) {
            why += " with reason code 0x" + Integer.toHexString(header.reasonCode() & 0xff)
                    + reasonString(header.properties());
            heedComeBack(header.properties());
        }
        fail(ctx, why);
    }

    private void heedComeBack(@Nullable MqttProperties properties) {
        if (properties != null
                && properties.getProperty(MqttPropertyType.USER_PROPERTY.value()) instanceof UserProperties found) {
            found.value().stream()
                    .filter(pair -> pair.key.equals(COME_BACK)
                            && SECONDS.matcher(pair.value).matches())
                    .findFirst()
                    .ifPresent(pair -> events.comeBackAfter(Duration.ofSeconds(Integer.parseInt(pair.value))));
        }
    }

    private static String reasonString(@Nullable MqttProperties properties) {
        if (properties != null
                && properties.getProperty(MqttPropertyType.REASON_STRING.value()) instanceof StringProperty reason) {
            return ", " + reason.value();
        }
        return "";
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail(ctx, String.valueOf(cause.getMessage() == null ? cause : cause.getMessage()));
    }

    private void fail(ChannelHandlerContext ctx, String why) {
        events.failed(why);
        ctx.close();
    }

    private static MqttPublishMessage publishOf(Sent sent) {
        Message message = sent.message();
        MqttProperties properties =
                message.format() == PayloadFormat.CBOR ? CBOR_CONTENT : MqttProperties.NO_PROPERTIES;
        return new MqttPublishMessage(
                new MqttFixedHeader(MqttMessageType.PUBLISH, false, MqttQoS.AT_LEAST_ONCE, false, 0),
                new MqttPublishVariableHeader(message.topic(), sent.packetId(), properties),
                Unpooled.wrappedBuffer(message.payload()));
    }

    private static MqttProperties contentType(PayloadFormat format) {
        MqttProperties properties = new MqttProperties();
        properties.add(new StringProperty(MqttPropertyType.CONTENT_TYPE.value(), format.contentType()));
        return properties;
    }
}

package dev.muster.gateway.mqtt;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.muster.gateway.journal.EntryKind;
import dev.muster.gateway.journal.JournalFailure;
import dev.muster.gateway.mqtt.MqttMetrics.Pause;
import dev.muster.gateway.mqtt.MqttMetrics.Refused;
import dev.muster.gateway.port.Admission;
import dev.muster.gateway.port.Admission.Decision;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.MalformedPayloadException;
import dev.muster.protocol.PayloadFormat;
import dev.muster.protocol.Topics;
import dev.muster.protocol.Uplink;
import dev.muster.protocol.UplinkCodec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttTopicSubscription;
import io.netty.handler.codec.mqtt.MqttUnacceptableProtocolVersionException;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection of an asset, from TLS handshake, where there is one, to farewell.
 *
 * <p>{@code HANDSHAKE → AWAITING_CONNECT → OPENING → OPEN → CLOSING}. Runs on its event loop; other threads reach it through
 * {@link #disconnect}, {@link #nudge}, {@link #takenOver} and the journal's outcomes.
 */
final class MqttSession extends ChannelInboundHandlerAdapter implements PubAcks.Emitter {
    private static final Logger LOG = LoggerFactory.getLogger(MqttSession.class);
    /** A session that is refused more often than this in a second is closed: it is broken or hostile. */
    static final int MAX_REFUSALS_PER_SECOND = 100;

    private static final long CLOSING_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final int PUBACK_BYTES = 4;
    private static final int GRANTED_QOS_1 = 1;
    private static final short NO_SUBSCRIPTION_EXISTED = 0x11;
    private static final int SUBACK_FAILURE_3_1_1 = 0x80;
    private static final byte DISCONNECT_WITH_WILL = 0x04;

    private enum State {
        HANDSHAKE,
        AWAITING_CONNECT,
        OPENING,
        OPEN,
        CLOSING
    }

    private final MqttServer server;
    private final SessionLoop loop;
    private final Channel channel;
    private final boolean overTls;
    private final AtomicBoolean handshaking;
    private final AtomicBoolean hasOutcomes = new AtomicBoolean();
    /** Link of {@link SessionLoop}'s stack. */
    @Nullable MqttSession nextReady;

    private State state;
    private long since = System.nanoTime();
    private final Set<Pause> pauses = EnumSet.noneOf(Pause.class);
    /**
     * What was decoded from the last read before it was paused; bounded by what one read takes off the socket. Netty's
     * FlowControlHandler goes on through its queue when reading is switched off in the middle of it.
     */
    private final ArrayDeque<Object> decodedAhead = new ArrayDeque<>(0);

    private @Nullable Held held;
    private long lastPacket;
    private long unwritableSince;
    private int refusalsThisSecond;
    private long refusals;
    private @Nullable String closeReason;
    private boolean keepsWill = true;

    private @Nullable Admitted admitted;

    MqttSession(MqttServer server, SessionLoop loop, Channel channel, boolean overTls) {
        this.server = server;
        this.loop = loop;
        this.channel = channel;
        this.overTls = overTls;
        this.handshaking = new AtomicBoolean(overTls);
        this.state = overTls ? State.HANDSHAKE : State.AWAITING_CONNECT;
    }

    /** What is known once CONNECT was accepted. */
    private static final class Admitted {
        final AssetId asset;
        final String id;
        final ConnectRequest request;
        final long keepAliveNanos;
        final long credentialEnds;
        final Downlinks downlinks;
        final TopicAliases aliases = new TopicAliases();

        @Nullable PubAcks pubAcks;

        @Nullable ByteBuf acks;

        Admitted(
                AssetId asset,
                String id,
                ConnectRequest request,
                long keepAliveNanos,
                long credentialEnds,
                Downlinks downlinks) {
            this.asset = asset;
            this.id = id;
            this.request = request;
            this.keepAliveNanos = keepAliveNanos;
            this.credentialEnds = credentialEnds;
            this.downlinks = downlinks;
        }
    }

    /** The one entry that the journal had no room for; nothing more is read until it has. */
    private record Held(
            EntryKind kind,
            String subtopic,
            PayloadFormat format,
            byte[] payload,
            @Nullable Uplink uplink,
            int packetId,
            long arrivedNanos) {}

    // ---- the connection

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        loop.add(this);
    }

    void handshakeOver() {
        if (handshaking.compareAndSet(true, false)) {
            server.handshakes.end();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            handshakeOver();
            if (handshake.isSuccess()) {
                state = State.AWAITING_CONNECT;
            } else {
                server.metrics.handshakeFailures.increment();
                LOG.debug(
                        "tls handshake with {} failed: {}",
                        channel.remoteAddress(),
                        handshake.cause().getMessage());
                channel.close();
            }
        } else if (event instanceof PacketSizeGuard.PacketTooLarge tooLarge) {
            fail(
                    ReasonCode.PACKET_TOO_LARGE,
                    "a packet has " + tooLarge.bytes() + " bytes, at most " + server.bounds.maxPacketBytes()
                            + " are allowed");
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (pauses.isEmpty() && decodedAhead.isEmpty()) {
            process(message);
        } else {
            decodedAhead.add(message);
        }
    }

    private void process(Object message) {
        try {
            if (message instanceof MqttMessage packet && state != State.CLOSING) {
                lastPacket = System.nanoTime();
                receive(packet);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void receive(MqttMessage packet) {
        if (packet.decoderResult().isFailure()) {
            undecodable(packet.decoderResult().cause());
            return;
        }
        MqttMessageType type = packet.fixedHeader().messageType();
        if (state == State.AWAITING_CONNECT) {
            if (packet instanceof MqttConnectMessage connect) {
                connect(connect);
            } else {
                close("first packet is " + type + ", CONNECT is allowed");
            }
            return;
        }
        Admitted me = Objects.requireNonNull(admitted);
        switch (type) {
            case PUBLISH -> publish(me, (MqttPublishMessage) packet);
            case PUBACK ->
                me.downlinks.acknowledged(((MqttMessageIdVariableHeader) packet.variableHeader()).messageId());
            case PINGREQ -> channel.writeAndFlush(Packets.PING_RESPONSE, channel.voidPromise());
            case SUBSCRIBE -> subscribe(me, (MqttSubscribeMessage) packet);
            case UNSUBSCRIBE -> unsubscribe(me, (MqttUnsubscribeMessage) packet);
            case DISCONNECT -> farewell(packet);
            default -> fail(ReasonCode.PROTOCOL_ERROR, type + " is not allowed here");
        }
    }

    private void undecodable(Throwable cause) {
        if (cause instanceof MqttUnacceptableProtocolVersionException) {
            refuseConnect(
                    false, ReasonCode.UNSUPPORTED_PROTOCOL_VERSION, "the protocol version is not 3.1.1 (4) or 5 (5)");
        } else if (cause instanceof TooLongFrameException) {
            fail(ReasonCode.PACKET_TOO_LARGE, "a packet is larger than " + server.bounds.maxPacketBytes() + " bytes");
        } else {
            fail(ReasonCode.MALFORMED_PACKET, "a packet cannot be decoded: " + printable(cause.getMessage()));
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ctx.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (channel.isWritable()) {
            unwritableSince = 0;
            resume(Pause.CLIENT_NOT_READING);
            if (state == State.OPEN && admitted != null) {
                admitted.downlinks.pump();
            }
        } else {
            unwritableSince = System.nanoTime();
            pause(Pause.CLIENT_NOT_READING);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException || cause instanceof DecoderException) {
            LOG.debug("connection of {} broke", who(), cause);
        } else {
            LOG.error("session of {} is closed after a fault of the server", who(), cause);
        }
        close("connection lost");
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        loop.remove(this);
        state = State.CLOSING;
        held = null;
        decodedAhead.forEach(ReferenceCountUtil::release);
        decodedAhead.clear();
        Admitted me = admitted;
        if (me == null) {
            return;
        }
        server.unregister(me.asset, this);
        if (me.acks != null) {
            me.acks.release();
            me.acks = null;
        }
        String reason = closeReason == null ? "connection lost" : closeReason;
        LOG.debug("asset={} session {} closed: {}", me.asset, me.id, reason);
        Will will = me.request.will();
        if (will != null && keepsWill) {
            server.metrics.uplink(will.kind());
            leave(me, EntryKind.of(will.kind()), will.subtopic(), will.format(), will.payload(), will.uplink());
        }
        leave(me, EntryKind.SESSION_CLOSED, "", PayloadFormat.JSON, (me.id + " " + reason).getBytes(UTF_8), null);
    }

    /** Journals what the session leaves behind; when there is no room it waits, without the connection. */
    private void leave(
            Admitted me,
            EntryKind kind,
            String subtopic,
            PayloadFormat format,
            byte[] payload,
            @Nullable Uplink uplink) {
        long at = server.clock.millis();
        SessionLoop.Waiting entry =
                () -> server.journal.offer(at, me.asset, kind, subtopic, format, payload, uplink, server.unheard);
        if (!entry.retry()) {
            loop.waitForRoom(entry);
        }
    }

    // ---- CONNECT

    private void connect(MqttConnectMessage message) {
        int version = message.variableHeader().version();
        boolean v5 = version == MqttVersion.MQTT_5.protocolLevel();
        if (!v5 && version != MqttVersion.MQTT_3_1_1.protocolLevel()) {
            refuseConnect(
                    false,
                    ReasonCode.UNSUPPORTED_PROTOCOL_VERSION,
                    "the protocol version is " + version + ", 4 (3.1.1) and 5 are allowed");
            return;
        }
        int wait = overTls ? 0 : Objects.requireNonNull(server.plainAttempts).attempt(address(), System.nanoTime());
        if (wait > 0) {
            server.metrics.refused(Refused.CONNECT, ReasonCode.CONNECTION_RATE_EXCEEDED.label());
            refuseConnect(v5, ReasonCode.CONNECTION_RATE_EXCEEDED, "too many attempts, come back in " + wait + " s");
            return;
        }
        Supplier<Decision> decision = overTls ? byCertificate() : byToken(message);
        switch (decision.get()) {
            case Decision.Refused refused -> {
                LOG.info("a session of {} is refused: {}", who(), refused.message());
                server.metrics.refused(Refused.CONNECT, refused.code());
                refuseConnect(v5, ReasonCode.NOT_AUTHORIZED, refused.message());
            }
            case Decision.Admitted asset -> {
                try {
                    open(asset, ConnectRequest.parse(message, asset.asset()), decision);
                } catch (ConnectRequest.RefusedException e) {
                    LOG.info("asset={} is refused a session: {}", asset.asset(), e.getMessage());
                    server.metrics.refused(Refused.CONNECT, e.code().label());
                    refuseConnect(v5, e.code(), e.getMessage());
                }
            }
        }
    }

    private Supplier<Decision> byCertificate() {
        X509Certificate certificate = clientCertificate();
        return () -> server.admission.admit(certificate);
    }

    private Supplier<Decision> byToken(MqttConnectMessage message) {
        String user = message.payload().userName();
        byte[] secret = message.payload().passwordInBytes();
        Admission.Token token = new Admission.Token(
                user == null ? "" : printable(user), secret == null ? "" : new String(secret, UTF_8));
        return () -> server.admission.admit(token);
    }

    private String address() {
        return channel.remoteAddress() instanceof InetSocketAddress from && from.getAddress() != null
                ? from.getAddress().getHostAddress()
                : "";
    }

    private X509Certificate clientCertificate() {
        try {
            var session = Objects.requireNonNull(channel.pipeline().get(SslHandler.class))
                    .engine()
                    .getSession();
            return (X509Certificate) session.getPeerCertificates()[0];
        } catch (SSLPeerUnverifiedException e) {
            throw new IllegalStateException("tls let a client through without a certificate", e);
        }
    }

    private void refuseConnect(boolean v5, ReasonCode code, @Nullable String message) {
        MqttProperties properties = new MqttProperties();
        if (v5 && message != null) {
            properties.add(new MqttProperties.StringProperty(MqttProperties.REASON_STRING, message));
        }
        closeReason = message;
        closeAfter(Packets.connAck(code.inConnAck(v5), properties));
    }

    private void open(Decision.Admitted as, ConnectRequest request, Supplier<Decision> decision) {
        AssetId asset = as.asset();
        int keepAlive = keepAliveSeconds(request);
        var me = new Admitted(
                asset,
                server.nextSessionId(),
                request,
                TimeUnit.MILLISECONDS.toNanos(keepAlive * 1500L),
                as.until().toEpochMilli(),
                new Downlinks(
                        channel,
                        asset,
                        server.downlink,
                        server.metrics,
                        server.clock,
                        request.v5(),
                        Math.min(request.receiveMaximum(), server.bounds.sendMaximum()),
                        Math.min(request.maxPacketBytes(), server.bounds.maxPacketBytes())));
        admitted = me;
        state = State.OPENING;
        server.register(asset, this);
        // A revocation between admission and registration found no session to close: ask again, now that it would.
        if (decision.get() instanceof Decision.Refused refused) {
            server.metrics.refused(Refused.CONNECT, refused.code());
            server.unregister(asset, this);
            admitted = null;
            refuseConnect(request.v5(), ReasonCode.NOT_AUTHORIZED, refused.message());
            return;
        }
        take(me, EntryKind.SESSION_OPENED, "", PayloadFormat.JSON, me.id.getBytes(UTF_8), null, 0);
    }

    private int keepAliveSeconds(ConnectRequest request) {
        int cap = (int) server.bounds.maxKeepAlive().toSeconds();
        int asked = request.keepAliveSeconds();
        return request.v5() && (asked == 0 || asked > cap) ? cap : asked;
    }

    /** SESSION_OPENED is in the journal's hands: uplinks can only come behind it. */
    private void opened(Admitted me) {
        state = State.OPEN;
        server.metrics.connects.increment();
        LOG.debug("asset={} session {} opened from {}", me.asset, me.id, channel.remoteAddress());
        ConnectRequest request = me.request;
        MqttProperties properties = request.v5() ? whatIsOffered(me) : MqttProperties.NO_PROPERTIES;
        channel.writeAndFlush(
                Packets.connAck(MqttConnectReturnCode.CONNECTION_ACCEPTED, properties), channel.voidPromise());
    }

    private MqttProperties whatIsOffered(Admitted me) {
        var offered = new MqttMessageBuilders.ConnAckPropertiesBuilder()
                .receiveMaximum(server.bounds.receiveMaximum())
                .maximumQos((byte) 1)
                .retainAvailable(true)
                .topicAliasMaximum(TopicAliases.MAXIMUM)
                .maximumPacketSize(server.bounds.maxPacketBytes())
                .wildcardSubscriptionAvailable(false)
                .subscriptionIdentifiersAvailable(false)
                .sharedSubscriptionAvailable(false);
        if (me.request.wantsSessionKept()) {
            offered.sessionExpiryInterval(0);
        }
        if (me.request.clientIdEmpty()) {
            offered.assignedClientId(me.asset.value());
        }
        int keepAlive = keepAliveSeconds(me.request);
        if (keepAlive != me.request.keepAliveSeconds()) {
            offered.serverKeepAlive(keepAlive);
        }
        return offered.build();
    }

    // ---- PUBLISH

    private void publish(Admitted me, MqttPublishMessage message) {
        MqttQoS qos = message.fixedHeader().qosLevel();
        MqttProperties properties = message.variableHeader().properties();
        int packetId = qos == MqttQoS.AT_LEAST_ONCE ? message.variableHeader().packetId() : 0;
        if (qos == MqttQoS.EXACTLY_ONCE) {
            fail(ReasonCode.QOS_NOT_SUPPORTED, "QoS 2 is not supported, 0 and 1 are");
            return;
        }
        if (packetId != 0 && me.request.v5() && pubAcks(me).isFull()) {
            fail(
                    ReasonCode.RECEIVE_MAXIMUM_EXCEEDED,
                    "more than " + server.bounds.receiveMaximum() + " QoS 1 messages are unacknowledged");
            return;
        }
        String topic = message.variableHeader().topicName();
        Topics.UplinkTopic parsed = Topics.uplink(me.asset, topic);
        if (!properties.isEmpty()
                && properties.getProperty(MqttProperties.TOPIC_ALIAS) instanceof MqttProperties.IntegerProperty alias) {
            parsed = me.aliases.resolve(alias.value(), topic, parsed);
            if (parsed == null && (topic.isEmpty() || !TopicAliases.isAllowed(alias.value()))) {
                fail(
                        ReasonCode.TOPIC_ALIAS_INVALID,
                        "topic alias " + alias.value() + " stands for no topic of an uplink; 1 to "
                                + TopicAliases.MAXIMUM + " are allowed");
                return;
            }
        }
        if (parsed == null) {
            wrongTopic(me, topic, packetId);
            return;
        }
        byte[] payload = ByteBufUtil.getBytes(message.payload());
        try {
            PayloadFormat format = ConnectRequest.format(properties);
            if (!properties.isEmpty()) {
                payload = PackedPayload.unpacked(properties, payload);
            }
            Uplink uplink = UplinkCodec.decode(parsed.kind(), parsed.subtopic(), format, payload);
            server.metrics.uplink(parsed.kind());
            take(me, EntryKind.of(parsed.kind()), parsed.subtopic(), format, payload, uplink, packetId);
        } catch (MalformedPayloadException e) {
            server.metrics.malformed(parsed.kind());
            refuse(me, packetId, ReasonCode.PAYLOAD_FORMAT_INVALID, e.getMessage());
        }
    }

    private void wrongTopic(Admitted me, String topic, int packetId) {
        if (topic.isEmpty()) {
            fail(ReasonCode.PROTOCOL_ERROR, "a topic name is empty");
        } else if (Topics.isOwn(me.asset, topic)) {
            refuse(me, packetId, ReasonCode.TOPIC_NAME_INVALID, "topic \"" + printable(topic) + "\" is not an uplink");
        } else if (me.request.v5()) {
            refuse(
                    me,
                    packetId,
                    ReasonCode.NOT_AUTHORIZED,
                    "topic \"" + printable(topic) + "\" is not below assets/" + me.asset + "/");
        } else {
            fail(ReasonCode.NOT_AUTHORIZED, "topic \"" + printable(topic) + "\" is not below assets/" + me.asset + "/");
        }
    }

    /**
     * Says no to one message; the session goes on. In 3.1.1 there is no way to say it: the message is acknowledged, for
     * a client that is not would send it again for ever.
     */
    private void refuse(Admitted me, int packetId, ReasonCode code, @Nullable String message) {
        server.metrics.refused(Refused.PUBLISH, code.label());
        refusals++;
        if (Long.bitCount(refusals) == 1) {
            LOG.info("asset={} message refused ({} in this session): {}", me.asset, refusals, message);
        }
        if (++refusalsThisSecond > MAX_REFUSALS_PER_SECOND) {
            fail(
                    ReasonCode.MESSAGE_RATE_TOO_HIGH,
                    "more than " + MAX_REFUSALS_PER_SECOND + " messages in a second are refused, the last: " + message);
            return;
        }
        if (packetId != 0) {
            PubAcks acks = pubAcks(me);
            acks.refuse(packetId, code, message);
            emit(me, acks);
            pauseWhenFull(me, acks);
        }
    }

    /** Offers an entry; when the journal has no room it is held and nothing more is read. */
    private void take(
            Admitted me,
            EntryKind kind,
            String subtopic,
            PayloadFormat format,
            byte[] payload,
            @Nullable Uplink uplink,
            int packetId) {
        var arrival = new Held(kind, subtopic, format, payload, uplink, packetId, System.nanoTime());
        if (!offer(me, arrival)) {
            held = arrival;
            pause(Pause.JOURNAL_FULL);
            loop.waitForRoom(this::retryHeld);
        }
    }

    private boolean offer(Admitted me, Held arrival) {
        PubAcks acks = arrival.packetId == 0 ? null : pubAcks(me);
        boolean taken = server.journal.offer(
                server.clock.millis(),
                me.asset,
                arrival.kind,
                arrival.subtopic,
                arrival.format,
                arrival.payload,
                arrival.uplink,
                acks == null ? server.unheard : acks);
        if (!taken) {
            return false;
        }
        if (acks != null) {
            acks.offered(arrival.packetId, arrival.arrivedNanos);
            pauseWhenFull(me, acks);
        } else if (arrival.kind == EntryKind.SESSION_OPENED) {
            opened(me);
        }
        return true;
    }

    private boolean retryHeld() {
        Held waiting = held;
        Admitted me = admitted;
        if (waiting == null || me == null) {
            return true;
        }
        if (!offer(me, waiting)) {
            return false;
        }
        held = null;
        resume(Pause.JOURNAL_FULL);
        return true;
    }

    /** 3.1.1 knows no receive maximum: such a client is just not read while too much is unacknowledged. */
    private void pauseWhenFull(Admitted me, PubAcks acks) {
        if (!me.request.v5() && acks.isFull()) {
            pause(Pause.UNACKNOWLEDGED);
        }
    }

    // ---- PUBACK

    private PubAcks pubAcks(Admitted me) {
        PubAcks acks = me.pubAcks;
        if (acks == null) {
            acks = new PubAcks(server.bounds.receiveMaximum(), () -> loop.outcomeFor(this));
            me.pubAcks = acks;
        }
        return acks;
    }

    /** On the journal's thread. */
    boolean markReady() {
        return hasOutcomes.compareAndSet(false, true);
    }

    void clearReady() {
        hasOutcomes.set(false);
    }

    /** The journal has answered some messages. */
    void outcomes() {
        Admitted me = admitted;
        if (me != null && me.pubAcks != null && state == State.OPEN) {
            emit(me, me.pubAcks);
            channel.flush();
            if (!me.pubAcks.isFull()) {
                resume(Pause.UNACKNOWLEDGED);
            }
        }
    }

    private void emit(Admitted me, PubAcks acks) {
        acks.drainTo(this);
        writeAcks(me);
    }

    /** Four bytes, the same in both versions: MQTT 5 leaves out reason code 0x00 (§3.4.2.1). */
    @Override
    public void acknowledged(int packetId, long arrivedNanos) {
        Admitted me = Objects.requireNonNull(admitted);
        ByteBuf acks = me.acks;
        if (acks == null) {
            acks = channel.alloc().ioBuffer(PUBACK_BYTES * 8);
            me.acks = acks;
        }
        acks.writeShort(0x4002).writeShort(packetId);
        server.metrics.pubAck(System.nanoTime() - arrivedNanos);
    }

    @Override
    public void refused(int packetId, ReasonCode code, @Nullable String message) {
        Admitted me = Objects.requireNonNull(admitted);
        if (!me.request.v5()) {
            acknowledged(packetId, System.nanoTime());
            return;
        }
        writeAcks(me);
        channel.write(Packets.pubAck(packetId, code, reasonFor(me, message)), channel.voidPromise());
    }

    @Override
    public void failed(int packetId, JournalFailure.Reason reason) {
        Admitted me = Objects.requireNonNull(admitted);
        server.metrics.unacknowledged.increment();
        if (!me.request.v5()) {
            fail(ReasonCode.QUOTA_EXCEEDED, "a message could not be stored: " + reason);
            return;
        }
        writeAcks(me);
        ReasonCode code = switch (reason) {
            case DISK_FULL -> ReasonCode.QUOTA_EXCEEDED;
            case IO_ERROR, CLOSED -> ReasonCode.IMPLEMENTATION_SPECIFIC;
        };
        String message = "the message could not be stored, send it again later";
        channel.write(Packets.pubAck(packetId, code, reasonFor(me, message)), channel.voidPromise());
    }

    private void writeAcks(Admitted me) {
        ByteBuf acks = me.acks;
        if (acks != null) {
            me.acks = null;
            channel.write(acks, channel.voidPromise());
        }
    }

    private static @Nullable String reasonFor(Admitted me, @Nullable String message) {
        return message != null
                        && me.request.wantsReasons()
                        && Packets.reasonBytes(message) <= me.request.maxPacketBytes()
                ? message
                : null;
    }

    // ---- SUBSCRIBE

    private void subscribe(Admitted me, MqttSubscribeMessage message) {
        if (me.request.v5()
                && message.idAndPropertiesVariableHeader()
                                .properties()
                                .getProperty(MqttProperties.SUBSCRIPTION_IDENTIFIER)
                        != null) {
            fail(ReasonCode.SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED, "subscription identifiers are not supported");
            return;
        }
        var codes = new ArrayList<Integer>(2);
        var granted = new ArrayList<Runnable>(2);
        for (MqttTopicSubscription asked : message.payload().topicSubscriptions()) {
            codes.add(grant(me, asked, granted));
        }
        channel.writeAndFlush(Packets.subAck(message.variableHeader().messageId(), codes), channel.voidPromise());
        granted.forEach(Runnable::run);
    }

    private int grant(Admitted me, MqttTopicSubscription asked, List<Runnable> granted) {
        String filter = asked.topicFilter();
        Topics.Downlink downlink = Topics.downlink(me.asset, filter);
        if (downlink == null) {
            ReasonCode why = whyNot(me, filter);
            server.metrics.refused(Refused.SUBSCRIBE, why.label());
            LOG.info("asset={} subscription to \"{}\" refused: {}", me.asset, printable(filter), why.label());
            return me.request.v5() ? why.unsigned() : SUBACK_FAILURE_3_1_1;
        }
        int qos = Math.min(asked.option().qos().value(), GRANTED_QOS_1);
        boolean sendRetained = switch (asked.option().retainHandling()) {
            case SEND_AT_SUBSCRIBE -> true;
            case SEND_AT_SUBSCRIBE_IF_NOT_YET_EXISTS -> !me.downlinks.isSubscribed(downlink);
            case DONT_SEND_AT_SUBSCRIBE -> false;
        };
        granted.add(() -> me.downlinks.subscribe(downlink, MqttQoS.valueOf(qos), sendRetained));
        return qos;
    }

    private static ReasonCode whyNot(Admitted me, String filter) {
        if (filter.startsWith("$share/")) {
            return ReasonCode.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED;
        }
        if (filter.indexOf('#') >= 0 || filter.indexOf('+') >= 0) {
            return ReasonCode.WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED;
        }
        return Topics.isOwn(me.asset, filter) ? ReasonCode.TOPIC_FILTER_INVALID : ReasonCode.NOT_AUTHORIZED;
    }

    private void unsubscribe(Admitted me, MqttUnsubscribeMessage message) {
        var codes = new ArrayList<Short>(2);
        for (String filter : message.payload().topics()) {
            Topics.Downlink downlink = Topics.downlink(me.asset, filter);
            boolean existed = downlink != null && me.downlinks.isSubscribed(downlink);
            if (downlink != null && existed) {
                me.downlinks.unsubscribe(downlink);
            }
            codes.add(existed ? 0 : NO_SUBSCRIPTION_EXISTED);
        }
        channel.writeAndFlush(Packets.unsubAck(message.variableHeader().messageId(), codes), channel.voidPromise());
    }

    void nudge() {
        channel.eventLoop().execute(() -> {
            if (state == State.OPEN && admitted != null) {
                admitted.downlinks.nudge();
            }
        });
    }

    // ---- reading and not reading

    private void pause(Pause reason) {
        if (pauses.add(reason)) {
            server.metrics.paused(reason);
            channel.config().setAutoRead(false);
        }
    }

    private void resume(Pause reason) {
        if (!pauses.remove(reason) || !pauses.isEmpty() || state == State.CLOSING) {
            return;
        }
        lastPacket = System.nanoTime();
        while (pauses.isEmpty() && !decodedAhead.isEmpty()) {
            process(decodedAhead.poll());
        }
        if (pauses.isEmpty() && state != State.CLOSING) {
            channel.config().setAutoRead(true);
        }
        channel.flush();
    }

    void sweep(long now) {
        refusalsThisSecond = 0;
        switch (state) {
            case HANDSHAKE, AWAITING_CONNECT -> {
                if (now - since > server.bounds.connectTimeout().toNanos()) {
                    server.metrics.refused(Refused.CONNECT, "connect_timeout");
                    close("no CONNECT within " + server.bounds.connectTimeout());
                }
            }
            case OPENING, OPEN -> sweepOpen(Objects.requireNonNull(admitted), now);
            case CLOSING -> {
                if (now - since > CLOSING_NANOS) {
                    channel.close();
                }
            }
        }
    }

    private void sweepOpen(Admitted me, long now) {
        if (unwritableSince != 0
                && now - unwritableSince > server.bounds.stallTimeout().toNanos()) {
            server.metrics.refused(Refused.SESSION, "client_not_reading");
            close("the client does not read");
        } else if (me.keepAliveNanos > 0 && pauses.isEmpty() && now - lastPacket > me.keepAliveNanos) {
            fail(
                    ReasonCode.KEEP_ALIVE_TIMEOUT,
                    "nothing came for one and a half times the keep-alive of " + keepAliveSeconds(me.request) + " s");
        } else if (server.clock.millis() > me.credentialEnds) {
            fail(
                    ReasonCode.NOT_AUTHORIZED,
                    overTls
                            ? "the client certificate has expired; renew it and connect again"
                            : "the token has expired; connect again with another one");
        }
    }

    // ---- the end

    private void farewell(MqttMessage packet) {
        keepsWill = packet.variableHeader() instanceof MqttReasonCodeAndPropertiesVariableHeader header
                && header.reasonCode() == DISCONNECT_WITH_WILL;
        close(keepsWill ? "disconnected, with will" : "disconnected");
    }

    void takenOver() {
        channel.eventLoop().execute(() -> fail(ReasonCode.SESSION_TAKEN_OVER, "a newer session of the asset"));
    }

    /** From any thread: the asset is no longer welcome, and neither is its will. */
    void disconnect(String reason) {
        channel.eventLoop().execute(() -> {
            keepsWill = false;
            fail(ReasonCode.ADMINISTRATIVE_ACTION, reason);
        });
    }

    /** The server goes, not the asset: no will. */
    ChannelFuture shutDown(String reason) {
        keepsWill = false;
        fail(ReasonCode.SERVER_SHUTTING_DOWN, reason);
        return channel.closeFuture();
    }

    /** Ends the session with a reason: told to a client of version 5, and behind what was acknowledged before. */
    private void fail(ReasonCode code, String reason) {
        if (state == State.CLOSING) {
            return;
        }
        Admitted me = admitted;
        if (code != ReasonCode.SERVER_SHUTTING_DOWN) {
            server.metrics.refused(Refused.SESSION, code.label());
            LOG.info("{} session closed, {}: {}", who(), code.label(), reason);
        }
        closeReason = code.label() + ": " + reason;
        if (me == null || !me.request.v5() || state != State.OPEN || !channel.isWritable()) {
            if (me != null) {
                writeAcks(me);
            }
            close(closeReason);
            return;
        }
        writeAcks(me);
        closeAfter(Packets.disconnect(code, reasonFor(me, reason)));
    }

    private void closeAfter(MqttMessage last) {
        state = State.CLOSING;
        since = System.nanoTime();
        channel.config().setAutoRead(false);
        channel.writeAndFlush(last).addListener(ChannelFutureListener.CLOSE);
    }

    private void close(String reason) {
        if (closeReason == null) {
            closeReason = reason;
        }
        state = State.CLOSING;
        since = System.nanoTime();
        channel.flush();
        channel.close();
    }

    private String who() {
        Admitted me = admitted;
        return me == null ? String.valueOf(channel.remoteAddress()) : "asset=" + me.asset;
    }

    private static String printable(@Nullable String text) {
        if (text == null) {
            return "";
        }
        String ascii = text.replaceAll("[^\\x20-\\x7e]", "?");
        return ascii.length() <= 120 ? ascii : ascii.substring(0, 120) + "…";
    }
}

package dev.muster.gateway.mqtt;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.muster.gateway.journal.EntryKind;
import dev.muster.gateway.mqtt.MqttMetrics.Pause;
import dev.muster.gateway.mqtt.MqttMetrics.Refused;
import dev.muster.protocol.PayloadFormat;
import dev.muster.protocol.Uplink;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttUnacceptableProtocolVersionException;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection of an asset, from TLS handshake, where there is one, to farewell.
 *
 * <p>{@code HANDSHAKE → AWAITING_CONNECT → OPENING → OPEN → CLOSING}. {@link Connecting} leads to OPEN; then {@link Uplinks},
 * {@link Subscriptions} and {@link Downlinks} take its packets. Runs on its event loop; other threads reach it through
 * {@link #disconnect}, {@link #nudge} and {@link #takenOver}.
 */
final class MqttSession extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(MqttSession.class);
    private static final long CLOSING_NANOS = TimeUnit.SECONDS.toNanos(2);
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
    private Handshakes.@Nullable Handshake handshake;
    private final Reading reading;

    private State state;
    private long since = System.nanoTime();
    private long lastPacket;
    private long unwritableSince;
    private @Nullable String closeReason;
    private boolean keepsWill = true;

    private @Nullable Admitted admitted;

    /** @param handshake null without TLS */
    MqttSession(MqttServer server, SessionLoop loop, Channel channel, Handshakes.@Nullable Handshake handshake) {
        this.server = server;
        this.loop = loop;
        this.channel = channel;
        this.overTls = handshake != null;
        this.handshake = handshake;
        this.reading = new Reading(channel, server.metrics, this::process);
        this.state = handshake != null ? State.HANDSHAKE : State.AWAITING_CONNECT;
    }

    // ---- the connection

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        loop.add(this);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent done) {
            Handshakes.Handshake ended = handshake;
            if (ended != null) {
                handshake = null;
                ended.over();
            }
            if (done.isSuccess()) {
                state = State.AWAITING_CONNECT;
            } else {
                server.metrics.handshakeFailures.increment();
                LOG.debug(
                        "tls handshake with {} failed: {}",
                        channel.remoteAddress(),
                        done.cause().getMessage());
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
        reading.decoded(message);
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
                connecting().connect(connect);
            } else {
                close("first packet is " + type + ", CONNECT is allowed");
            }
            return;
        }
        Admitted me = Objects.requireNonNull(admitted);
        switch (type) {
            case PUBLISH -> me.uplinks().publish((MqttPublishMessage) packet);
            case PUBACK ->
                me.downlinks().acknowledged(((MqttMessageIdVariableHeader) packet.variableHeader()).messageId());
            case PINGREQ -> channel.writeAndFlush(Packets.PING_RESPONSE, channel.voidPromise());
            case SUBSCRIBE -> me.subscriptions().subscribe((MqttSubscribeMessage) packet);
            case UNSUBSCRIBE -> me.subscriptions().unsubscribe((MqttUnsubscribeMessage) packet);
            case DISCONNECT -> farewell(packet);
            default -> fail(ReasonCode.PROTOCOL_ERROR, type + " is not allowed here");
        }
    }

    private Connecting connecting() {
        return new Connecting(server, loop, this, channel, overTls);
    }

    private void undecodable(Throwable cause) {
        if (cause instanceof MqttUnacceptableProtocolVersionException) {
            connecting()
                    .refuse(
                            false,
                            ReasonCode.UNSUPPORTED_PROTOCOL_VERSION,
                            "the protocol version is not 3.1.1 (4) or 5 (5)");
        } else if (cause instanceof TooLongFrameException) {
            fail(ReasonCode.PACKET_TOO_LARGE, "a packet is larger than " + server.bounds.maxPacketBytes() + " bytes");
        } else {
            fail(ReasonCode.MALFORMED_PACKET, "a packet cannot be decoded: " + Printable.of(cause.getMessage()));
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
                admitted.downlinks().pump();
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
        reading.end();
        reading.release();
        Admitted me = admitted;
        if (me == null) {
            return;
        }
        server.unregister(me.asset(), this);
        me.uplinks().release();
        String reason = closeReason == null ? "connection lost" : closeReason;
        LOG.debug("asset={} session {} closed: {}", me.asset(), me.id(), reason);
        Will will = me.request().will();
        if (will != null && keepsWill) {
            server.metrics.uplink(will.kind());
            leave(me, EntryKind.of(will.kind()), will.subtopic(), will.format(), will.payload(), will.uplink());
        }
        leave(me, EntryKind.SESSION_CLOSED, "", PayloadFormat.JSON, (me.id() + " " + reason).getBytes(UTF_8), null);
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
                () -> server.journal.offer(at, me.asset(), kind, subtopic, format, payload, uplink, server.unheard);
        if (!entry.retry()) {
            loop.waitForRoom(entry);
        }
    }

    // ---- from CONNECT to CONNACK

    void opening(Admitted as) {
        admitted = as;
        state = State.OPENING;
        since = System.nanoTime();
    }

    void notAdmitted() {
        admitted = null;
    }

    /** SESSION_OPENED is in the journal's hands: uplinks can only come behind it. */
    void opened() {
        Admitted me = Objects.requireNonNull(admitted);
        state = State.OPEN;
        server.metrics.connects.increment();
        LOG.debug("asset={} session {} opened from {}", me.asset(), me.id(), channel.remoteAddress());
        Connecting.accept(server, channel, me);
    }

    boolean isOpen() {
        return state == State.OPEN;
    }

    void nudge() {
        channel.eventLoop().execute(() -> {
            if (state == State.OPEN && admitted != null) {
                admitted.downlinks().nudge();
            }
        });
    }

    // ---- reading and not reading

    void pause(Pause reason) {
        reading.pause(reason);
    }

    void resume(Pause reason) {
        if (reading.resume(reason)) {
            lastPacket = System.nanoTime();
        }
    }

    void sweep(long now) {
        switch (state) {
            case HANDSHAKE, AWAITING_CONNECT -> {
                if (now - since > server.bounds.connectTimeout().toNanos()) {
                    server.metrics.refused(Refused.CONNECT, "connect_timeout");
                    close("no CONNECT within " + server.bounds.connectTimeout());
                }
            }
            case OPENING -> {
                if (now - since > server.bounds.arrivals().opening().toNanos()) {
                    connecting().giveUp(Objects.requireNonNull(admitted));
                }
            }
            case OPEN -> sweepOpen(Objects.requireNonNull(admitted), now);
            case CLOSING -> {
                if (now - since > CLOSING_NANOS) {
                    channel.close();
                }
            }
        }
    }

    private void sweepOpen(Admitted me, long now) {
        me.uplinks().secondPassed();
        if (unwritableSince != 0
                && now - unwritableSince > server.bounds.stallTimeout().toNanos()) {
            server.metrics.refused(Refused.SESSION, "client_not_reading");
            close("the client does not read");
        } else if (me.keepAliveNanos() > 0 && !reading.isPaused() && now - lastPacket > me.keepAliveNanos()) {
            fail(
                    ReasonCode.KEEP_ALIVE_TIMEOUT,
                    "nothing came for one and a half times the keep-alive of "
                            + Connecting.keepAliveSeconds(server, me.request()) + " s");
        } else if (server.clock.millis() > me.credentialEnds()) {
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
    void fail(ReasonCode code, String reason) {
        if (state == State.CLOSING) {
            return;
        }
        Admitted me = admitted;
        if (code != ReasonCode.SERVER_SHUTTING_DOWN) {
            server.metrics.refused(Refused.SESSION, code.label());
            LOG.info("{} session closed, {}: {}", who(), code.label(), reason);
        }
        closeReason = code.label() + ": " + reason;
        if (me == null || !me.request().v5() || state != State.OPEN || !channel.isWritable()) {
            if (me != null) {
                me.uplinks().writeAcks();
            }
            close(closeReason);
            return;
        }
        me.uplinks().writeAcks();
        int comeBack = code == ReasonCode.SERVER_SHUTTING_DOWN ? server.comeBackSeconds() : 0;
        closeAfter(Packets.disconnect(code, me.request().told(reason), comeBack), closeReason);
    }

    void closeAfter(MqttMessage last, @Nullable String reason) {
        closeReason = reason;
        state = State.CLOSING;
        since = System.nanoTime();
        reading.end();
        channel.writeAndFlush(last).addListener(ChannelFutureListener.CLOSE);
    }

    private void close(String reason) {
        if (closeReason == null) {
            closeReason = reason;
        }
        state = State.CLOSING;
        since = System.nanoTime();
        reading.end();
        channel.flush();
        channel.close();
    }

    private String who() {
        Admitted me = admitted;
        return me == null ? String.valueOf(channel.remoteAddress()) : "asset=" + me.asset();
    }
}

package dev.muster.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * One MQTT 5 session of the generator, as cheap as it can be: readings are written into one buffer per turn, and of what comes
 * back only the packet ids are looked at. Its state belongs to its event loop.
 */
@Sharable // one connection after the other
final class LoadSession extends ChannelInboundHandlerAdapter {
    /** What all sessions of a load tell. */
    interface Observer {
        void connected(LoadSession session);

        /** @param count acknowledged with success */
        void acknowledged(LoadSession session, int count);

        /** @param intendedNanos when it should have been sent */
        void latency(LoadSession session, long intendedNanos);

        void refused(LoadSession session, int reason);

        void closed(LoadSession session, String reason);
    }

    private static final int CONNACK = 0x20;
    private static final int PUBACK = 0x40;
    private static final int MAX_PACKET_ID = 65_535;
    private static final int NO_MATCHING_SUBSCRIBERS = 0x10;

    private final Credential credential;
    private final byte[] topic;
    private final int window;
    private final Times times;
    private final Observer observer;
    /** By packet id: when the message should have been sent; 0 when that does not matter. */
    private final long[] intended;

    private final Deque<Long> waiting = new ArrayDeque<>(0);
    /** The newest connection; what an older one still tells is of no concern. */
    private @Nullable Channel current;

    /** The same once it is ready for packets. */
    private @Nullable Channel channel;

    private @Nullable ByteBuf rest;
    private int lastPacketId;
    private int payload;
    private volatile int outstanding;
    private volatile boolean connected;
    private boolean saturating;
    private boolean backlog;

    LoadSession(Credential credential, int window, int latePerMille, int index, Observer observer) {
        this.credential = credential;
        this.topic = ("assets/" + credential.id() + "/telemetry").getBytes(UTF_8);
        this.window = window;
        this.times = new Times(latePerMille, index);
        this.observer = observer;
        this.payload = index * 31;
        this.intended = new long[Integer.highestOneBit(window) << 1];
    }

    Credential credential() {
        return credential;
    }

    /** Also from other threads. */
    int outstanding() {
        return outstanding;
    }

    boolean isConnected() {
        return connected;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        current = context.channel();
        channel = null;
        lastPacketId = 0;
        outstanding = 0;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        if (credential instanceof Credential.Token) {
            connect(context);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            if (handshake.isSuccess()) {
                connect(context);
            } else {
                end(context, String.valueOf(handshake.cause()));
            }
        }
    }

    private void connect(ChannelHandlerContext context) {
        channel = context.channel();
        ByteBuf out = context.alloc().ioBuffer(256);
        Packets.connect(
                out, credential.id().value(), credential instanceof Credential.Token token ? token.secret() : "");
        context.writeAndFlush(out);
    }

    // ---- sending, on the loop

    /** Keeps the window full until told otherwise. */
    void saturate(boolean with) {
        saturating = with;
        fill();
    }

    /** The same with readings of a week ago. */
    void uploadBacklog(boolean with) {
        backlog = with;
        saturate(with);
    }

    /** Sends one reading that should have been sent at this time; when the window is full it waits. */
    void publish(long intendedNanos) {
        if (outstanding >= window) {
            waiting.add(intendedNanos);
            return;
        }
        ByteBuf out = allocate(1);
        write(out, intendedNanos, nextTime());
        flush(out);
    }

    /** Sends one reading of this event time; the window must not be full. */
    void publishOf(long ts) {
        ByteBuf out = allocate(1);
        write(out, 0, ts);
        flush(out);
    }

    private long nextTime() {
        return backlog ? times.nextOfBacklog() : times.next();
    }

    int waiting() {
        return waiting.size();
    }

    /** A sign of life with QoS 0. */
    void heartbeat() {
        Channel to = channel;
        if (to == null || !connected) {
            return;
        }
        ByteBuf out = to.alloc().ioBuffer(128);
        Packets.heartbeat(out, ("assets/" + credential.id() + "/heartbeat").getBytes(UTF_8));
        to.writeAndFlush(out, to.voidPromise());
    }

    /** Cuts the connection; nobody is told. */
    void cut() {
        Channel at = current;
        current = null;
        channel = null;
        connected = false;
        if (at != null) {
            at.close();
        }
    }

    private void fill() {
        int room = window - outstanding;
        int count = saturating ? room : Math.min(room, waiting.size());
        if (count <= 0) {
            return;
        }
        ByteBuf out = allocate(count);
        for (int i = 0; i < count; i++) {
            Long at = waiting.poll();
            write(out, at == null ? 0 : at, nextTime());
        }
        flush(out);
    }

    private ByteBuf allocate(int messages) {
        Channel to = channel;
        if (to == null) {
            throw new IllegalStateException(credential.id() + " is not connected");
        }
        return to.alloc().ioBuffer(messages * (Payloads.length(payload) + topic.length + 32));
    }

    private void flush(ByteBuf out) {
        Channel to = channel;
        if (to == null) {
            out.release();
            return;
        }
        to.writeAndFlush(out, to.voidPromise());
    }

    @SuppressWarnings("NonAtomicOperationOnVolatileField") // one thread writes
    private void write(ByteBuf out, long intendedNanos, long ts) {
        lastPacketId = lastPacketId == MAX_PACKET_ID ? 1 : lastPacketId + 1;
        payload++;
        Packets.publish(out, topic, lastPacketId, ts, payload);
        intended[lastPacketId & (intended.length - 1)] = intendedNanos;
        outstanding++;
    }

    // ---- receiving

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        ByteBuf before = rest;
        if (before != null) {
            before.writeBytes(in);
            in.release();
            in = before;
            rest = null;
        }
        int acknowledged = packets(context, in);
        if (in.isReadable()) {
            rest = context.alloc()
                    .heapBuffer(Math.max(64, in.readableBytes() * 2))
                    .writeBytes(in);
        }
        in.release();
        if (acknowledged > 0) {
            observer.acknowledged(this, acknowledged);
        }
    }

    private int packets(ChannelHandlerContext context, ByteBuf in) {
        int acknowledged = 0;
        while (in.readableBytes() >= 2) {
            int at = in.readerIndex();
            int length = in.getByte(at + 1);
            if (length < 0 || in.readableBytes() < 2 + length) {
                if (length < 0) {
                    throw new IllegalStateException("a packet of more than 127 bytes came, which no server needs");
                }
                break;
            }
            int type = in.getUnsignedByte(at);
            if (type == PUBACK) {
                int reason = length > 2 ? in.getUnsignedByte(at + 4) : 0;
                acknowledged += settled(in.getUnsignedShort(at + 2), reason);
            } else if (type == CONNACK) {
                int reason = in.getUnsignedByte(at + 3);
                if (reason == 0) {
                    connected = true;
                    observer.connected(this);
                } else {
                    end(context, "CONNECT was answered by 0x" + Integer.toHexString(reason));
                }
            } else if (type >> 4 == 14) {
                observer.closed(
                        this, "DISCONNECT 0x" + Integer.toHexString(length > 0 ? in.getUnsignedByte(at + 2) : 0));
            }
            in.skipBytes(2 + length);
        }
        return acknowledged;
    }

    @SuppressWarnings("NonAtomicOperationOnVolatileField") // one thread writes
    private int settled(int packetId, int reason) {
        outstanding--;
        if (reason != 0 && reason != NO_MATCHING_SUBSCRIBERS) {
            observer.refused(this, reason);
            return 0;
        }
        long at = intended[packetId & (intended.length - 1)];
        if (at != 0) {
            observer.latency(this, at);
        }
        return 1;
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (connected) {
            fill();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        ByteBuf left = rest;
        rest = null;
        if (left != null) {
            left.release();
        }
        end(context, "the connection was closed by the other side");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        end(context, String.valueOf(cause));
    }

    private void end(ChannelHandlerContext context, String reason) {
        boolean isCurrent = context.channel() == current;
        if (isCurrent) {
            current = null;
            channel = null;
            connected = false;
        }
        context.close();
        if (isCurrent) {
            observer.closed(this, reason);
        }
    }
}

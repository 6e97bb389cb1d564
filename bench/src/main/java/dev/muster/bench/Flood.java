package dev.muster.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.LongAdder;

/**
 * A client that sends as much as its socket takes and cares for no answer: QoS 0, or QoS 1 without ever reading what it is told.
 */
final class Flood extends ChannelInboundHandlerAdapter {
    /** Messages written at a time. */
    private static final int BURST = 32;

    private final Credential.Token token;
    private final boolean neverReads;
    private final byte[] topic;
    private final LongAdder sent;
    private final Times times;
    private int count;

    /** @param sent counts the messages that the socket took */
    Flood(Credential.Token token, boolean neverReads, int index, LongAdder sent) {
        this.token = token;
        this.neverReads = neverReads;
        this.topic = ("assets/" + token.id() + "/telemetry").getBytes(StandardCharsets.UTF_8);
        this.sent = sent;
        this.times = new Times(0, index);
    }

    void connect(Bootstrap bootstrap) {
        bootstrap.clone().handler(this).connect();
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        ByteBuf out = context.alloc().ioBuffer(256);
        Packets.connect(out, token.id().value(), token.secret());
        context.writeAndFlush(out);
        if (neverReads) {
            context.channel().config().setAutoRead(false);
        }
        pour(context);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        pour(context);
    }

    private void pour(ChannelHandlerContext context) {
        while (context.channel().isActive() && context.channel().isWritable()) {
            ByteBuf out = context.alloc().ioBuffer(BURST * 300);
            for (int i = 0; i < BURST; i++) {
                count++;
                Packets.publish(out, topic, neverReads ? 1 + count % 60_000 : 0, times.next(), count);
            }
            context.writeAndFlush(out).addListener(done -> {
                if (done.isSuccess()) {
                    sent.add(BURST);
                }
            });
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ((ByteBuf) message).release();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close(); // the server is right to end this
    }
}

package dev.muster.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Takes everything that a broker gets, with QoS 1, and forgets it: the cheapest subscriber that a broker can have. */
@Command(name = "subscriber", hidden = true, description = "The subscriber of a broker, in a process of its own.")
final class Subscriber implements Callable<Integer> {
    @Option(names = "--port", required = true, description = "Of the broker on 127.0.0.1.")
    private int port;

    @Override
    public Integer call() throws Exception {
        boolean epoll = Epoll.isAvailable();
        try (MultiThreadIoEventLoopGroup group =
                new MultiThreadIoEventLoopGroup(1, epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory())) {
            Channel channel = new Bootstrap()
                    .group(group)
                    .channel(epoll ? EpollSocketChannel.class : NioSocketChannel.class)
                    .handler(new Taking())
                    .connect(new InetSocketAddress("127.0.0.1", port))
                    .sync()
                    .channel();
            System.in.readAllBytes(); // until whoever started this ends
            channel.close().sync();
        }
        return 0;
    }

    private static final class Taking extends ByteToMessageDecoder {
        private static final int SUBACK = 0x90;

        @Override
        public void channelActive(ChannelHandlerContext context) {
            byte[] name = "bench-subscriber".getBytes(StandardCharsets.US_ASCII);
            byte[] filter = "assets/#".getBytes(StandardCharsets.US_ASCII);
            ByteBuf out = context.alloc().ioBuffer(64);
            out.writeByte(0x10).writeByte(10 + 2 + name.length);
            out.writeShort(4).writeBytes("MQTT".getBytes(StandardCharsets.US_ASCII));
            out.writeByte(4).writeByte(0).writeShort(60); // 3.1.1, the session is kept
            out.writeShort(name.length).writeBytes(name);
            out.writeByte(0x82).writeByte(2 + 2 + filter.length + 1).writeShort(1);
            out.writeShort(filter.length).writeBytes(filter).writeByte(1);
            context.writeAndFlush(out);
        }

        @Override
        protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
            ByteBuf acks = context.alloc().ioBuffer(1024);
            while (take(in, acks)) {
                // one packet after the other
            }
            context.writeAndFlush(acks);
        }

        private static boolean take(ByteBuf in, ByteBuf acks) {
            int start = in.readerIndex();
            int length = 0;
            int at = start + 1;
            for (int shift = 0; ; shift += 7) {
                if (at >= in.writerIndex()) {
                    return false;
                }
                byte next = in.getByte(at++);
                length |= (next & 0x7f) << shift;
                if (next >= 0) {
                    break;
                }
            }
            if (in.writerIndex() - at < length) {
                return false;
            }
            int type = in.getUnsignedByte(start);
            if (type >> 4 == 3 && (type & 6) == 2) {
                int topic = in.getUnsignedShort(at);
                acks.writeShort(0x4002).writeShort(in.getUnsignedShort(at + 2 + topic));
            } else if (type == SUBACK) {
                System.out.println("subscribed");
            }
            in.readerIndex(at + length);
            return true;
        }
    }
}

package dev.muster.gateway.mqtt;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Refuses a control packet by the length that its fixed header claims (MQTT 5 §2.1.4), before anything is kept of it.
 *
 * <p>The decoder behind it looks at the length only after it has the whole variable header, and properties may fill
 * 256 MB of that.
 */
final class PacketSizeGuard extends ChannelInboundHandlerAdapter {
    /** @param bytes of the whole packet, as claimed */
    record PacketTooLarge(long bytes) {}

    private static final int MAX_LENGTH_BYTES = 4;

    private final int maxPacketBytes;
    /** Bytes of the packet at hand that are still to come; -1 within a fixed header. */
    private long rest;

    private long length;
    private int lengthBytes;
    private boolean inLength;
    private boolean broken;

    PacketSizeGuard(int maxPacketBytes) {
        this.maxPacketBytes = maxPacketBytes;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (broken) {
            bytes.release();
            return;
        }
        int end = bytes.writerIndex();
        for (int at = bytes.readerIndex(); at < end; ) {
            if (rest > 0) {
                int skipped = (int) Math.min(rest, end - at);
                rest -= skipped;
                at += skipped;
            } else if (!inLength) {
                inLength = true;
                length = 0;
                lengthBytes = 0;
                at++;
            } else {
                byte next = bytes.getByte(at++);
                length |= (long) (next & 0x7f) << (7 * lengthBytes++);
                boolean last = next >= 0;
                if (last || lengthBytes == MAX_LENGTH_BYTES) {
                    long packet = 1 + lengthBytes + length;
                    if (packet > maxPacketBytes) {
                        broken = true;
                        bytes.release();
                        ctx.fireUserEventTriggered(new PacketTooLarge(packet));
                        return;
                    }
                    inLength = false;
                    rest = length;
                }
            }
        }
        ctx.fireChannelRead(bytes);
    }
}

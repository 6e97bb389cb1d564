package dev.muster.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;

/** Readings as assets send them: JSON of eight metrics with a time. Made ahead but for the time, so that making them costs little. */
final class Payloads {
    /** Of the shipped type vehicle, within its bounds. */
    private static final String[] METRICS = {
        "speed",
        "odometer",
        "battery.voltage",
        "battery.current",
        "battery.temperature",
        "motor.rpm",
        "motor.temperature",
        "ambient.temperature"
    };

    private static final int[] LEAST = {10, 84_000, 380, -20, 290, 2_000, 310, 280};
    private static final byte[] BEGIN = "{\"ts\":".getBytes(US_ASCII);
    private static final int DIGITS = 13; // milliseconds since 1970, until the year 2286
    private static final int COUNT = 4096;
    private static final byte[][] VALUES = values(new Random(8));

    private Payloads() {}

    /** @param index which of the readings; any number */
    static int length(int index) {
        return BEGIN.length + DIGITS + VALUES[index & (COUNT - 1)].length;
    }

    static byte[] reading(long ts) {
        int index = ThreadLocalRandom.current().nextInt(COUNT);
        ByteBuf out = Unpooled.buffer(length(index));
        write(out, ts, index);
        return ByteBufUtil.getBytes(out);
    }

    static void write(ByteBuf to, long ts, int index) {
        to.writeBytes(BEGIN);
        int at = to.writerIndex();
        to.writerIndex(at + DIGITS);
        long rest = ts;
        for (int i = at + DIGITS - 1; i >= at; i--) {
            to.setByte(i, (int) ('0' + rest % 10));
            rest /= 10;
        }
        to.writeBytes(VALUES[index & (COUNT - 1)]);
    }

    private static byte[][] values(Random random) {
        byte[][] all = new byte[COUNT][];
        for (int i = 0; i < COUNT; i++) {
            StringBuilder json = new StringBuilder(200).append(",\"values\":{");
            for (int m = 0; m < METRICS.length; m++) {
                json.append(m == 0 ? "\"" : ",\"")
                        .append(METRICS[m])
                        .append("\":")
                        .append(LEAST[m] + random.nextInt(20))
                        .append('.')
                        .append(random.nextInt(1, 10));
            }
            all[i] = json.append("}}").toString().getBytes(US_ASCII);
        }
        return all;
    }
}

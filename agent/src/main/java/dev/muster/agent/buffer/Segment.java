package dev.muster.agent.buffer;

import dev.muster.protocol.UplinkKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One file of a lane: records in the order they were said, each {@code length, crc32c, kind, length of subtopic, subtopic,
 * payload}. What follows the first record that is not whole is a torn tail and cut away.
 */
final class Segment implements AutoCloseable {
    private static final int HEADER = 8;
    /** A payload and its topic; more than that in a header is damage. */
    private static final int MAX_BODY = 512 * 1024;

    private final Path file;
    private final FileChannel channel;
    private final long first;
    private long count;
    private long size;

    private Segment(Path file, FileChannel channel, long first) {
        this.file = file;
        this.channel = channel;
        this.first = first;
    }

    /** Reads what is there, and cuts off a torn tail. */
    static Segment open(Path file, long first) throws IOException {
        FileChannel channel = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Segment segment = new Segment(file, channel, first);
        try {
            segment.recover();
            return segment;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private void recover() throws IOException {
        while (true) {
            Read read = read(size);
            if (read == null) {
                break;
            }
            size = read.next();
            count++;
        }
        if (channel.size() > size) {
            channel.truncate(size);
        }
    }

    /** A record, and where the next one begins. */
    record Read(UplinkKind kind, String subtopic, byte[] payload, long next) {}

    void append(UplinkKind kind, String subtopic, byte[] payload) throws IOException {
        byte[] topic = subtopic.getBytes(StandardCharsets.US_ASCII);
        int body = 2 + topic.length + payload.length;
        ByteBuffer buffer = ByteBuffer.allocate(HEADER + body);
        buffer.putInt(body).putInt(0);
        buffer.put((byte) kind.code()).put((byte) topic.length).put(topic).put(payload);
        buffer.putInt(4, crc(buffer.array(), HEADER, body)).flip();
        try {
            long at = size;
            while (buffer.hasRemaining()) {
                at += channel.write(buffer, at);
            }
            size = at;
            count++;
        } catch (IOException e) {
            channel.truncate(size);
            throw e;
        }
    }

    /** @return null at the end, or where the record is not whole */
    @Nullable Read read(long at) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(HEADER);
        if (!filled(header, at)) {
            return null;
        }
        int length = header.getInt(0);
        if (length < 2 || length > MAX_BODY) {
            return null;
        }
        ByteBuffer body = ByteBuffer.allocate(length);
        if (!filled(body, at + HEADER) || crc(body.array(), 0, length) != header.getInt(4)) {
            return null;
        }
        int topicLength = body.get(1) & 0xFF;
        if (2 + topicLength > length) {
            return null;
        }
        String subtopic = new String(body.array(), 2, topicLength, StandardCharsets.US_ASCII);
        byte[] payload = new byte[length - 2 - topicLength];
        body.get(2 + topicLength, payload);
        return new Read(UplinkKind.ofCode(body.get(0)), subtopic, payload, at + HEADER + length);
    }

    private boolean filled(ByteBuffer buffer, long at) throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, at + buffer.position()) < 0) {
                return false;
            }
        }
        return true;
    }

    private static int crc(byte[] bytes, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, length);
        return (int) crc.getValue();
    }

    /** The number of its first entry. */
    long first() {
        return first;
    }

    /** The number of the entry that would come next. */
    long end() {
        return first + count;
    }

    long size() {
        return size;
    }

    void sync() throws IOException {
        channel.force(false);
    }

    void delete() throws IOException {
        channel.close();
        Files.deleteIfExists(file);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}

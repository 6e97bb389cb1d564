package dev.muster.agent.logs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.zip.CRC32C;

/**
 * One file that is followed, whatever it is called meanwhile: told from others by its inode and its first bytes, for inodes are
 * used again.
 */
final class Tail implements AutoCloseable {
    private static final int HEAD_BYTES = 64;

    private final String inode;
    private final FileChannel channel;
    private String name;
    private long offset;
    private long batchEnd;
    private long batchTs;
    private Head head;

    /**
     * The first bytes of a file.
     *
     * @param length up to {@value #HEAD_BYTES}
     */
    record Head(int length, int crc) {}

    /**
     * Where reading stands, as it is kept. Between {@code offset} and {@code batchEnd} are lines that were perhaps sent, with
     * {@code batchTs}: they are sent again in the same way after a crash.
     */
    record Place(String inode, String name, Head head, long offset, long batchEnd, long batchTs) {}

    private Tail(Path path, String inode, FileChannel channel, Head head) {
        this.name = path.toString();
        this.inode = inode;
        this.channel = channel;
        this.head = head;
    }

    static String inode(Path path) throws IOException {
        return String.valueOf(
                Files.readAttributes(path, BasicFileAttributes.class).fileKey());
    }

    /** From the start. */
    static Tail open(Path path) throws IOException {
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
        try {
            Tail tail = new Tail(path, inode(path), channel, new Head(0, 0));
            tail.lookAtHead();
            return tail;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** Goes on where an earlier run was, if this is the same file. */
    void resume(Place place) throws IOException {
        if (place.inode().equals(inode) && headOf(place.head().length()).equals(place.head())) {
            offset = Math.min(place.offset(), channel.size());
            batchEnd = Math.min(Math.max(offset, place.batchEnd()), channel.size());
            batchTs = place.batchTs();
            name = place.name();
        }
    }

    void skipToEnd() throws IOException {
        offset = channel.size();
        batchEnd = offset;
    }

    /** A batch of lines that is about to be sent. */
    record Batch(Tail tail, LineSplitter.Lines lines, long ts) {}

    /**
     * The next lines. Lines of a batch that was interrupted come again just as they were.
     *
     * @param last whether nothing will be written any more
     */
    Batch next(long now, int maxLines, int maxBytes, boolean last) throws IOException {
        if (batchEnd > offset) {
            return new Batch(
                    this,
                    LineSplitter.read(channel, offset, batchEnd, Integer.MAX_VALUE, Integer.MAX_VALUE, true),
                    batchTs);
        }
        if (truncated()) {
            offset = 0;
        }
        lookAtHead();
        LineSplitter.Lines lines = LineSplitter.read(channel, offset, channel.size(), maxLines, maxBytes, last);
        batchEnd = lines.next();
        batchTs = now;
        return new Batch(this, lines, now);
    }

    void sent() {
        offset = batchEnd;
    }

    private boolean truncated() throws IOException {
        return channel.size() < offset || !headOf(head.length()).equals(head);
    }

    private void lookAtHead() throws IOException {
        if (head.length() < HEAD_BYTES || truncated()) {
            head = headOf(HEAD_BYTES);
        }
    }

    private Head headOf(int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, bytes.position()) < 0) {
                break;
            }
        }
        CRC32C crc = new CRC32C();
        crc.update(bytes.array(), 0, bytes.position());
        return new Head(bytes.position(), (int) crc.getValue());
    }

    boolean isAtEnd() throws IOException {
        return offset >= channel.size() && batchEnd <= offset;
    }

    Place place() {
        return new Place(inode, name, head, offset, batchEnd, batchTs);
    }

    String inode() {
        return inode;
    }

    /** As the file was called when it was first seen; its lines keep it when it is rotated. */
    String name() {
        return name;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}

package dev.muster.gateway.journal;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A copy of a journal that is in use, for a backup of it and of its consumers' stores.
 *
 * <p>First it remembers how far the consumers are; then the stores are copied, or fixed so that they can be; then {@link
 * #files} takes what is durable by then. So no store is ahead of the copy, and from the remembered offsets on it holds
 * everything that a store may lack. Only between the two nothing is deleted: opened files outlive their deletion.
 */
public final class JournalCopy implements AutoCloseable {
    private final JournalKeeper keeper;
    private final Segments segments;
    private final String offsets;
    private final List<FileChannel> opened = new ArrayList<>();
    private boolean holding = true;

    JournalCopy(JournalKeeper keeper, Segments segments) {
        this.keeper = keeper;
        this.segments = segments;
        this.offsets = keeper.beginCopy();
    }

    /**
     * A file as a journal's folder holds it.
     *
     * @param content to be read once, exactly {@code bytes} of it
     */
    public record File(String name, long bytes, InputStream content) {}

    /** To be read before {@link #close}. */
    public List<File> files() throws IOException {
        List<File> files = new ArrayList<>();
        byte[] text = offsets.getBytes(StandardCharsets.UTF_8);
        files.add(new File(ConsumerOffsets.FILE, text.length, new ByteArrayInputStream(text)));
        // The list before the lengths: one that is not in it is the successor of a whole one.
        for (Segment segment : segments.all()) {
            FileChannel channel = FileChannel.open(segment.path(), StandardOpenOption.READ);
            opened.add(channel);
            String name = Segment.fileName(segment.base());
            files.add(new File(name, segment.bytes(), Channels.newInputStream(channel)));
        }
        letGo();
        return files;
    }

    private void letGo() {
        if (holding) {
            holding = false;
            keeper.endCopy();
        }
    }

    @Override
    public void close() throws IOException {
        letGo();
        for (FileChannel channel : opened) {
            channel.close();
        }
    }
}

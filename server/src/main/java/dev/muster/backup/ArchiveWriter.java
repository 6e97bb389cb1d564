package dev.muster.backup;

import dev.muster.protocol.tuf.Sha256;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Date;
import java.util.HexFormat;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Writes the files of a backup one after the other, and at last their checksums. Memory: a line for each file. */
final class ArchiveWriter implements AutoCloseable {
    static final String SUMS = "SHA256SUMS";
    private static final int OWNER_ONLY = 0100600;
    private static final int BUFFER = 1 << 16;

    private final TarArchiveOutputStream tar;
    private final Date time;
    private final StringBuilder sums = new StringBuilder();
    private final byte[] buffer = new byte[BUFFER];
    private long files;

    /** @param time of all files */
    ArchiveWriter(OutputStream out, Date time) {
        this.tar = new TarArchiveOutputStream(out, StandardCharsets.UTF_8.name());
        this.time = time;
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
        tar.setAddPaxHeadersForNonAsciiNames(true);
    }

    void add(String name, byte[] content) throws IOException {
        add(name, content.length, new ByteArrayInputStream(content));
    }

    /** A file as long as it is at this moment; one that loses its end meanwhile is filled up with zeros. */
    void add(String name, Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
                InputStream content = Channels.newInputStream(channel)) {
            add(name, channel.size(), content);
        }
    }

    /** @param bytes how many of the content belong to it */
    void add(String name, long bytes, InputStream content) throws IOException {
        MessageDigest digest = Sha256.digest();
        begin(name, bytes);
        for (long left = bytes; left > 0; ) {
            int read = content.readNBytes(buffer, 0, (int) Math.min(left, BUFFER));
            if (read == 0) {
                read = (int) Math.min(left, BUFFER);
                Arrays.fill(buffer, 0, read, (byte) 0);
            }
            digest.update(buffer, 0, read);
            tar.write(buffer, 0, read);
            left -= read;
        }
        tar.closeArchiveEntry();
        sums.append(HexFormat.of().formatHex(digest.digest()))
                .append("  ")
                .append(name)
                .append('\n');
        files++;
    }

    private void begin(String name, long bytes) throws IOException {
        if (name.indexOf('\n') >= 0 || name.indexOf('\\') >= 0) {
            throw new IOException("a file whose name has a line break or a backslash cannot be in a backup: " + name);
        }
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(bytes);
        entry.setMode(OWNER_ONLY);
        entry.setModTime(time);
        tar.putArchiveEntry(entry);
    }

    long files() {
        return files;
    }

    long bytes() {
        return tar.getBytesWritten();
    }

    /** Without it the archive is torn, and so is found. */
    void finish() throws IOException {
        byte[] text = sums.toString().getBytes(StandardCharsets.UTF_8);
        begin(SUMS, text.length);
        tar.write(text);
        tar.closeArchiveEntry();
        tar.finish();
        tar.flush();
    }

    /** Leaves the stream beneath open: an archive that was not finished must not look like one. */
    @Override
    public void close() {}
}

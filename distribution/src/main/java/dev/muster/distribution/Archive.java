package dev.muster.distribution;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** A compressed tar archive; the same content gives the same bytes. */
final class Archive {
    private static final int FILE = 0644;
    private static final int PROGRAM = 0755;

    private final String folder;
    private final Instant time;
    private final TreeMap<String, Content> contents = new TreeMap<>();

    /**
     * @param folder in which everything is
     * @param time of every file
     */
    Archive(String folder, Instant time) {
        this.folder = folder;
        this.time = time;
    }

    private interface Content {
        long size() throws IOException;

        void copyTo(OutputStream out) throws IOException;
    }

    private record OfFile(Path file) implements Content {
        @Override
        public long size() throws IOException {
            return Files.size(file);
        }

        @Override
        public void copyTo(OutputStream out) throws IOException {
            Files.copy(file, out);
        }
    }

    void add(String path, Path file) {
        contents.put(path, new OfFile(file));
    }

    void add(String path, byte[] bytes) {
        contents.put(path, new Content() {
            @Override
            public long size() {
                return bytes.length;
            }

            @Override
            public void copyTo(OutputStream out) throws IOException {
                out.write(bytes);
            }
        });
    }

    /** All files below it. */
    void addAll(String path, Path from) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            files.filter(Files::isRegularFile)
                    .forEach(file -> add(path + "/" + from.relativize(file).toString(), file));
        }
    }

    /** Writes it, and beside it its SHA-256 as {@code sha256sum -c} reads it. */
    void write(Path target) throws IOException {
        Path unfinished = target.resolveSibling(target.getFileName() + ".new");
        MessageDigest digest = sha256();
        try (OutputStream file = new DigestOutputStream(Files.newOutputStream(unfinished), digest);
                Gzip gzip = new Gzip(file);
                TarArchiveOutputStream tar = new TarArchiveOutputStream(gzip, "UTF-8")) {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            for (Map.Entry<String, Content> entry : contents.entrySet()) {
                tar.flush();
                gzip.level(entry.getKey());
                put(tar, entry.getKey(), entry.getValue());
            }
        }
        Files.move(unfinished, target, StandardCopyOption.REPLACE_EXISTING);
        Files.writeString(
                target.resolveSibling(target.getFileName() + ".sha256"),
                HexFormat.of().formatHex(digest.digest()) + "  " + target.getFileName() + "\n");
    }

    private void put(TarArchiveOutputStream tar, String path, Content content) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(folder + "/" + path);
        entry.setMode(path.startsWith("bin/") ? PROGRAM : FILE);
        entry.setModTime(FileTime.from(time));
        entry.setIds(0, 0);
        entry.setNames("root", "root");
        entry.setSize(content.size());
        tar.putArchiveEntry(entry);
        content.copyTo(tar);
        tar.closeArchiveEntry();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256, which every Java must have", e);
        }
    }

    /** Jars are compressed already: again would take seconds and save 3%. */
    private static final class Gzip extends GZIPOutputStream {
        Gzip(OutputStream out) throws IOException {
            super(out, 1 << 16);
        }

        void level(String path) {
            def.setLevel(path.endsWith(".jar") ? Deflater.NO_COMPRESSION : Deflater.DEFAULT_COMPRESSION);
        }
    }
}

package dev.muster.backup;

import dev.muster.protocol.tuf.Sha256;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;

/** Reads a backup from its first byte to its last, and finds what is torn, altered, left out or added. */
final class ArchiveReader {
    private static final int BUFFER = 1 << 16;
    private static final int MAX_SUMS_BYTES = 1 << 30;

    private final Map<String, String> sums = new TreeMap<>();
    private final byte[] buffer = new byte[BUFFER];
    private long bytes;

    /** Where the files go. The first one is the header, told by itself; a file is whole before the next one begins. */
    interface Files {
        void header(BackupHeader header) throws IOException;

        OutputStream create(String name) throws IOException;
    }

    /** @throws BackupDamaged also when everything was handed on already: only the end says that all is well */
    void read(InputStream archive, Files files) throws IOException {
        try {
            readEntries(new TarArchiveInputStream(plain(archive), StandardCharsets.UTF_8.name()), files);
        } catch (EOFException | ZipException e) {
            throw new BackupDamaged("it is torn or damaged: " + e.getMessage(), e);
        }
    }

    long files() {
        return sums.size();
    }

    long bytes() {
        return bytes;
    }

    private static InputStream plain(InputStream archive) throws IOException {
        BufferedInputStream buffered = new BufferedInputStream(archive, BUFFER);
        buffered.mark(2);
        boolean gzip = buffered.read() == 0x1f && buffered.read() == 0x8b;
        buffered.reset();
        return gzip ? new BufferedInputStream(new GZIPInputStream(buffered, BUFFER), BUFFER) : buffered;
    }

    private void readEntries(TarArchiveInputStream tar, Files files) throws IOException {
        TarArchiveEntry entry = next(tar);
        if (entry == null || !entry.getName().equals(BackupHeader.FILE)) {
            throw new BackupDamaged("it is no backup of Muster: it does not begin with " + BackupHeader.FILE);
        }
        byte[] header = tar.readNBytes(BackupHeader.MAX_BYTES);
        files.header(BackupHeader.read(header));
        sums.put(BackupHeader.FILE, Sha256.of(header));
        for (entry = next(tar); entry != null; entry = next(tar)) {
            if (entry.getName().equals(ArchiveWriter.SUMS)) {
                compare(new String(tar.readNBytes(MAX_SUMS_BYTES), StandardCharsets.UTF_8));
                if (next(tar) != null) {
                    throw new BackupDamaged("something follows " + ArchiveWriter.SUMS + ", which is its last file");
                }
                while (tar.read() >= 0) {
                    // to the end of the archive
                }
                return;
            }
            take(entry, tar, files);
        }
        throw new BackupDamaged("it is torn: it ends after " + sums.size() + " files without " + ArchiveWriter.SUMS);
    }

    /** What the library says of a cut or unreadable archive is no more than an IOException. */
    private @Nullable TarArchiveEntry next(TarArchiveInputStream tar) throws IOException {
        try {
            return tar.getNextEntry();
        } catch (EOFException | ZipException e) {
            throw e;
        } catch (IOException | IllegalArgumentException e) {
            throw new BackupDamaged("it is torn or damaged after " + sums.size() + " files: " + e.getMessage(), e);
        }
    }

    private static void requireFile(TarArchiveEntry entry) {
        if (!entry.isFile()) {
            throw new BackupDamaged("its entry " + entry.getName() + " is no file");
        }
    }

    private int read(TarArchiveInputStream tar, TarArchiveEntry entry) {
        try {
            return tar.read(buffer);
        } catch (IOException e) {
            throw new BackupDamaged("it is torn or damaged in " + entry.getName() + ": " + e.getMessage(), e);
        }
    }

    private void take(TarArchiveEntry entry, TarArchiveInputStream tar, Files files) throws IOException {
        requireFile(entry);
        MessageDigest digest = Sha256.digest();
        long size = 0;
        try (OutputStream out = files.create(entry.getName())) {
            for (int read = read(tar, entry); read >= 0; read = read(tar, entry)) {
                digest.update(buffer, 0, read);
                out.write(buffer, 0, read);
                size += read;
            }
        }
        if (size != entry.getSize()) {
            throw new BackupDamaged(
                    "it is torn in " + entry.getName() + ": " + size + " of " + entry.getSize() + " bytes are there");
        }
        bytes += size;
        if (sums.put(entry.getName(), HexFormat.of().formatHex(digest.digest())) != null) {
            throw new BackupDamaged("its file " + entry.getName() + " is there twice");
        }
    }

    private void compare(String text) {
        Map<String, String> told = new TreeMap<>();
        text.lines()
                .filter(line -> line.length() > 66)
                .forEach(line -> told.put(line.substring(66), line.substring(0, 64)));
        told.forEach((name, sum) -> {
            String found = sums.get(name);
            if (found == null) {
                throw new BackupDamaged("its file " + name + " is missing");
            }
            if (!found.equals(sum)) {
                throw new BackupDamaged(
                        "its file " + name + " was altered: its SHA-256 is " + found + ", " + sum + " was written");
            }
        });
        sums.keySet().forEach(name -> {
            if (!told.containsKey(name)) {
                throw new BackupDamaged("its file " + name + " was added later");
            }
        });
    }
}

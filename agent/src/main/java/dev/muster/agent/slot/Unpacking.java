package dev.muster.agent.slot;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Puts the content of an artifact into a folder: tar, tar.gz and zip entry by entry, anything else as the single program that it
 * is. What is in it was signed or hashed and is nevertheless not trusted with paths: no entry lands outside of the folder, no
 * link points out of it, there are no devices, and its entries and bytes are bounded. Every file is synced.
 */
final class Unpacking {
    private static final Set<PosixFilePermission> FOLDER = PosixFilePermissions.fromString("rwxr-xr-x");

    /** Where the first header of a tar archive, POSIX's or GNU's, says what it is. */
    private static final int USTAR = 257;

    private static final int HEAD = USTAR + 5;

    private final Path folder;
    private final Bounds bounds;
    private final Runnable afterEachEntry;
    private int entries;
    private long bytes;

    /** @param reserveBytes that stay free on the disk */
    record Bounds(int maxEntries, long maxBytes, long reserveBytes) {
        static Bounds usual() {
            return new Bounds(100_000, 8L << 30, 64L << 20);
        }
    }

    /** @param afterEachEntry is called between entries, and may stop the work by throwing */
    Unpacking(Path folder, Bounds bounds, Runnable afterEachEntry) {
        this.folder = folder.toAbsolutePath().normalize();
        this.bounds = bounds;
        this.afterEachEntry = afterEachEntry;
    }

    /**
     * @param artifact is left as it is
     * @param name of the file, when the artifact is a single program
     * @throws IOException saying which entry was refused and why; the folder is then half full
     */
    void unpack(Path artifact, String name) throws IOException {
        Files.createDirectories(folder);
        Files.setPosixFilePermissions(folder, FOLDER);
        try (InputStream in = new BufferedInputStream(Files.newInputStream(artifact), 1 << 16)) {
            switch (kind(in)) {
                case TAR -> untar(in);
                case GZIP -> untar(new GZIPInputStream(in, 1 << 16));
                case ZIP -> unzip(new ZipInputStream(in));
                case OTHER -> write(name, in, true);
            }
        }
        syncFolders();
    }

    private enum Kind {
        TAR,
        GZIP,
        ZIP,
        OTHER
    }

    private static Kind kind(InputStream in) throws IOException {
        in.mark(HEAD);
        byte[] head = in.readNBytes(HEAD);
        in.reset();
        if (head.length == HEAD && new String(head, USTAR, HEAD - USTAR, StandardCharsets.US_ASCII).equals("ustar")) {
            return Kind.TAR;
        }
        if (head.length >= 2 && (head[0] & 0xff) == 0x1f && (head[1] & 0xff) == 0x8b) {
            return Kind.GZIP;
        }
        return head.length >= 4 && head[0] == 'P' && head[1] == 'K' && head[2] == 3 && head[3] == 4
                ? Kind.ZIP
                : Kind.OTHER;
    }

    private void untar(InputStream in) throws IOException {
        TarReader tar = new TarReader(in);
        for (TarReader.Entry entry = tar.next(); entry != null; entry = tar.next()) {
            switch (entry.kind()) {
                case FILE -> write(entry.name(), tar.content(), (entry.mode() & 0111) != 0);
                case FOLDER -> makeFolder(entry.name());
                case SYMBOLIC_LINK -> link(entry.name(), entry.linkTarget());
                case HARD_LINK -> throw refused(entry.name(), "is a hard link; pack with --hard-dereference");
                case OTHER -> throw refused(entry.name(), "is neither a file, a folder nor a symbolic link");
            }
        }
    }

    /** This form says nothing of modes that Java could read: what begins like a program is one. */
    private void unzip(ZipInputStream zip) throws IOException {
        for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
            if (entry.isDirectory()) {
                makeFolder(entry.getName());
            } else {
                InputStream content = new BufferedInputStream(zip, 1 << 16);
                write(entry.getName(), content, isProgram(content));
            }
        }
    }

    private static boolean isProgram(InputStream in) throws IOException {
        in.mark(4);
        byte[] head = in.readNBytes(4);
        in.reset();
        boolean script = head.length >= 2 && head[0] == '#' && head[1] == '!';
        return script || (head.length == 4 && head[0] == 0x7f && head[1] == 'E' && head[2] == 'L' && head[3] == 'F');
    }

    private void makeFolder(String name) throws IOException {
        Path target = target(name);
        if (!target.equals(folder)) {
            parents(target);
            if (!Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
                Files.createDirectory(target);
                Files.setPosixFilePermissions(target, FOLDER);
            }
        }
        counted(name);
    }

    private void write(String name, InputStream content, boolean program) throws IOException {
        Path target = target(name);
        if (target.equals(folder)) {
            throw refused(name, "has no name");
        }
        parents(target);
        Files.deleteIfExists(
                target); // an archive may hold a name twice, and the second must not be written through a link
        try (FileChannel channel = FileChannel.open(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            copy(name, content, channel);
            channel.force(true);
        }
        Files.setPosixFilePermissions(target, permissions(program));
        counted(name);
    }

    private void copy(String name, InputStream content, FileChannel channel) throws IOException {
        byte[] buffer = new byte[1 << 16];
        for (int n = content.read(buffer); n >= 0; n = content.read(buffer)) {
            bytes += n;
            if (bytes > bounds.maxBytes()) {
                throw refused(name, "makes more than " + bounds.maxBytes() + " bytes of all");
            }
            if (Files.getFileStore(folder).getUsableSpace() < bounds.reserveBytes()) {
                throw new IOException(
                        "less than " + bounds.reserveBytes() + " bytes are left on the disk of " + folder);
            }
            ByteBuffer chunk = ByteBuffer.wrap(buffer, 0, n);
            while (chunk.hasRemaining()) {
                channel.write(chunk);
            }
        }
    }

    private void link(String name, String to) throws IOException {
        Path target = target(name);
        Path parent = target.getParent();
        if (parent == null || target.equals(folder)) {
            throw refused(name, "is a link in place of the folder");
        }
        if (to.startsWith("/")
                || to.isEmpty()
                || !parent.resolve(to).normalize().startsWith(folder)) {
            throw refused(name, "links to '" + to + "', which is not in the archive");
        }
        parents(target);
        Files.deleteIfExists(target);
        Files.createSymbolicLink(target, Path.of(to));
        counted(name);
    }

    private Path target(String name) throws IOException {
        if (name.startsWith("/")
                || name.indexOf('\0') >= 0
                || List.of(name.split("/")).contains("..")) {
            throw refused(name, "is a path out of the folder");
        }
        Path target = folder.resolve(name).normalize();
        if (!target.startsWith(folder)) {
            throw refused(name, "is a path out of the folder");
        }
        return target;
    }

    /** Folders on the way are made; one that is a link, be it into the folder, is refused, for the next entry could turn it. */
    private void parents(Path target) throws IOException {
        Path parent = folder;
        Path way = folder.relativize(target).getParent();
        if (way == null) {
            return;
        }
        for (Path step : way) {
            parent = parent.resolve(step);
            if (Files.isSymbolicLink(parent)) {
                throw refused(
                        folder.relativize(target).toString(), "leads through the link " + folder.relativize(parent));
            }
            if (!Files.isDirectory(parent)) {
                Files.createDirectory(parent);
                Files.setPosixFilePermissions(parent, FOLDER);
            }
        }
    }

    private void counted(String name) throws IOException {
        if (++entries > bounds.maxEntries()) {
            throw refused(name, "is one more than the " + bounds.maxEntries() + " entries that are allowed");
        }
        afterEachEntry.run();
    }

    private static Set<PosixFilePermission> permissions(boolean program) {
        return PosixFilePermissions.fromString(program ? "rwxr-xr-x" : "rw-r--r--");
    }

    private static IOException refused(String name, String why) {
        String shown = name.replaceAll("\\p{Cntrl}", "?");
        return new IOException("entry '" + (shown.length() <= 100 ? shown : shown.substring(0, 100) + "…")
                + "' of the artifact " + why);
    }

    private void syncFolders() throws IOException {
        Files.walkFileTree(
                folder,
                EnumSet.noneOf(java.nio.file.FileVisitOption.class),
                Integer.MAX_VALUE,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException e)
                            throws IOException {
                        if (e != null) {
                            throw e;
                        }
                        try (FileChannel channel = FileChannel.open(visited, StandardOpenOption.READ)) {
                            channel.force(true);
                        }
                        return FileVisitResult.CONTINUE;
                    }
                });
    }

    /** The tree, without following links. Nothing is there afterwards, also when nothing was before. */
    static void delete(Path tree) throws IOException {
        if (!Files.exists(tree, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.walkFileTree(tree, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException e) throws IOException {
                if (e != null) {
                    throw e;
                }
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}

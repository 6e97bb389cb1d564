package dev.muster.agent.file;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A file in a folder that is held open: the folder is reached from {@code /} step by step and never through a symbolic link,
 * and everything is done relative to it, so that nobody can turn the path to another place while it is worked at.
 */
final class Place implements AutoCloseable {
    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rw-------");

    private final Path path;
    private final Path name;
    private final Path beside;
    private final SecureDirectoryStream<Path> folder;

    private Place(Path path, SecureDirectoryStream<Path> folder) {
        this.path = path;
        this.name = path.getFileName();
        this.beside = Path.of("." + name + ".muster");
        this.folder = folder;
    }

    /** @throws IOException when the folder is missing, or a link leads to it */
    @SuppressWarnings("StreamResourceLeak") // the last one is closed with the place, those on the way at once
    static Place open(Path path) throws IOException {
        SecureDirectoryStream<Path> folder = secure(Files.newDirectoryStream(path.getRoot()));
        Path way = path.getRoot();
        for (Path step : path.getRoot().relativize(path.getParent())) {
            if (step.toString().isEmpty()) {
                continue;
            }
            way = way.resolve(step);
            SecureDirectoryStream<Path> outer = folder;
            try (outer) {
                folder = outer.newDirectoryStream(step, LinkOption.NOFOLLOW_LINKS);
            } catch (NoSuchFileException e) {
                throw new IOException(
                        "folder " + way + " does not exist; make it, or choose another path than " + path, e);
            } catch (NotDirectoryException e) {
                throw new IOException(way + " is not a folder", e);
            } catch (IOException e) {
                throw new IOException(
                        "folder " + way + " cannot be entered, it may be a symbolic link: " + e.getMessage(), e);
            }
        }
        return new Place(path, folder);
    }

    private static SecureDirectoryStream<Path> secure(DirectoryStream<Path> stream) throws IOException {
        if (stream instanceof SecureDirectoryStream<Path> secure) {
            return secure;
        }
        stream.close();
        throw new IOException("files can be managed only on a system with openat(2), such as Linux");
    }

    /** @param sha256 of the content, lower-case hexadecimal */
    record Found(String sha256, String mode, String owner, String group) {}

    /** What lies there; empty when nothing does. A link or a folder in its place is an error. */
    Optional<Found> find() throws IOException {
        PosixFileAttributes attributes;
        try {
            attributes = attributes(name);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        if (!attributes.isRegularFile()) {
            throw new IOException(
                    path + " is " + (attributes.isSymbolicLink() ? "a symbolic link" : "not a regular file"));
        }
        return Optional.of(new Found(
                hash(),
                ManagedFile.octal(attributes.permissions()),
                attributes.owner().getName(),
                attributes.group().getName()));
    }

    private String hash() throws IOException {
        MessageDigest digest = sha256();
        try (SeekableByteChannel channel =
                        folder.newByteChannel(name, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
                InputStream in = Channels.newInputStream(channel)) {
            byte[] buffer = new byte[1 << 14];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Of content as {@link Found} has it. */
    static String hash(byte[] content) {
        return HexFormat.of().formatHex(sha256().digest(content));
    }

    /** The content, for keeping what was there before; empty when there is nothing. */
    Optional<byte[]> read(int maxBytes) throws IOException {
        try (SeekableByteChannel channel =
                folder.newByteChannel(name, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
            if (channel.size() > maxBytes) {
                throw new IOException(path + " has " + channel.size() + " bytes, at most " + maxBytes
                        + " can be kept for going back");
            }
            return Optional.of(Channels.newInputStream(channel).readNBytes(maxBytes));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** Writes the content beside the file and syncs it; its path is for a check of it. */
    Path writeBeside(byte[] content, Set<PosixFilePermission> permissions, Optional<String> owner) throws IOException {
        deleteIfThere(beside);
        try (SeekableByteChannel channel = folder.newByteChannel(
                beside,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                PosixFilePermissions.asFileAttribute(PRIVATE))) {
            ByteBuffer buffer = ByteBuffer.wrap(content);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            if (owner.isPresent()) {
                own(owner.get());
            }
            view(beside).setPermissions(permissions); // after the owner: a change of owner takes bits away
            sync(channel);
        }
        return path.resolveSibling(beside);
    }

    private void own(String owner) throws IOException {
        int colon = owner.indexOf(':');
        UserPrincipalLookupService users = path.getFileSystem().getUserPrincipalLookupService();
        UserPrincipal user = users.lookupPrincipalByName(colon < 0 ? owner : owner.substring(0, colon));
        view(beside).setOwner(user);
        if (colon >= 0) {
            GroupPrincipal group = users.lookupPrincipalByGroupName(owner.substring(colon + 1));
            view(beside).setGroup(group);
        }
    }

    /** What was written beside takes the place of the file, in one step that survives a power loss. */
    void replace() throws IOException {
        folder.move(beside, folder, name);
        syncFolder();
    }

    void dropBeside() throws IOException {
        deleteIfThere(beside);
    }

    void delete() throws IOException {
        deleteIfThere(name);
        syncFolder();
    }

    private void deleteIfThere(Path file) throws IOException {
        try {
            folder.deleteFile(file);
        } catch (NoSuchFileException gone) {
            // as wanted
        }
    }

    private void syncFolder() throws IOException {
        // the stream cannot be synced itself; by its name it is the same folder, or somebody turns the path and only
        // the sync is lost
        try (FileChannel channel = FileChannel.open(path.getParent(), StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static void sync(SeekableByteChannel channel) throws IOException {
        if (channel instanceof FileChannel file) {
            file.force(true);
        }
    }

    private PosixFileAttributes attributes(Path file) throws IOException {
        return view(file).readAttributes();
    }

    private PosixFileAttributeView view(Path file) throws IOException {
        @Nullable PosixFileAttributeView view =
                folder.getFileAttributeView(file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        if (view == null) {
            throw new IOException("the file system of " + path + " has no owners and modes");
        }
        return view;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    @Override
    public void close() throws IOException {
        folder.close();
    }
}

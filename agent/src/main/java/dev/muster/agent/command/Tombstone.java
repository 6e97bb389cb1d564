package dev.muster.agent.command;

import dev.muster.agent.state.StateDirectory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is left of a wiped asset: a file that stops the agent from enrolling again by itself with the token that it had. With
 * another token its owner brings it back to life.
 */
public final class Tombstone {
    static final String FILE = "wiped";

    private Tombstone() {}

    /**
     * @param token that is configured; empty for none
     * @return why the agent must not start; empty when it may, and then there is no tombstone any more
     * @throws IOException also when what a wipe has left cannot be taken away
     */
    public static Optional<String> refusal(StateDirectory state, Optional<String> token) throws IOException {
        byte[] bytes = state.read(FILE).orElse(null);
        if (bytes == null) {
            return Optional.empty();
        }
        List<String> lines = new String(bytes, StandardCharsets.UTF_8).lines().toList();
        Files.walkFileTree(state.path(), new Erase(state.path())); // what a kill in the middle of the wipe has left
        boolean another = token.isPresent() && lines.size() > 1 && !lines.get(1).equals(hash(token.get()));
        if (another) {
            state.delete(FILE);
            return Optional.empty();
        }
        return Optional.of("this asset was wiped (" + (lines.isEmpty() ? "" : lines.getFirst())
                + "); to enrol it again give a new claim token, as made by: muster claim-token create");
    }

    /**
     * Takes everything in the state directory away and leaves the tombstone. Keys and other small files are overwritten first:
     * on a magnetic disk that removes them, on flash the device keeps copies, and only an encrypted disk helps.
     *
     * @param token that is configured; it is not to be used again
     */
    public static void leave(StateDirectory state, String asset, Optional<String> token, Instant now)
            throws IOException {
        // first, so that a kill in between does not leave an agent that enrols
        state.write(
                FILE,
                ("asset " + asset + " at " + now + "\n"
                                + token.map(Tombstone::hash).orElse("none") + "\n")
                        .getBytes(StandardCharsets.UTF_8));
        Files.walkFileTree(state.path(), new Erase(state.path()));
        StateDirectory.sync(state.path());
    }

    private static final class Erase extends SimpleFileVisitor<Path> {
        private static final int MAX_OVERWRITTEN = 1 << 20;
        private final Path root;
        private final SecureRandom random = new SecureRandom();

        Erase(Path root) {
            this.root = root;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            if (file.equals(root.resolve(FILE)) || file.equals(root.resolve("lock"))) {
                return FileVisitResult.CONTINUE;
            }
            if (attributes.isRegularFile()) {
                overwrite(file, (int) Math.min(MAX_OVERWRITTEN, attributes.size()));
            }
            Files.delete(file);
            return FileVisitResult.CONTINUE;
        }

        private void overwrite(Path file, int length) throws IOException {
            byte[] noise = new byte[length];
            random.nextBytes(noise);
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.write(ByteBuffer.wrap(noise), 0);
                channel.force(true);
            } finally {
                Arrays.fill(noise, (byte) 0);
            }
        }

        @Override
        public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e) throws IOException {
            if (e != null) {
                throw e;
            }
            if (!folder.equals(root)) {
                Files.delete(folder);
            }
            return FileVisitResult.CONTINUE;
        }
    }

    private static String hash(String token) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest(token.strip().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}

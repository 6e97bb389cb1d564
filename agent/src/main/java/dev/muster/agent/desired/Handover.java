package dev.muster.agent.desired;

import dev.muster.agent.config.ConfigPart;
import dev.muster.agent.process.Program;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * The rest of the configuration, which no part of the agent understands: handed to the applications of the asset in a file, and
 * to a program of its owner that says whether it could be put into effect. What is reported of it is read back from the file.
 */
public final class Handover implements ConfigPart {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private final Path file;
    private final List<String> onChange;

    /**
     * @param file read by applications, therefore readable by all; its folder is there
     * @param onChange is run after a change with the file in {@code MUSTER_CONFIG}; empty for none
     */
    public Handover(Path file, List<String> onChange) {
        this.file = file;
        this.onChange = onChange;
    }

    /** Not a key of the configuration: everything that has no part of its own. */
    @Override
    public String name() {
        return "";
    }

    @Override
    public List<String> problems(JsonNode wanted) {
        return List.of();
    }

    @Override
    public void apply(JsonNode wanted) {
        byte[] content = (JSON.writeValueAsString(wanted) + "\n").getBytes(java.nio.charset.StandardCharsets.UTF_8);
        try {
            if (Files.exists(file) && Arrays.equals(Files.readAllBytes(file), content) && !Files.exists(untold())) {
                return;
            }
            // it is told again when the agent is killed before the program has ended well
            Files.write(untold(), new byte[0]);
            replace(content);
            tell();
            Files.delete(untold());
        } catch (IOException e) {
            throw new UncheckedIOException("configuration for applications in " + file + ": " + e.getMessage(), e);
        }
    }

    private Path untold() {
        return file.resolveSibling(file.getFileName() + ".untold");
    }

    private void replace(byte[] content) throws IOException {
        Path beside = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(beside);
        try (FileChannel channel =
                FileChannel.open(beside, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE))) {
            ByteBuffer buffer = ByteBuffer.wrap(content);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
        Files.setPosixFilePermissions(beside, PosixFilePermissions.fromString("rw-r--r--"));
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private void tell() throws IOException {
        if (onChange.isEmpty()) {
            return;
        }
        try {
            Program.Ended ended = new Program(onChange, null, Map.of("MUSTER_CONFIG", file.toString()), TIMEOUT).run();
            if (!ended.succeeded()) {
                throw new IOException(onChange + " " + ended.why(TIMEOUT));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(onChange + " was interrupted", e);
        }
    }

    @Override
    public JsonNode current() {
        try {
            JsonNode found = JSON.readTree(Files.readAllBytes(file));
            return found.isObject() ? found : JsonNodeFactory.instance.objectNode();
        } catch (NoSuchFileException | JacksonException gone) {
            return JsonNodeFactory.instance.objectNode();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

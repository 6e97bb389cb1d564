package dev.muster.main;

import dev.muster.platform.config.DataDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code run/server.json}: tells programs on this machine where the server of a data directory is. There while it serves.
 *
 * @param mqtt host:port; null without a device plane
 * @param mqttPlain the same without TLS; null when there is none
 * @param device URL of the device HTTPS; null without a device plane
 */
record ServerFile(
        long pid,
        String http,
        @Nullable String mqtt,
        @Nullable String mqttPlain,
        @Nullable String device) {

    void write(DataDirectory directory) {
        Path file = path(directory);
        Path fresh = file.resolveSibling("server.json.new");
        try {
            Files.writeString(fresh, JsonMapper.shared().writeValueAsString(this) + "\n");
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    static void delete(DataDirectory directory) {
        try {
            Files.deleteIfExists(path(directory));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + path(directory), e);
        }
    }

    private static Path path(DataDirectory directory) {
        return directory.run().resolve("server.json");
    }
}

package dev.muster.cli.rest;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The server's address, and the token to show it.
 *
 * <p>Each is looked for in flags, then {@code MUSTER_SERVER} and {@code MUSTER_TOKEN}, then the config file, then the data
 * directory of a server on this machine. A token that was kept for one server is never sent to another: the config
 * file's goes only to the config file's server, the data directory's only to its own.
 *
 * @param token null when none was found: the server will say what it thinks of that
 * @param local what the server on this machine wrote about itself; null without one
 */
public record ServerAddress(
        URI server, @Nullable String token, @Nullable JsonNode local) {

    public static ServerAddress find(
            @Nullable String serverFlag,
            @Nullable String tokenFlag,
            Path dataDirectory,
            @Nullable Path configFlag,
            Map<String, String> environment) {
        JsonNode local = localServer(dataDirectory);
        ConfigFile config = ConfigFile.read(configFlag, environment);
        String localUrl = local == null ? null : local.path("http").asString(null);
        String given = firstOf(serverFlag, environment.get("MUSTER_SERVER"), config.server(), localUrl);
        if (given == null) {
            throw new CommandFailed(
                    ExitCode.UNREACHABLE,
                    "no server runs on " + dataDirectory + " and none was given; start one with muster server,"
                            + " or give --server or MUSTER_SERVER");
        }
        URI server = address(given);
        String token = firstOf(
                tokenFlag,
                environment.get("MUSTER_TOKEN"),
                sameServer(server, config.server()) ? config.token() : null,
                sameServer(server, localUrl) ? localToken(dataDirectory) : null);
        return new ServerAddress(server, token, local);
    }

    private static URI address(String text) {
        String withScheme = text.contains("://") ? text : "http://" + text;
        try {
            URI uri = new URI(withScheme.endsWith("/") ? withScheme : withScheme + "/");
            if (uri.getHost() != null && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                return uri;
            }
        } catch (java.net.URISyntaxException e) {
            // told below, in our words
        }
        throw new CommandFailed(
                ExitCode.USAGE, "the server address \"" + text + "\" is not of the form http://host:port");
    }

    private static boolean sameServer(URI server, @Nullable String other) {
        return other != null && !other.isBlank() && server.equals(address(other));
    }

    private static @Nullable JsonNode localServer(Path dataDirectory) {
        Path file = dataDirectory.resolve("run").resolve("server.json");
        if (!Files.isReadable(file)) {
            return null;
        }
        try {
            return new JsonMapper().readTree(Files.readString(file));
        } catch (IOException | JacksonException e) {
            throw new CommandFailed(ExitCode.FAILED, "cannot read " + file + ": " + e.getMessage());
        }
    }

    private static @Nullable String localToken(Path dataDirectory) {
        Path file = dataDirectory.resolve("admin.token");
        if (!Files.isReadable(file)) {
            return null;
        }
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new CommandFailed(ExitCode.FAILED, "cannot read " + file + ": " + e.getMessage());
        }
    }

    private static @Nullable String firstOf(@Nullable String... values) {
        for (String value : values) {
            if (value != null && !value.isBlank()) {
                return value.strip();
            }
        }
        return null;
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "ServerAddress[" + server + "]";
    }
}

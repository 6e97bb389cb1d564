package dev.muster.cli.rest;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The person's own settings, {@code ~/.config/muster/config.yaml}: lines {@code server: URL} and {@code token: TOKEN}.
 *
 * <p>Read without a YAML parser: two keys do not pay for its start-up time.
 */
record ConfigFile(@Nullable String server, @Nullable String token) {

    static ConfigFile read(@Nullable Path given, Map<String, String> environment) {
        Path file = given == null ? usualPlace(environment) : given;
        if (given == null && !Files.exists(file)) {
            return new ConfigFile(null, null);
        }
        String server = null;
        String token = null;
        try {
            for (String line : Files.readAllLines(file)) {
                String text = line.strip();
                int colon = text.indexOf(':');
                if (text.isEmpty() || text.startsWith("#")) {
                    continue;
                }
                String key = colon < 0 ? text : text.substring(0, colon).strip();
                String value =
                        colon < 0 ? "" : unquoted(text.substring(colon + 1).strip());
                switch (key) {
                    case "server" -> server = value;
                    case "token" -> token = value;
                    default ->
                        throw new CommandFailed(
                                ExitCode.USAGE,
                                "the config file " + file + " has the unknown key \"" + key
                                        + "\"; known are server and token");
                }
            }
        } catch (IOException e) {
            throw new CommandFailed(ExitCode.USAGE, "cannot read the config file " + file + ": " + e.getMessage());
        }
        return new ConfigFile(server, token);
    }

    private static Path usualPlace(Map<String, String> environment) {
        String base = environment.get("XDG_CONFIG_HOME");
        Path directory = base == null || base.isBlank()
                ? Path.of(environment.getOrDefault("HOME", "."), ".config")
                : Path.of(base);
        return directory.resolve("muster").resolve("config.yaml");
    }

    private static String unquoted(String value) {
        boolean quoted = value.length() >= 2
                && (value.charAt(0) == '"' || value.charAt(0) == '\'')
                && value.charAt(value.length() - 1) == value.charAt(0);
        return quoted ? value.substring(1, value.length() - 1) : value;
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "ConfigFile[" + server + "]";
    }
}

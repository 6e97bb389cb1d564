package dev.muster.agent;

import dev.muster.agent.apply.Applying;
import dev.muster.agent.buffer.DiskBuffer;
import dev.muster.agent.settings.Setting;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Every setting of the agent, in the order of its page. */
final class Catalog {
    static final Setting<String> SERVER = Setting.text(
            "server",
            "",
            "Where the server's device HTTPS listens, host or host:port; the port is 8443 where none is given.");
    static final Setting<String> MQTT = Setting.text(
            "mqtt", "", "Where the server's MQTT listens, host:port; empty means port 8883 of the same host.");
    static final Setting<String> TOKEN = Setting.secret(
            "token",
            "The claim token of the first enrolment; other users of the machine can see a flag, so prefer token-file.");
    static final Setting<String> TOKEN_FILE =
            Setting.text("token-file", "", "File with the claim token; may be deleted after the enrolment.");
    static final Setting<String> ID =
            Setting.text("id", "", "The asset's id for the first enrolment; empty means the name of this machine.");
    static final Setting<Path> STATE_DIR = Setting.path(
            "state-dir", defaultStateDirectory(), "Folder of key, buffer and everything else that is kept.");
    static final Setting<String> PKCS11_LIBRARY = Setting.text(
            "pkcs11-library", "", "PKCS #11 library of the token that makes and keeps the key; empty means a file.");
    static final Setting<Long> PKCS11_SLOT = Setting.count(
            "pkcs11-slot", -1, -1, Long.MAX_VALUE, "Number of the token's slot; -1 means the first slot with a token.");
    static final Setting<String> PKCS11_PIN_FILE =
            Setting.text("pkcs11-pin-file", "", "File with the PIN of the token's user.");
    static final Setting<Long> BUFFER_BYTES = Setting.bytes(
            "buffer-bytes",
            "64MiB",
            DiskBuffer.MIN_BYTES,
            1L << 40,
            "How much is kept on disk of what the server has not stored yet; the oldest telemetry is given up first.");
    static final Setting<Long> METRICS_SECONDS = Setting.count(
            "metrics-seconds",
            30,
            1,
            86_400,
            "How often the machine is measured, where the configuration does not say.");
    static final Setting<Long> HEARTBEAT_SECONDS = Setting.count(
            "heartbeat-seconds",
            30,
            5,
            86_400,
            "How often a sign of life is sent, where the configuration does not say.");
    static final Setting<System.Logger.Level> LOG_LEVEL = new Setting<>(
            "log-level",
            "error, warning, info, debug",
            "info",
            "From which level on the agent's own log is written.",
            false,
            Catalog::level);

    static final List<Setting<?>> ALL = all();

    private Catalog() {}

    private static List<Setting<?>> all() {
        List<Setting<?>> all = new ArrayList<>();
        all.addAll(List.of(SERVER, MQTT, TOKEN, TOKEN_FILE, ID, STATE_DIR));
        all.addAll(List.of(PKCS11_LIBRARY, PKCS11_SLOT, PKCS11_PIN_FILE));
        all.addAll(List.of(BUFFER_BYTES, METRICS_SECONDS, HEARTBEAT_SECONDS, LOG_LEVEL));
        all.addAll(Applying.SETTINGS);
        return List.copyOf(all);
    }

    /** What systemd gives; else that of the system for root, of the home directory for others. */
    private static String defaultStateDirectory() {
        String given = System.getenv("STATE_DIRECTORY");
        if (given != null && !given.isEmpty()) {
            return given;
        }
        return System.getProperty("user.name", "").equals("root")
                ? "/var/lib/muster-agent"
                : System.getProperty("user.home", ".") + "/.local/state/muster-agent";
    }

    private static System.Logger.Level level(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "error" -> System.Logger.Level.ERROR;
            case "warning", "warn" -> System.Logger.Level.WARNING;
            case "info" -> System.Logger.Level.INFO;
            case "debug" -> System.Logger.Level.DEBUG;
            default -> throw new IllegalArgumentException("must be one of error, warning, info, debug");
        };
    }
}

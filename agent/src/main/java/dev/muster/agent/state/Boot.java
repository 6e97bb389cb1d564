package dev.muster.agent.state;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/**
 * Which run of the system and of the agent this is.
 *
 * @param bootId of the kernel, another one after each restart of the system; of the agent where the kernel tells none
 * @param startId another one after each start of the agent
 */
public record Boot(String bootId, String startId, Cause cause) {
    private static final Path KERNEL = Path.of("/proc/sys/kernel/random/boot_id");
    private static final String FILE = "boot";

    public enum Cause {
        /** It never ran on this state directory before. */
        FIRST_START,
        SYSTEM_RESTARTED,
        AGENT_RESTARTED
    }

    /** Compares with what the last run has noted, and notes this one. */
    public static Boot note(StateDirectory state) throws IOException {
        String startId = UUID.randomUUID().toString();
        String bootId = Files.isReadable(KERNEL) ? Files.readString(KERNEL).strip() : startId;
        String before = state.read(FILE)
                .map(bytes -> new String(bytes, StandardCharsets.US_ASCII).strip())
                .orElse("");
        if (!before.equals(bootId)) {
            state.write(FILE, bootId.getBytes(StandardCharsets.US_ASCII));
        }
        Cause cause = before.isEmpty()
                ? Cause.FIRST_START
                : before.equals(bootId) ? Cause.AGENT_RESTARTED : Cause.SYSTEM_RESTARTED;
        return new Boot(bootId, startId, cause);
    }
}

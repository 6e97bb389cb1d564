package dev.muster.twin.desired;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The desired state of one asset as it stands.
 *
 * @param body {@code {"config":…,"software":…}}
 * @param origins JSON object of JSON Pointer to origin
 * @param changed when the generation was given
 * @param problem why it stands still although something changed, {@code null} when it does not
 */
public record DesiredState(
        String asset,
        long generation,
        String body,
        String origins,
        Instant changed,
        String reason,
        @Nullable String problem) {

    /** As the asset gets it. */
    public byte[] document() {
        return document(generation, body).getBytes(StandardCharsets.UTF_8);
    }

    static String document(long generation, String body) {
        return "{\"generation\":" + generation + "," + body.substring(1);
    }
}

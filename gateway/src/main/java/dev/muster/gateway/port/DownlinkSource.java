package dev.muster.gateway.port;

import dev.muster.protocol.AssetId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** What waits for an asset. Asked when it subscribes and after a nudge; a lost nudge costs latency, never the change. */
public interface DownlinkSource {

    CompletionStage<Optional<Desired>> desired(AssetId asset);

    /** In order of creation; those past their deadline are left out. */
    CompletionStage<List<PendingCommand>> pendingCommands(AssetId asset);

    /**
     * The whole desired document, JSON.
     *
     * @param url where it can be fetched, and its SHA-256 (lower-case hexadecimal), when it is larger than the client's
     *     maximum packet
     */
    record Desired(
            long generation, byte[] document, @Nullable String url, String sha256) {}

    /** @param payload JSON as in docs/protocol.md */
    record PendingCommand(String id, byte[] payload, Instant deadline) {}
}

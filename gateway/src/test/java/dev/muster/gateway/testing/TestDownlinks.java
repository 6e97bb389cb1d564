package dev.muster.gateway.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.muster.gateway.port.DownlinkSource;
import dev.muster.protocol.AssetId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** What waits for assets, in memory; answers on another thread, as a store would. */
public final class TestDownlinks implements DownlinkSource {
    private final Map<AssetId, Desired> desired = new ConcurrentHashMap<>();
    private final Map<AssetId, List<PendingCommand>> commands = new ConcurrentHashMap<>();

    private final List<CompletableFuture<?>> answers = new CopyOnWriteArrayList<>();

    private volatile boolean away;

    /** Whether the store behind is away: questions fail. */
    public void setAway(boolean away) {
        this.away = away;
    }

    @Override
    public CompletionStage<Optional<Desired>> desired(AssetId asset) {
        if (away) {
            return CompletableFuture.failedStage(new IllegalStateException("the store is away"));
        }
        CompletableFuture<Optional<Desired>> answer =
                CompletableFuture.supplyAsync(() -> Optional.ofNullable(desired.get(asset)));
        answers.add(answer);
        return answer;
    }

    @Override
    public CompletionStage<List<PendingCommand>> pendingCommands(AssetId asset) {
        return CompletableFuture.supplyAsync(() -> List.copyOf(commands.getOrDefault(asset, List.of())));
    }

    /** Until what was asked for so far is answered. */
    public void awaitAnswers() {
        answers.forEach(CompletableFuture::join);
    }

    public void desire(String asset, long generation, String document, @Nullable String url) {
        desired.put(new AssetId(asset), new Desired(generation, document.getBytes(UTF_8), url, "ab".repeat(32)));
    }

    public void command(String asset, String id, Instant deadline) {
        commands.computeIfAbsent(new AssetId(asset), unseen -> new CopyOnWriteArrayList<>())
                .add(new PendingCommand(id, ("{\"id\":\"" + id + "\"}").getBytes(UTF_8), deadline));
    }
}

package dev.muster.main;

import dev.muster.command.PendingCommands;
import dev.muster.gateway.port.DownlinkSource;
import dev.muster.protocol.AssetId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.springframework.stereotype.Component;

/** What waits for assets, read from the stores of the features that it belongs to. */
@Component
final class Downlink implements DownlinkSource, AutoCloseable {
    private final Questions<Optional<Desired>> desired;
    private final Questions<List<PendingCommand>> commands;

    Downlink(PendingCommands pending) {
        // Desired state is not given yet.
        this.desired = new Questions<>("desired", assets -> Map.of(), Optional.empty());
        this.commands = new Questions<>("commands", pending::of, List.of());
    }

    @Override
    public CompletionStage<Optional<Desired>> desired(AssetId asset) {
        return desired.ask(asset);
    }

    @Override
    public CompletionStage<List<PendingCommand>> pendingCommands(AssetId asset) {
        return commands.ask(asset);
    }

    @Override
    public void close() {
        desired.close();
        commands.close();
    }
}

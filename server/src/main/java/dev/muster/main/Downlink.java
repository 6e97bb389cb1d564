package dev.muster.main;

import dev.muster.command.PendingCommands;
import dev.muster.gateway.port.DownlinkSource;
import dev.muster.protocol.AssetId;
import dev.muster.twin.desired.DesiredStore;
import dev.muster.twin.document.CanonicalJson;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.springframework.stereotype.Component;

/** What waits for assets, read from the stores of the features that it belongs to. */
@Component
final class Downlink implements DownlinkSource, AutoCloseable {
    private final Questions<Optional<Desired>> desired;
    private final Questions<List<PendingCommand>> commands;

    Downlink(DesiredStore twin, DeviceUrl url, PendingCommands pending) {
        this.desired = new Questions<>("desired", assets -> documents(twin, url, assets), Optional.empty());
        this.commands = new Questions<>("commands", pending::of, List.of());
    }

    private static Map<AssetId, Optional<Desired>> documents(DesiredStore twin, DeviceUrl url, Set<AssetId> assets) {
        Map<AssetId, Optional<Desired>> documents = new HashMap<>();
        twin.find(assets.stream().map(AssetId::value).toList()).forEach((asset, state) -> {
            byte[] document = state.document();
            documents.put(
                    new AssetId(asset),
                    Optional.of(new Desired(
                            state.generation(), document, url.base() + "/v1/desired", CanonicalJson.sha256(document))));
        });
        return documents;
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

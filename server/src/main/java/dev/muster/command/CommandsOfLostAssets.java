package dev.muster.command;

import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.asset.AssetListener;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.springframework.stereotype.Component;

/**
 * Takes back what an asset has not taken when it is retired, quarantined or deleted: a later asset of the same id must not
 * get it. What an import changes is noticed when the command's turn comes.
 */
@Component
class CommandsOfLostAssets implements AssetListener {
    private final CommandStore store;
    private final CommandMetrics metrics;
    private final Clock clock;

    CommandsOfLostAssets(CommandStore store, CommandMetrics metrics, Clock clock) {
        this.store = store;
        this.metrics = metrics;
        this.clock = clock;
    }

    @Override
    public void beforeChange() {
        // locks nothing: what is written here belongs to one asset, whose row is locked
    }

    @Override
    public void changed(List<Asset> assets) {
        takeBack(
                assets.stream()
                        .filter(asset -> !CommandRules.canBeTold(asset.lifecycle()))
                        .map(Asset::id)
                        .toList(),
                "its asset was retired or quarantined");
    }

    @Override
    public void changedMany() {
        // PendingCommands and the worker look at each asset's lifecycle
    }

    @Override
    public void deleted(AssetId asset) {
        takeBack(List.of(asset), "its asset was deleted");
    }

    private void takeBack(List<AssetId> assets, String reason) {
        if (assets.isEmpty()) {
            return;
        }
        Instant now = clock.instant();
        List<CommandStore.Change> changes = new ArrayList<>();
        for (Command command : store.lockNotTaken(assets)) {
            CommandEngine.cancelled(command.progress(), Settler.LIFECYCLE, now).ifPresent(next -> {
                Command after = command.with(next, reason);
                changes.add(new CommandStore.Change(after, List.of(CommandEngine.step(next)), null));
                metrics.settled(after);
            });
        }
        store.write(changes);
    }
}

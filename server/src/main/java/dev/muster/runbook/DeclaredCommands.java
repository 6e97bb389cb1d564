package dev.muster.runbook;

import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.asset.AssetStore;
import dev.muster.registry.type.AssetType;
import dev.muster.registry.type.AssetTypes;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** Whether the types of a runbook's targets declare the commands that it cannot do without. */
@Component
class DeclaredCommands {
    private final AssetStore assets;
    private final AssetTypes types;

    DeclaredCommands(AssetStore assets, AssetTypes types) {
        this.assets = assets;
        this.types = types;
    }

    /** @return what is missing, as {@code type vehicle declares no command reboot}; empty when nothing is, or nobody is known */
    Optional<String> missing(RunbookSpec spec, Collection<AssetId> targets) {
        List<String> commands = needed(spec);
        if (commands.isEmpty() || targets.isEmpty()) {
            return Optional.empty();
        }
        Set<String> of =
                assets.findAll(targets).stream().map(Asset::type).collect(Collectors.toCollection(TreeSet::new));
        return of.stream()
                .flatMap(type -> types.find(type).stream())
                .flatMap(type -> commands.stream()
                        .filter(command -> !type.commands().containsKey(command))
                        .map(command -> says(type, command)))
                .findFirst();
    }

    /** Those of its steps; one that may fail is none of them, and what follows a failure does not begin with it. */
    static List<String> needed(RunbookSpec spec) {
        return spec.steps().stream()
                .filter(step -> !step.onward())
                .map(Step::action)
                .filter(Action.Command.class::isInstance)
                .map(action -> ((Action.Command) action).name())
                .distinct()
                .toList();
    }

    private static String says(AssetType type, String command) {
        return "type " + type.name() + " declares no command " + command;
    }
}

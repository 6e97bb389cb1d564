package dev.muster.command;

import dev.muster.gateway.port.DownlinkSource.PendingCommand;
import dev.muster.protocol.AssetId;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The commands that wait for assets, as they go down; notes of each when it was first handed to a session. */
@Component
public class PendingCommands {
    /** Of one asset: those given singly, and one of each run. */
    static final int MAX_EACH = CommandService.MAX_OPEN_PER_ASSET + RunService.MAX_ACTIVE;

    private static final JsonMapper JSON = JsonMapper.shared();

    private final CommandStore store;
    private final Clock clock;
    private final TransactionTemplate transaction;

    PendingCommands(CommandStore store, Clock clock, PlatformTransactionManager transactions) {
        this.store = store;
        this.clock = clock;
        this.transaction = new TransactionTemplate(transactions);
    }

    /** For assets that have subscribed; those for which nothing waits are left out. */
    public Map<AssetId, List<PendingCommand>> of(Set<AssetId> assets) {
        Map<AssetId, List<PendingCommand>> waiting = new LinkedHashMap<>();
        transaction.executeWithoutResult(status -> {
            Instant now = clock.instant();
            List<String> unsent = new ArrayList<>();
            for (Command command : store.pending(assets, now, MAX_EACH)) {
                waiting.computeIfAbsent(command.asset(), asset -> new ArrayList<>())
                        .add(new PendingCommand(command.id(), payload(command), deadline(command)));
                if (command.sentAt() == null) {
                    unsent.add(command.id());
                }
            }
            if (!unsent.isEmpty()) {
                store.markSent(unsent, now);
            }
        });
        return waiting;
    }

    /** As docs/protocol.md says. */
    static byte[] payload(Command command) {
        ObjectNode payload = JSON.createObjectNode().put("id", command.id()).put("name", command.name());
        payload.set("params", command.parameters());
        payload.put("deadline", deadline(command).toString()).put("traceparent", command.traceparent());
        return payload.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static Instant deadline(Command command) {
        return Objects.requireNonNull(command.progress().deadline(), "a pending command has a deadline");
    }
}

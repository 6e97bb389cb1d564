package dev.muster.command;

import dev.muster.platform.event.EventLog;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.Uplink;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Takes what assets say of commands into the store; the same words again change nothing. */
@Component
public class CommandResults {
    private static final Logger LOG = LoggerFactory.getLogger(CommandResults.class);
    /** Words of one transaction. */
    private static final int CHUNK = 1_000;

    private final CommandStore store;
    private final CommandMetrics metrics;
    private final CommandTraces traces;
    private final CommandWorker worker;
    private final EventLog events;
    private final TransactionTemplate transaction;

    CommandResults(
            CommandStore store,
            CommandMetrics metrics,
            CommandTraces traces,
            CommandWorker worker,
            EventLog events,
            PlatformTransactionManager transactions) {
        this.store = store;
        this.metrics = metrics;
        this.traces = traces;
        this.worker = worker;
        this.events = events;
        this.transaction = new TransactionTemplate(transactions);
    }

    /** @param receivedAt by the server, before it was acknowledged */
    public record Word(AssetId asset, Instant receivedAt, Uplink.CommandResult said) {}

    /** In the order of the journal; durable on return. */
    public void accept(List<Word> words) {
        for (int from = 0; from < words.size(); from += CHUNK) {
            List<Word> chunk = words.subList(from, Math.min(words.size(), from + CHUNK));
            List<Command> settled = transaction.execute(status -> take(chunk));
            if (settled != null && !settled.isEmpty()) {
                settled.forEach(metrics::settled);
                settled.forEach(command -> traces.settled(command, said(chunk, command)));
                worker.soon();
            }
        }
    }

    /** What the asset says of its own part, with any of its words. */
    private static List<Uplink.Span> said(List<Word> words, Command command) {
        return words.stream()
                .filter(word -> word.said().commandId().equals(command.id())
                        && word.asset().equals(command.asset()))
                .flatMap(word -> word.said().spans().stream())
                .toList();
    }

    /** What was said of one command in this transaction. */
    private static final class Taken {
        private Command command;
        private final List<CommandStore.Change> changes = new ArrayList<>();

        Taken(Command command) {
            this.command = command;
        }
    }

    /** @return those that are settled now, or settled anew */
    private List<Command> take(List<Word> words) {
        TreeSet<String> ids = new TreeSet<>();
        words.forEach(word -> ids.add(word.said().commandId()));
        Map<String, Taken> found = new LinkedHashMap<>();
        store.lock(ids).forEach(command -> found.put(command.id(), new Taken(command)));
        List<Command> settled = new ArrayList<>();
        for (Word word : words) {
            Taken taken = found.get(word.said().commandId());
            if (taken == null) {
                refuse(word, CommandMetrics.Reason.UNKNOWN);
            } else if (!taken.command.asset().equals(word.asset())) {
                refuse(word, CommandMetrics.Reason.FOREIGN);
            } else {
                take(taken, word, settled);
            }
        }
        store.write(
                found.values().stream().flatMap(taken -> taken.changes.stream()).toList());
        settled.stream()
                .filter(command -> command.run() == null)
                .forEach(command -> events.append(
                        "command." + command.status().wire(),
                        "asset/" + command.asset(),
                        CommandService.eventOf(command)));
        return settled;
    }

    private void take(Taken taken, Word word, List<Command> settled) {
        Command before = taken.command;
        Status said = statusOf(word.said().status());
        switch (CommandEngine.reported(before.progress(), said, word.receivedAt())) {
            case CommandEngine.Answer.NotGiven() -> refuse(word, CommandMetrics.Reason.NOT_GIVEN);
            case CommandEngine.Answer.Decided(Progress next, List<Step> steps) -> {
                ResultDetail detail = ResultDetail.of(word.said().detail());
                boolean isLastWord = next.status() == said
                        && (!steps.isEmpty() || said == Status.RUNNING)
                        && next.contradictions().equals(before.progress().contradictions());
                Command after = before.with(next, reason(before, next));
                if (isLastWord) {
                    after = after.with(detail);
                }
                if (steps.isEmpty() && after.equals(before)) {
                    return;
                }
                taken.command = after;
                taken.changes.add(new CommandStore.Change(after, steps, detail.json()));
                if (next.status().isSettled() && !isSameEnd(before.progress(), next)) {
                    settled.add(after);
                }
            }
        }
    }

    private static @Nullable String reason(Command before, Progress next) {
        if (next.settledBy() == Settler.DEADLINE) {
            return CommandWorker.DEADLINE_PASSED;
        }
        return next.settledBy() == Settler.ASSET ? null : before.reason();
    }

    private static boolean isSameEnd(Progress before, Progress next) {
        return before.status() == next.status() && before.settledBy() == next.settledBy();
    }

    private void refuse(Word word, CommandMetrics.Reason reason) {
        metrics.refused(reason);
        LOG.debug(
                "asset={} said {} of command {}: {}",
                word.asset(),
                word.said().status(),
                word.said().commandId(),
                reason);
    }

    private static Status statusOf(Uplink.CommandResult.Status said) {
        return switch (said) {
            case ACCEPTED -> Status.ACCEPTED;
            case RUNNING -> Status.RUNNING;
            case SUCCEEDED -> Status.SUCCEEDED;
            case FAILED -> Status.FAILED;
            case REJECTED -> Status.REJECTED;
            case EXPIRED -> Status.EXPIRED;
            case INDETERMINATE -> Status.INDETERMINATE;
        };
    }
}

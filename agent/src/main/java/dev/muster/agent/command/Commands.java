package dev.muster.agent.command;

import dev.muster.agent.command.CommandLog.Entry;
import dev.muster.agent.command.Handler.Outcome;
import dev.muster.agent.config.Fields;
import dev.muster.agent.link.Outbound;
import dev.muster.agent.process.Leader;
import dev.muster.agent.state.StateDirectory;
import dev.muster.protocol.Uplink;
import dev.muster.protocol.Uplink.CommandResult.Status;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Takes commands and carries each out at most once: its id is on disk before anything is done, so one that comes again, because
 * its result was lost or the agent was killed, is answered from there and not done again.
 */
public final class Commands implements AutoCloseable {
    private static final System.Logger log = System.getLogger(Commands.class.getName());
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration LONGEST = Duration.ofHours(1);
    /** At the same time; further ones wait. */
    private static final int CONCURRENT = 8;
    /** Taken and not ended; further ones are refused. */
    private static final int MAX_TAKEN = 64;

    private final CommandLog entries;
    private final Map<String, Handler> handlers;
    private final Function<String, Optional<Handler>> further;
    private final Outbound outbound;
    private final InstantSource clock;
    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    private final Semaphore concurrent = new Semaphore(CONCURRENT);
    private final Map<String, Boolean> taken = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /** @param further handlers of names that are not in the map, as the owner of the asset has listed them */
    Commands(
            StateDirectory directory,
            Map<String, Handler> handlers,
            Function<String, Optional<Handler>> further,
            Outbound outbound,
            InstantSource clock)
            throws IOException {
        this.entries = CommandLog.open(directory);
        this.handlers = Map.copyOf(handlers);
        this.further = further;
        this.outbound = outbound;
        this.clock = clock;
    }

    /** Ends what the last agent was stopped in: nobody knows how far it came, and it is not done again. */
    public void start() throws IOException {
        for (Entry entry : entries.unfinished()) {
            boolean rebooted = !entry.bootId().equals(Leader.currentBoot());
            Outcome outcome = Optional.ofNullable(handlers.get(entry.name()))
                    .flatMap(handler -> handler.interrupted(rebooted))
                    .orElse(new Outcome(
                            Status.INDETERMINATE,
                            Map.of(
                                    "reason",
                                    "the agent was stopped while it carried this out; it may have been done in part")));
            end(entry, outcome, List.of());
        }
    }

    /** @param payload as docs/protocol.md §4 has it */
    public void take(byte[] payload) {
        switch (Command.parse(payload)) {
            case Command.Message.Unreadable(String reason) -> log.log(Level.WARNING, "a command is ignored: " + reason);
            case Command.Message.Unusable(String id, String reason) -> send(id, Outcome.rejected(reason), List.of());
            case Command.Message.Whole(Command command) -> take(command);
        }
    }

    private void take(Command command) {
        Entry known = entries.find(command.id());
        if (known != null) {
            again(known);
            return;
        }
        CommandTrace trace = CommandTrace.of(command.traceparent(), clock);
        trace.step("check");
        Optional<Outcome> refusal = late(command);
        if (refusal.isPresent()) {
            refuse(command, refusal.get(), trace);
            return;
        }
        Optional<Handler> handler =
                Optional.ofNullable(handlers.get(command.name())).or(() -> further.apply(command.name()));
        if (handler.isEmpty()) {
            refuse(
                    command,
                    Outcome.rejected("this asset knows no command " + shown(command.name()) + "; it knows "
                            + String.join(", ", new TreeSet<>(handlers.keySet()))
                            + " and what its owner lists in run of the allow file"),
                    trace);
            return;
        }
        Optional<String> notAllowed = handler.get().refusal();
        if (notAllowed.isPresent()) {
            refuse(command, Outcome.rejected(notAllowed.get()), trace);
            return;
        }
        prepare(command, handler.get(), trace);
    }

    private void refuse(Command command, Outcome outcome, CommandTrace trace) {
        send(command.id(), outcome, trace.ended(command.name(), outcome));
    }

    /** It was given again: its result is, too, when there is one. */
    private void again(Entry known) {
        if (known.status() != null) {
            outbound.send(new Uplink.CommandResult(known.id(), known.status(), detail(known.detail())));
        }
    }

    private Optional<Outcome> late(Command command) {
        Instant now = clock.instant();
        Instant deadline = command.deadline();
        return deadline == null || now.isBefore(deadline)
                ? Optional.empty()
                : Optional.of(new Outcome(
                        Status.EXPIRED,
                        Map.of("reason", "it was received at " + now + ", its deadline was " + deadline)));
    }

    private void prepare(Command command, Handler handler, CommandTrace trace) {
        List<String> problems = new ArrayList<>();
        Fields params = new Fields("params", command.params(), problems);
        Handler.Work work = handler.prepare(command.id(), params);
        params.nothingElse();
        if (!problems.isEmpty()) {
            refuse(command, Outcome.rejected(String.join("; ", problems)), trace);
            return;
        }
        if (taken.size() >= MAX_TAKEN) {
            refuse(
                    command,
                    Outcome.rejected(
                            taken.size() + " commands are being carried out, more are not taken; give it again later"),
                    trace);
            return;
        }
        Entry entry = new Entry(command.id(), command.name(), Leader.currentBoot(), null, null);
        try {
            entries.put(entry);
        } catch (IOException e) {
            refuse(command, Outcome.rejected("it cannot be recorded, so it is not done: " + e.getMessage()), trace);
            return;
        }
        taken.put(command.id(), true);
        send(command.id(), new Outcome(Status.ACCEPTED, Map.of()), List.of());
        trace.step("wait");
        workers.execute(() -> work(entry, command, work, trace));
    }

    private void work(Entry entry, Command command, Handler.Work work, CommandTrace trace) {
        try {
            concurrent.acquire();
            try {
                send(command.id(), new Outcome(Status.RUNNING, Map.of()), List.of());
                trace.step("execute");
                Outcome outcome = outcome(command, work);
                end(entry, outcome, trace.ended(command.name(), outcome));
                work.afterwards();
            } finally {
                concurrent.release();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the agent stops; the next one says what became of it
        } catch (IOException e) {
            log.log(Level.ERROR, "the end of command " + command.id() + " cannot be recorded", e);
        } finally {
            taken.remove(command.id());
        }
    }

    private Outcome outcome(Command command, Handler.Work work) throws InterruptedException {
        Duration left = left(command);
        if (left.isNegative() || left.isZero()) {
            return new Outcome(Status.EXPIRED, Map.of("reason", "its deadline passed while it waited for others"));
        }
        // what does not end by itself is interrupted, a moment after it should have
        Future<Outcome> future = workers.submit(() -> work.run(left));
        try {
            return future.get(left.plusSeconds(15).toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            future.cancel(true);
            return Outcome.failed("it did not end within " + left.toSeconds() + " s");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof InterruptedException) {
                throw (InterruptedException) new InterruptedException("stopped").initCause(e);
            }
            log.log(Level.ERROR, "command " + command.id() + " " + command.name(), e.getCause());
            return Outcome.failed(String.valueOf(e.getCause()));
        } catch (InterruptedException e) {
            future.cancel(true);
            throw e;
        }
    }

    private Duration left(Command command) {
        Duration left = command.deadline() == null ? LONGEST : Duration.between(clock.instant(), command.deadline());
        return left.compareTo(LONGEST) < 0 ? left : LONGEST;
    }

    private void end(Entry entry, Outcome outcome, List<Uplink.Span> spans) throws IOException {
        if (closed) {
            return;
        }
        entries.put(entry.ended(outcome.status(), JSON.valueToTree(outcome.detail())));
        send(entry.id(), outcome, spans);
    }

    private void send(String id, Outcome outcome, List<Uplink.Span> spans) {
        Object detail = outcome.detail().isEmpty() ? null : new LinkedHashMap<>(outcome.detail());
        outbound.send(new Uplink.CommandResult(id, outcome.status(), detail, spans));
    }

    private static @Nullable Object detail(@Nullable JsonNode detail) {
        return detail == null || detail.isEmpty() ? null : JSON.treeToValue(detail, Map.class);
    }

    private static String shown(String name) {
        String printable = name.replaceAll("\\p{Cntrl}", "?");
        return printable.length() <= 80 ? printable : printable.substring(0, 80) + "…";
    }

    /** What is being carried out is stopped; the next agent reports it as indeterminate. */
    @Override
    public void close() throws IOException {
        closed = true;
        workers.shutdownNow();
        try {
            workers.awaitTermination(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        entries.close();
    }
}

package dev.muster.agent.desired;

import dev.muster.agent.config.ConfigPart;
import dev.muster.agent.desired.ConfigEngine.Action;
import dev.muster.agent.desired.ConfigEngine.Decision;
import dev.muster.agent.link.Outbound;
import dev.muster.agent.state.StateDirectory;
import dev.muster.protocol.Uplink;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Carries out what {@link ConfigEngine} decides, hands the software of the confirmed document on, and reports. One thread does
 * all of it; the newest message waits for it, older ones are forgotten.
 */
public final class DesiredState implements AutoCloseable {
    private static final System.Logger log = System.getLogger(DesiredState.class.getName());

    private final ConfigStore store;
    private final Map<String, ConfigPart> parts = new LinkedHashMap<>();
    private final ConfigPart rest;
    private final Software software;
    private final Outbound outbound;
    private final BooleanSupplier connected;
    private final Fetch fetch;
    private final Timing timing;
    private final String bootId;
    private final LongSupplier nanos;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("desired-state").factory());
    private final AtomicReference<byte @Nullable []> newest = new AtomicReference<>();
    private final AtomicBoolean reportDue = new AtomicBoolean();

    private ConfigState state = ConfigState.initial();
    private long appliedAt;
    private boolean wasConnected;
    private Set<String> unwellBefore = Set.of();
    private Uplink.@Nullable StateReport reported;

    /** What becomes of the components; given the whole of what is wanted each time. */
    public interface Software {
        void want(Map<String, Wanted> software);

        Map<String, String> versions();

        Map<String, Uplink.Update> updates();

        /** What is not well, by component, in words. */
        Map<String, String> unwell();

        /** Whether it is known of every component how it is with the present configuration; it becomes known in any case. */
        boolean settled();
    }

    /** Gets a document that is too large for a message. */
    @FunctionalInterface
    public interface Fetch {
        /** @throws IOException when it cannot be had, or is another one */
        byte[] fetch(DesiredDocument.Message.Elsewhere where) throws IOException, InterruptedException;
    }

    /**
     * @param tick how often a trial is looked at
     * @param inspect how often the parts look after what is in effect
     */
    public record Timing(ConfigEngine.Bounds bounds, Duration tick, Duration inspect) {
        public static Timing of(Duration confirm) {
            return new Timing(
                    new ConfigEngine.Bounds(confirm, confirm.multipliedBy(4), 3, 3),
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(30));
        }
    }

    /**
     * @param rest takes the keys that have no part
     * @param connected whether a session with the server stands
     */
    public DesiredState(
            StateDirectory directory,
            List<ConfigPart> parts,
            ConfigPart rest,
            Software software,
            Outbound outbound,
            BooleanSupplier connected,
            Fetch fetch,
            Timing timing,
            String bootId,
            LongSupplier nanos) {
        this.store = new ConfigStore(directory);
        parts.forEach(part -> this.parts.put(part.name(), part));
        this.rest = rest;
        this.software = software;
        this.outbound = outbound;
        this.connected = connected;
        this.fetch = fetch;
        this.timing = timing;
        this.bootId = bootId;
        this.nanos = nanos;
    }

    /** Puts the last good configuration into effect again, or goes on with a trial; then listens. Returns when it is in effect. */
    public void start() throws IOException {
        state = store.load();
        carryOut(ConfigEngine.started(state, timing.bounds()));
        software.want(state.good().software());
        submit(this::report);
        thread.scheduleWithFixedDelay(
                guarded(this::tick), timing.tick().toMillis(), timing.tick().toMillis(), TimeUnit.MILLISECONDS);
        thread.scheduleWithFixedDelay(
                guarded(this::inspect),
                timing.inspect().toMillis(),
                timing.inspect().toMillis(),
                TimeUnit.MILLISECONDS);
    }

    /** A session stands: the whole state is reported, whether it has changed or not. */
    public void connected() {
        submit(() -> {
            reported = null;
            report();
        });
    }

    public void desired(byte[] message) {
        if (newest.getAndSet(message) == null) {
            submit(this::takeNewest);
        }
    }

    /** Something that is reported has changed; safe from every thread, and cheap. */
    public void changed() {
        if (reportDue.compareAndSet(false, true)) {
            submit(() -> {
                reportDue.set(false);
                report();
            });
        }
    }

    private void submit(Step step) {
        try {
            thread.execute(guarded(step));
        } catch (RejectedExecutionException closed) {
            // nothing is done any more
        }
    }

    private interface Step {
        void run() throws IOException, InterruptedException;
    }

    /** What fails is tried again by the next message or tick; the thread goes on. */
    private static Runnable guarded(Step step) {
        return () -> {
            try {
                step.run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (IOException | RuntimeException e) {
                log.log(Level.ERROR, "desired state: " + e, e);
            }
        };
    }

    private void takeNewest() throws IOException, InterruptedException {
        byte[] message = newest.getAndSet(null);
        if (message != null) {
            take(DesiredDocument.parse(message));
        }
    }

    private void take(DesiredDocument.Message message) throws IOException, InterruptedException {
        switch (message) {
            case DesiredDocument.Message.Whole(DesiredDocument document) ->
                carryOut(ConfigEngine.wanted(state, document, problems(document)));
            case DesiredDocument.Message.Elsewhere where -> {
                if (where.generation() > state.newest()) {
                    takeFetched(where);
                }
            }
            case DesiredDocument.Message.Unusable(long generation, String reason) ->
                carryOut(ConfigEngine.unusable(state, generation, reason));
            case DesiredDocument.Message.Unreadable(String reason) ->
                log.log(Level.WARNING, "a desired state is ignored: " + reason);
        }
        if (state.trial() == null) {
            software.want(state.good().software());
        }
        report();
    }

    private void takeFetched(DesiredDocument.Message.Elsewhere where) throws IOException, InterruptedException {
        DesiredDocument.Message fetched = DesiredDocument.parse(fetch.fetch(where));
        switch (fetched) {
            case DesiredDocument.Message.Whole whole
            when whole.document().generation() == where.generation() -> take(whole);
            case DesiredDocument.Message.Unusable unusable -> take(unusable);
            case DesiredDocument.Message.Whole other ->
                log.log(
                        Level.WARNING,
                        "desired state of generation " + where.generation() + " at " + where.url()
                                + " is of generation " + other.document().generation());
            case DesiredDocument.Message.Elsewhere again ->
                log.log(Level.WARNING, "desired state of generation " + again.generation() + " is elsewhere again");
            case DesiredDocument.Message.Unreadable(String reason) ->
                carryOut(ConfigEngine.unusable(state, where.generation(), reason));
        }
    }

    private List<String> problems(DesiredDocument document) {
        List<String> problems = new ArrayList<>();
        Report.unreportable(document.config()).ifPresent(problems::add);
        parts.values().forEach(part -> {
            JsonNode wanted = document.config().get(part.name());
            if (wanted != null && !wanted.isObject()) {
                problems.add("config." + part.name() + " must be an object");
            } else if (wanted != null) {
                problems.addAll(part.problems(wanted));
            }
        });
        problems.addAll(rest.problems(rest(document)));
        return problems;
    }

    /** Until there is nothing to do but to wait. */
    private void carryOut(Decision decision) throws IOException {
        Decision next = decision;
        while (true) {
            keep(next.state());
            if (!(next.action() instanceof Action.Apply(DesiredDocument document))) {
                return;
            }
            unwellBefore = state.trial() == null
                    ? Set.of()
                    : Set.copyOf(software.unwell().keySet());
            wasConnected = connected.getAsBoolean();
            Optional<String> failure = apply(document);
            appliedAt = nanos.getAsLong();
            failure.ifPresent(why -> log.log(
                    Level.WARNING,
                    "configuration of generation " + document.generation() + " cannot be applied: " + why));
            next = ConfigEngine.applied(state, failure);
        }
    }

    private void keep(ConfigState next) throws IOException {
        if (next.equals(state)) {
            return;
        }
        store.save(next);
        say(state, next);
        state = next;
    }

    private static void say(ConfigState before, ConfigState after) {
        if (after.good().generation() != before.good().generation()) {
            log.log(Level.INFO, "desired state of generation " + after.good().generation() + " is in effect");
        }
        Uplink.Rejected rejected = after.rejected();
        if (rejected != null && !rejected.equals(before.rejected())) {
            log.log(
                    Level.WARNING,
                    "desired state of generation " + rejected.generation() + " is rejected: " + rejected.reason());
        }
    }

    private Optional<String> apply(DesiredDocument document) {
        try {
            for (ConfigPart part : parts.values()) {
                JsonNode wanted = document.config().get(part.name());
                part.apply(wanted == null ? JsonNodeFactory.instance.objectNode() : wanted);
            }
            rest.apply(rest(document));
            return Optional.empty();
        } catch (RuntimeException e) { // a part that fails in whatever way must not leave the asset in between
            return Optional.of(e.getMessage() == null ? e.toString() : e.getMessage());
        }
    }

    private JsonNode rest(DesiredDocument document) {
        ObjectNode rest = document.config().deepCopy();
        parts.keySet().forEach(rest::remove);
        return rest;
    }

    private void tick() throws IOException {
        if (state.trial() == null) {
            return;
        }
        carryOut(ConfigEngine.watched(state, seen(), timing.bounds()));
        if (state.trial() == null) {
            software.want(state.good().software());
            report();
        }
    }

    private ConfigEngine.Seen seen() {
        boolean settled = software.settled(); // first: one that is settled because it is not well is then found unwell
        List<String> unwell = new ArrayList<>();
        new TreeMap<>(software.unwell()).forEach((component, what) -> {
            if (!unwellBefore.contains(component)) {
                unwell.add(component + " is not well with it: " + what);
            }
        });
        return new ConfigEngine.Seen(
                Duration.ofNanos(nanos.getAsLong() - appliedAt),
                wasConnected,
                connected.getAsBoolean(),
                unwell,
                settled);
    }

    private void inspect() {
        parts.values().forEach(ConfigPart::inspect);
        rest.inspect();
        report();
    }

    private void report() {
        Uplink.StateReport now = current();
        if (!now.equals(reported)) {
            outbound.send(new Uplink.StateReport(
                    System.currentTimeMillis(),
                    now.generation(),
                    now.config(),
                    now.software(),
                    now.updates(),
                    now.rejected(),
                    now.bootId()));
            reported = now;
        }
    }

    /** Without a time, so that two can be compared. */
    private Uplink.StateReport current() {
        Map<String, JsonNode> config = new LinkedHashMap<>();
        parts.forEach((name, part) -> {
            JsonNode current = part.current();
            if (!current.isEmpty()) {
                config.put(name, current);
            }
        });
        rest.current().properties().forEach(each -> config.putIfAbsent(each.getKey(), each.getValue()));
        Uplink.Rejected rejected = state.rejected();
        boolean newer = rejected != null && rejected.generation() > state.good().generation();
        return new Uplink.StateReport(
                null,
                state.good().generation() == 0 ? null : state.good().generation(),
                Report.values(config),
                software.versions(),
                software.updates(),
                newer ? rejected : null,
                bootId);
    }

    @Override
    public void close() {
        thread.shutdownNow();
        try {
            if (!thread.awaitTermination(10, TimeUnit.SECONDS)) {
                log.log(Level.WARNING, "a configuration is still being applied; the next agent goes on with it");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

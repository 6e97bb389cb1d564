package dev.muster.command;

import dev.muster.audit.AuditLog;
import dev.muster.identity.Actor;
import dev.muster.identity.ScopeFilter;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.event.EventLog;
import dev.muster.platform.id.Ids;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.asset.AssetDirectory;
import dev.muster.registry.asset.AssetStore;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/** Commands to single assets: given, found, taken back; always within the actor's scope. */
@Component
class CommandService {
    /** Commands of one asset that are open at the same time, without those of runs. */
    static final int MAX_OPEN_PER_ASSET = 100;

    /** Commands looked at for one page of a narrower scope; such a page may be short and still have a next one. */
    static final int MAX_LOOKED_AT = 5_000;

    private final CommandStore store;
    private final CommandRules rules;
    private final AssetDirectory directory;
    private final AssetStore assets;
    private final ScopeFilter scopes;
    private final Nudges nudges;
    private final CommandMetrics metrics;
    private final AuditLog audit;
    private final EventLog events;
    private final Ids ids;
    private final Clock clock;
    private final TransactionTemplate transaction;
    private final SecureRandom random = new SecureRandom();

    CommandService(
            CommandStore store,
            CommandRules rules,
            AssetDirectory directory,
            AssetStore assets,
            ScopeFilter scopes,
            Nudges nudges,
            CommandMetrics metrics,
            AuditLog audit,
            EventLog events,
            Ids ids,
            Clock clock,
            PlatformTransactionManager transactions) {
        this.store = store;
        this.rules = rules;
        this.directory = directory;
        this.assets = assets;
        this.scopes = scopes;
        this.nudges = nudges;
        this.metrics = metrics;
        this.audit = audit;
        this.events = events;
        this.ids = ids;
        this.clock = clock;
        this.transaction = new TransactionTemplate(transactions);
    }

    /**
     * What is asked for.
     *
     * @param asset null with {@code retryOf}: the same one
     * @param name null with {@code retryOf}: the same one
     * @param parameters null for none, or with {@code retryOf} for the same ones
     * @param timeout null for the type's own, or with {@code retryOf} for the same one
     * @param confirm whether a disruption is meant
     * @param retryOf id of a command that did not succeed
     */
    record Wanted(
            @Nullable String asset,
            @Nullable String name,
            @Nullable JsonNode parameters,
            @Nullable Duration timeout,
            boolean confirm,
            @Nullable String retryOf,
            @Nullable String traceparent) {}

    /** Gives a command to an asset; it goes out at once when the asset is connected. */
    Command give(Actor actor, Wanted wanted) {
        Command given = transaction.execute(status -> {
            Command command = build(actor, wanted, true);
            store.insert(List.of(command));
            if (wanted.traceparent() != null) {
                store.ofTrace(
                        command.id(),
                        TraceParent.of(wanted.traceparent(), random).spanId());
            }
            record(actor, "command.create", command);
            append("command.created", command);
            nudges.afterCommit(command.asset());
            return command;
        });
        if (given == null) {
            throw new IllegalStateException("a transaction had no result");
        }
        metrics.given(given.attempt(), 1);
        return given;
    }

    /** What {@link #give} would do; changes nothing. */
    Plan plan(Actor actor, Wanted wanted) {
        Command command = build(actor, wanted, false);
        boolean disruptive = rules.prepare(command.assetType(), command.name(), command.parameters(), command.timeout())
                .disruptive();
        return new Plan(command.name(), 1, 0, disruptive, Map.of(command.assetType(), 1));
    }

    private Command build(Actor actor, Wanted wanted, boolean forGood) {
        Command before = wanted.retryOf() == null ? null : requireRetriable(actor, wanted);
        String id = before != null ? before.asset().value() : required("asset", wanted.asset());
        String name = before != null ? before.name() : required("name", wanted.name());
        JsonNode given = before != null && wanted.parameters() == null ? before.parameters() : wanted.parameters();
        Asset asset = directory.requireVisible(actor, id);
        if (forGood) {
            // One command after the other for one asset; and none for an asset that is being retired.
            asset = assets.lock(asset.id()).orElseThrow(() -> directoryNotFound(id));
        }
        if (!CommandRules.canBeTold(asset.lifecycle())) {
            throw new Refusal(
                    ErrorCode.REFUSED,
                    "asset " + id + " cannot be given a command: it is "
                            + asset.lifecycle().wire());
        }
        Duration timeout = before != null && wanted.timeout() == null ? before.timeout() : wanted.timeout();
        CommandRules.Prepared prepared = rules.prepare(asset.type(), name, given, timeout);
        if (forGood) {
            CommandRules.requireConfirmed(name, prepared.disruptive(), wanted.confirm(), "asset " + id);
            requireRoom(asset.id());
        }
        Instant now = now();
        return new Command(
                ids.next(),
                asset.id(),
                asset.type(),
                null,
                name,
                prepared.parameters(),
                prepared.timeout(),
                before == null ? 1 : before.attempt() + 1,
                before == null ? null : before.id(),
                TraceParent.of(wanted.traceparent(), random).child(random).toString(),
                now,
                actor.id(),
                now,
                null,
                Progress.pending(now.plus(prepared.timeout())),
                null,
                null,
                null);
    }

    private Command requireRetriable(Actor actor, Wanted wanted) {
        Command before = require(actor, String.valueOf(wanted.retryOf()));
        if ((wanted.asset() != null && !wanted.asset().equals(before.asset().value()))
                || (wanted.name() != null && !wanted.name().equals(before.name()))) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "command " + before.id() + " is " + before.name() + " of asset " + before.asset()
                            + "; a retry is the same for the same asset, leave asset and name out");
        }
        if (!before.status().isSettled()) {
            throw new Refusal(
                    ErrorCode.CONFLICT,
                    "command " + before.id() + " is " + before.status().wire()
                            + "; wait for its end or cancel it before it is tried again");
        }
        if (before.status() == Status.SUCCEEDED) {
            throw new Refusal(
                    ErrorCode.CONFLICT,
                    "command " + before.id() + " has succeeded; to do it once more, give it anew without retryOf");
        }
        return before;
    }

    private void requireRoom(AssetId asset) {
        int open = store.openWithoutRun(asset);
        if (open >= MAX_OPEN_PER_ASSET) {
            throw new Refusal(
                    ErrorCode.CONFLICT,
                    "asset " + asset + " cannot be given a command: " + open
                            + " are open, which is the most; cancel some, or wait for their deadlines");
        }
    }

    Command require(Actor actor, String id) {
        return store.find(id)
                .filter(command -> isVisible(actor, command.asset()))
                .orElseThrow(() -> notFound(id));
    }

    /** Its history as it is stored. */
    List<CommandStore.Line> history(Command command) {
        return store.history(command.id());
    }

    Page<Command> list(Actor actor, CommandStore.Filter filter, PageRequest request) {
        if (actor.scope().isAll()) {
            return Page.of(store.page(filter, request.after(), request.fetch()), request, Command::id);
        }
        List<Command> seen = new ArrayList<>();
        String last = request.after();
        for (int lookedAt = 0; lookedAt < MAX_LOOKED_AT; lookedAt += PageRequest.MAX_LIMIT) {
            List<Command> batch = store.page(filter, last, PageRequest.MAX_LIMIT);
            Set<AssetId> visible = scopes.visible(
                    actor.scope(), batch.stream().map(Command::asset).collect(Collectors.toSet()));
            for (Command command : batch) {
                if (visible.contains(command.asset())) {
                    if (seen.size() == request.limit()) {
                        return Page.upTo(seen, seen.getLast().id());
                    }
                    seen.add(command);
                }
                last = command.id();
            }
            if (batch.size() < PageRequest.MAX_LIMIT) {
                return new Page<>(seen, null);
            }
        }
        return last == null ? new Page<>(seen, null) : Page.upTo(seen, last);
    }

    /** Takes a command back that the asset has not taken. */
    Command cancel(Actor actor, String id) {
        require(actor, id);
        Command cancelled = transaction.execute(status -> {
            Command before = store.lock(List.of(id)).stream().findFirst().orElseThrow(() -> notFound(id));
            Instant now = now();
            if (before.status() == Status.CANCELLED) {
                return before;
            }
            Progress next = CommandEngine.cancelled(before.progress(), Settler.PERSON, now)
                    .orElseThrow(() -> tooLate(before, now));
            Command after = before.with(next, "cancelled by " + actor);
            store.write(List.of(new CommandStore.Change(after, List.of(CommandEngine.step(next)), null)));
            audit.record(actor, "command.cancel", "asset", after.asset().value(), summary(before), summary(after));
            append("command.cancelled", after);
            metrics.settled(after);
            return after;
        });
        if (cancelled == null) {
            throw new IllegalStateException("a transaction had no result");
        }
        return cancelled;
    }

    /** The same where it is not too late; no refusal, which would take the caller's transaction with it. */
    boolean takeBack(Actor actor, String id) {
        boolean open = Boolean.TRUE.equals(transaction.execute(status -> store.lock(List.of(id)).stream()
                .anyMatch(command -> command.status() != Status.CANCELLED
                        && CommandEngine.cancelled(command.progress(), Settler.PERSON, now())
                                .isPresent())));
        if (open) {
            cancel(actor, id);
        }
        return open;
    }

    private static Refusal tooLate(Command before, Instant now) {
        String found = CommandEngine.passed(before.progress(), now)
                .map(passed -> passed.status().wire())
                .orElse(before.status().wire());
        return new Refusal(
                ErrorCode.CONFLICT,
                "command " + before.id() + " cannot be cancelled: it is " + found
                        + "; only one that the asset has not taken can be");
    }

    private boolean isVisible(Actor actor, AssetId asset) {
        return actor.scope().isAll()
                || scopes.visible(actor.scope(), Set.of(asset)).contains(asset);
    }

    private void record(Actor actor, String action, Command command) {
        audit.record(actor, action, "asset", command.asset().value(), null, summary(command));
    }

    private void append(String type, Command command) {
        events.append(type, "asset/" + command.asset(), eventOf(command));
    }

    static Map<String, Object> eventOf(Command command) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("id", command.id());
        data.put("name", command.name());
        data.put("status", command.status().wire());
        if (command.progress().late()) {
            data.put("late", true);
        }
        return data;
    }

    /** For the audit trail. */
    private static Map<String, Object> summary(Command command) {
        Map<String, Object> data = new LinkedHashMap<>(eventOf(command));
        data.put("parameters", command.parameters());
        data.put("deadline", String.valueOf(command.progress().deadline()));
        if (command.retryOf() != null) {
            data.put("retryOf", command.retryOf());
        }
        return data;
    }

    private static String required(String field, @Nullable String value) {
        if (value == null || value.isBlank()) {
            throw new Refusal(ErrorCode.INVALID, field + " is missing; give asset and name, or retryOf");
        }
        return value;
    }

    private static Refusal directoryNotFound(String id) {
        return new Refusal(ErrorCode.NOT_FOUND, "asset " + id + " does not exist or is outside of your scope");
    }

    private static Refusal notFound(String id) {
        String shown = id.matches("[0-9a-f-]{1,36}") ? id : "of that id";
        return new Refusal(
                ErrorCode.NOT_FOUND, "command " + shown + " does not exist or its asset is outside of your scope");
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}

package dev.muster.command;

import dev.muster.audit.AuditLog;
import dev.muster.identity.Actor;
import dev.muster.platform.config.Settings;
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
import dev.muster.registry.asset.Visibility;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Command runs: started, found, stopped. A run belongs to the scope of who started it. */
@Component
class RunService {
    static final int DEFAULT_CONCURRENCY = 50;
    static final int MAX_CONCURRENCY = 10_000;
    /** Runs that have not ended, of all actors; a few more when several start at the same moment. */
    static final int MAX_ACTIVE = 100;
    /** What a run has not given out by then it does not give out any more. */
    static final Duration LIFE = Duration.ofDays(7);

    private static final int CHUNK = 1_000;

    private final RunStore runs;
    private final CommandStore commands;
    private final CommandRules rules;
    private final AssetDirectory directory;
    private final AssetStore assets;
    private final Visibility visibility;
    private final CommandWorker worker;
    private final AuditLog audit;
    private final EventLog events;
    private final Ids ids;
    private final Clock clock;
    private final TransactionTemplate transaction;
    private final int maxAssets;
    private final SecureRandom random = new SecureRandom();

    RunService(
            RunStore runs,
            CommandStore commands,
            CommandRules rules,
            AssetDirectory directory,
            AssetStore assets,
            Visibility visibility,
            CommandWorker worker,
            AuditLog audit,
            EventLog events,
            Ids ids,
            Clock clock,
            PlatformTransactionManager transactions,
            Settings settings) {
        this.runs = runs;
        this.commands = commands;
        this.rules = rules;
        this.directory = directory;
        this.assets = assets;
        this.visibility = visibility;
        this.worker = worker;
        this.audit = audit;
        this.events = events;
        this.ids = ids;
        this.clock = clock;
        this.transaction = new TransactionTemplate(transactions);
        this.maxAssets = settings.get(CommandSettings.MAX_ASSETS);
    }

    /**
     * What is asked for.
     *
     * @param name null with {@code retryOf}: the same one
     * @param selector null with {@code retryOf}: the assets whose commands did not succeed
     * @param parameters null for none, or with {@code retryOf} for the same ones
     * @param timeout of each command; null for that of its type
     * @param maxFailures null never stops
     */
    record Wanted(
            @Nullable String name,
            @Nullable String selector,
            @Nullable JsonNode parameters,
            @Nullable Duration timeout,
            int concurrency,
            @Nullable Integer maxFailures,
            boolean confirm,
            @Nullable String retryOf,
            @Nullable String traceparent) {}

    /** A run with how many of its commands are where. */
    record Counted(Run run, RunStore.Tally tally) {}

    /** All of it in one transaction: a run has every asset that was selected at its start, or there is none. */
    Counted start(Actor actor, Wanted wanted) {
        Run before = wanted.retryOf() == null ? null : requireRetriable(actor, wanted);
        Counted started = transaction.execute(status -> {
            requireRoom();
            Run run = build(actor, wanted, before);
            runs.insert(run);
            Collected collected = new Collected(wanted, run, true);
            select(actor, wanted, before, collected);
            collected.finish();
            runs.sized(run.id(), collected.count, collected.skipped);
            Run sized = runs.find(run.id()).orElseThrow();
            audit.record(actor, "command-run.create", "command-run", run.id(), null, summary(sized));
            events.append("command_run.started", "command-run/" + run.id(), summary(sized));
            return counted(sized);
        });
        if (started == null) {
            throw new IllegalStateException("a transaction had no result");
        }
        worker.soon();
        return started;
    }

    /** What {@link #start} would do; changes nothing. */
    Plan plan(Actor actor, Wanted wanted) {
        Run before = wanted.retryOf() == null ? null : requireRetriable(actor, wanted);
        Collected collected = new Collected(wanted, build(actor, wanted, before), false);
        select(actor, wanted, before, collected);
        collected.finish();
        return new Plan(
                collected.run.name(), collected.count, collected.skipped, collected.disruptive, collected.types);
    }

    private void select(Actor actor, Wanted wanted, @Nullable Run before, Collected collected) {
        if (before == null) {
            directory.forEach(actor, wanted.selector(), asset -> collected.add(asset, null));
            return;
        }
        String last = null;
        List<RunStore.Left> left;
        do {
            left = runs.left(before.id(), last, CHUNK);
            Map<AssetId, Asset> found =
                    assets
                            .findAll(left.stream()
                                    .map(each -> new AssetId(each.asset()))
                                    .toList())
                            .stream()
                            .filter(asset -> visibility.isVisible(actor.scope(), asset))
                            .collect(Collectors.toMap(Asset::id, Function.identity()));
            for (RunStore.Left each : left) {
                Asset asset = found.get(new AssetId(each.asset()));
                if (asset == null) {
                    collected.skipped++;
                } else {
                    collected.add(asset, each);
                }
                last = each.id();
            }
        } while (left.size() == CHUNK);
    }

    /** The commands of a new run, stored in pieces while the assets are read. */
    private final class Collected {
        private final Wanted wanted;
        private final Run run;
        private final boolean forGood;
        private final TraceParent trace;
        private final Map<String, CommandRules.Prepared> prepared = new HashMap<>();
        private final Map<String, Integer> types = new TreeMap<>();
        private final List<Command> unstored = new ArrayList<>(CHUNK);
        private int count;
        private int skipped;
        private boolean disruptive;

        Collected(Wanted wanted, Run run, boolean forGood) {
            this.wanted = wanted;
            this.run = run;
            this.forGood = forGood;
            this.trace = TraceParent.of(wanted.traceparent(), random);
        }

        void add(Asset asset, RunStore.@Nullable Left retried) {
            if (!CommandRules.canBeTold(asset.lifecycle())) {
                skipped++;
                return;
            }
            if (count == maxAssets) {
                throw new Refusal(
                        ErrorCode.TOO_LARGE,
                        "the selector selects more than " + maxAssets + " assets, which is the most for one run"
                                + " (command-run-max-assets); narrow it");
            }
            count++;
            types.merge(asset.type(), 1, Integer::sum);
            CommandRules.Prepared forType = prepared.computeIfAbsent(
                    asset.type(), type -> rules.prepare(type, run.name(), run.parameters(), wanted.timeout()));
            disruptive |= forType.disruptive();
            if (!forGood) {
                return;
            }
            CommandRules.requireConfirmed(
                    run.name(), forType.disruptive(), wanted.confirm(), "assets of type " + asset.type());
            unstored.add(new Command(
                    ids.next(),
                    asset.id(),
                    asset.type(),
                    run.id(),
                    run.name(),
                    forType.parameters(),
                    forType.timeout(),
                    retried == null ? 1 : retried.attempt() + 1,
                    retried == null ? null : retried.id(),
                    trace.child(random).toString(),
                    run.createdAt(),
                    run.createdBy(),
                    null,
                    null,
                    Progress.queued(),
                    null,
                    null,
                    null));
            if (unstored.size() == CHUNK) {
                store();
            }
        }

        void finish() {
            if (count == 0) {
                throw new Refusal(
                        ErrorCode.NOT_FOUND,
                        "there is no asset for command " + run.name() + ": the selection has none"
                                + (skipped == 0 ? "" : ", without " + skipped + " that are retired or quarantined")
                                + "; try the selector with GET /api/v1/assets");
            }
            store();
        }

        private void store() {
            if (!unstored.isEmpty()) {
                commands.insert(unstored);
                unstored.clear();
            }
        }
    }

    private Run build(Actor actor, Wanted wanted, @Nullable Run before) {
        String name = before != null ? before.name() : wanted.name();
        if (name == null || name.isBlank()) {
            throw new Refusal(ErrorCode.INVALID, "name is missing; give name and selector, or retryOf");
        }
        if (before == null && (wanted.selector() == null || wanted.selector().isBlank())) {
            throw new Refusal(
                    ErrorCode.INVALID, "selector is missing; every asset is selected by the selector \"true\"");
        }
        if (wanted.concurrency() < 1 || wanted.concurrency() > MAX_CONCURRENCY) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "concurrency is " + wanted.concurrency() + "; allowed is 1 to " + MAX_CONCURRENCY);
        }
        if (wanted.maxFailures() != null && wanted.maxFailures() < 0) {
            throw new Refusal(ErrorCode.INVALID, "maxFailures is " + wanted.maxFailures() + "; allowed are 0 and more");
        }
        JsonNode given = before != null && wanted.parameters() == null ? before.parameters() : wanted.parameters();
        Instant now = now();
        return new Run(
                ids.next(),
                name,
                before == null ? wanted.selector() : null,
                before == null ? null : before.id(),
                actor.scope(),
                given == null ? JsonNodeFactory.instance.objectNode() : given,
                wanted.concurrency(),
                wanted.maxFailures(),
                Run.State.RUNNING,
                null,
                0,
                0,
                now,
                actor.id(),
                now.plus(LIFE),
                null);
    }

    private Run requireRetriable(Actor actor, Wanted wanted) {
        Run before = require(actor, String.valueOf(wanted.retryOf()));
        if (wanted.selector() != null
                || (wanted.name() != null && !wanted.name().equals(before.name()))) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "run " + before.id() + " is " + before.name()
                            + "; a retry is the same for the assets that are left over, leave name and selector out");
        }
        if (before.state() != Run.State.ENDED) {
            throw new Refusal(
                    ErrorCode.CONFLICT,
                    "run " + before.id() + " is " + before.state().wire()
                            + "; wait for its end or cancel it before it is tried again");
        }
        return before;
    }

    private void requireRoom() {
        int active = runs.active().size();
        if (active >= MAX_ACTIVE) {
            throw new Refusal(
                    ErrorCode.CONFLICT,
                    "no run can start: " + active + " have not ended, which is the most; cancel some or wait");
        }
    }

    Counted get(Actor actor, String id) {
        return counted(require(actor, id));
    }

    /** Newest first. */
    Page<Counted> list(Actor actor, boolean onlyActive, PageRequest page) {
        List<Run> found =
                runs.page(actor.scope().isAll() ? null : actor.scope(), onlyActive, page.after(), page.fetch());
        Page<Run> cut = Page.of(found, page, Run::id);
        Map<String, RunStore.Tally> tallies =
                runs.tallies(cut.items().stream().map(Run::id).toList());
        return cut.map(run -> new Counted(run, tallies.getOrDefault(run.id(), RunStore.Tally.NONE)));
    }

    /** Cancels what is queued; what is under way goes on to its end. Again is no error. */
    Counted cancel(Actor actor, String id) {
        require(actor, id);
        Run after = transaction.execute(status -> stop(actor, id));
        worker.soon();
        return counted(after == null ? require(actor, id) : after);
    }

    private Run stop(Actor actor, String id) {
        Run before = runs.lock(id).orElseThrow(() -> notFound(id));
        return switch (before.state()) {
            case STOPPING -> before;
            case ENDED ->
                throw new Refusal(
                        ErrorCode.CONFLICT, "run " + id + " cannot be cancelled: it has ended at " + before.endedAt());
            case RUNNING -> {
                runs.stop(id, "cancelled by " + actor);
                Run stopping = runs.find(id).orElseThrow();
                audit.record(actor, "command-run.cancel", "command-run", id, summary(before), summary(stopping));
                events.append("command_run.stopping", "command-run/" + id, summary(stopping));
                yield stopping;
            }
        };
    }

    private Run require(Actor actor, String id) {
        return runs.find(id)
                .filter(run -> actor.scope().isAll() || actor.scope().equals(run.scope()))
                .orElseThrow(() -> notFound(id));
    }

    private static Refusal notFound(String id) {
        String shown = id.matches("[0-9a-f-]{1,36}") ? id : "of that id";
        return new Refusal(ErrorCode.NOT_FOUND, "run " + shown + " does not exist or was started in another scope");
    }

    private Counted counted(Run run) {
        return new Counted(run, runs.tallies(List.of(run.id())).getOrDefault(run.id(), RunStore.Tally.NONE));
    }

    static Map<String, Object> summary(Run run) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("id", run.id());
        data.put("name", run.name());
        data.put("state", run.state().wire());
        data.put("assets", run.assets());
        data.put("concurrency", run.concurrency());
        if (run.selector() != null) {
            data.put("selector", run.selector());
        }
        if (run.retryOf() != null) {
            data.put("retryOf", run.retryOf());
        }
        if (run.stopped() != null) {
            data.put("stopped", run.stopped());
        }
        return data;
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}

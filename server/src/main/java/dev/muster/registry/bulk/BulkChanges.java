package dev.muster.registry.bulk;

import dev.muster.audit.AuditLog;
import dev.muster.identity.Actor;
import dev.muster.identity.ApiTokens;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.FieldProblem;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.event.EventLog;
import dev.muster.platform.id.Ids;
import dev.muster.platform.lease.Lease;
import dev.muster.platform.lease.Leases;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.asset.AssetDirectory;
import dev.muster.registry.asset.AssetFilter;
import dev.muster.registry.asset.AssetListener;
import dev.muster.registry.asset.AssetStore;
import dev.muster.registry.asset.FieldManagers;
import dev.muster.registry.asset.Visibility;
import dev.muster.registry.bulk.AssetBatchStore.Written;
import dev.muster.registry.bulk.AssetEdit.Outcome;
import dev.muster.registry.bulk.AssetEdit.Reason;
import dev.muster.registry.bulk.BulkChange.Selection;
import dev.muster.registry.bulk.BulkChange.State;
import dev.muster.registry.bulk.BulkChange.Tally;
import dev.muster.registry.document.Problem;
import dev.muster.registry.group.GroupSweep;
import dev.muster.registry.selector.SqlCondition;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Changes many assets: shows before what would happen, then goes through them in the order of their ids, a batch in a transaction
 * with its audit entry, from where it was when the server stopped. No asset is changed twice, also when the change takes it out of
 * the selection or into it.
 */
@Component
class BulkChanges {
    static final int BATCH = 500;
    static final int MAX_RUNNING = 20;
    static final int SHOWN = 20;
    static final String MANAGER = "bulk";
    private static final Duration KEPT = Duration.ofDays(90);
    private static final int FORGOTTEN_AT_ONCE = 1_000;
    private static final String KIND = "asset-change";

    private final BulkChangeStore store;
    private final AssetBatchStore batches;
    private final AssetStore assets;
    private final AssetDirectory directory;
    private final Visibility visibility;
    private final List<AssetListener> listeners;
    private final GroupSweep sweep;
    private final ApiTokens tokens;
    private final AuditLog audit;
    private final EventLog events;
    private final Leases leases;
    private final Ids ids;
    private final Clock clock;
    private final TransactionTemplate transaction;

    BulkChanges(
            BulkChangeStore store,
            AssetBatchStore batches,
            AssetStore assets,
            AssetDirectory directory,
            Visibility visibility,
            List<AssetListener> listeners,
            GroupSweep sweep,
            ApiTokens tokens,
            AuditLog audit,
            EventLog events,
            Leases leases,
            Ids ids,
            Clock clock,
            PlatformTransactionManager transactions) {
        this.store = store;
        this.batches = batches;
        this.assets = assets;
        this.directory = directory;
        this.visibility = visibility;
        this.listeners = List.copyOf(listeners);
        this.sweep = sweep;
        this.tokens = tokens;
        this.audit = audit;
        this.events = events;
        this.leases = leases;
        this.ids = ids;
        this.clock = clock;
        this.transaction = new TransactionTemplate(transactions);
    }

    /** @param before the fields that would change, {@code ""} where there is none; {@code after} the same fields then */
    record Difference(String asset, Map<String, String> before, Map<String, String> after) {}

    /** What a change would do if it were made now. */
    record Preview(Instant at, int selected, Tally tally, List<Difference> sample) {}

    Preview preview(Actor actor, Selection selection, AssetEdit edit) {
        check(selection, edit);
        Instant now = now();
        AssetFilter scope = visibility.filter(actor.scope(), null);
        BulkTally tally = new BulkTally(Tally.NOTHING);
        List<Difference> sample = new ArrayList<>();
        Set<String> met = new HashSet<>();
        boolean named = selection.ids() != null;
        directory.forEach(filter(actor, selection), asset -> {
            Outcome outcome = edit.of(actor, scope, asset, now);
            tally.add(outcome);
            if (named) {
                met.add(asset.id().value());
            }
            if (outcome instanceof Outcome.Changed(Asset before, Asset after) && sample.size() < SHOWN) {
                sample.add(difference(before, after));
            }
        });
        absent(selection, "", "", met, tally::add);
        return new Preview(now, tally.tally().seen(), tally.tally(), sample);
    }

    private static Difference difference(Asset before, Asset after) {
        return new Difference(
                before.id().value(), AssetEdit.differing(before, after), AssetEdit.differing(after, before));
    }

    /** Begins it; {@link #step} does it. */
    BulkChange start(Actor actor, Selection selection, AssetEdit edit, @Nullable Integer atMost) {
        check(selection, edit);
        filter(actor, selection); // refuses a selector that is none
        BulkChange fresh = new BulkChange(
                ids.next(), actor, selection, edit, atMost, State.RUNNING, null, "", Tally.NOTHING, now(), null);
        return Objects.requireNonNull(transaction.execute(status -> {
            if (store.runningCount() >= MAX_RUNNING) {
                throw new Refusal(
                        ErrorCode.RATE_LIMITED,
                        MAX_RUNNING + " changes of many assets are under way, which is the most; wait for one to end");
            }
            store.insert(fresh);
            audit.record(actor, "asset.bulk_change", KIND, fresh.id(), null, wanted(fresh));
            return fresh;
        }));
    }

    private static Map<String, Object> wanted(BulkChange change) {
        Map<String, Object> wanted = new LinkedHashMap<>();
        wanted.put("selection", change.selection());
        wanted.put("edit", change.edit());
        return wanted;
    }

    BulkChange get(Actor actor, String id) {
        return store.find(id).filter(change -> isOf(actor, change)).orElseThrow(() -> notFound(id));
    }

    Page<BulkChange> list(Actor actor, PageRequest page) {
        return Page.of(
                store.page(actor.scope().isAll() ? null : actor.scope(), page.after(), page.fetch()),
                page,
                BulkChange::id);
    }

    /** What is changed stays changed; again is no error. */
    BulkChange stop(Actor actor, String id) {
        return Objects.requireNonNull(transaction.execute(status -> {
            BulkChange change =
                    store.lock(id).filter(found -> isOf(actor, found)).orElseThrow(() -> notFound(id));
            if (change.state() != State.RUNNING) {
                return change;
            }
            return end(change, State.STOPPED, "stopped by " + actor, actor);
        }));
    }

    private static boolean isOf(Actor actor, BulkChange change) {
        return actor.scope().isAll() || actor.scope().equals(change.actor().scope());
    }

    private static Refusal notFound(String id) {
        String shown = id.replaceAll("[^\\x20-\\x7e]", "?");
        return new Refusal(
                ErrorCode.NOT_FOUND,
                "change " + (shown.length() > 64 ? shown.substring(0, 64) + "…" : shown)
                        + " does not exist or was started in another scope");
    }

    List<String> running() {
        return store.running(MAX_RUNNING);
    }

    int forget() {
        return store.deleteEnded(now().minus(KEPT), FORGOTTEN_AT_ONCE);
    }

    /** Does one batch of a change. @return whether there is more of it */
    boolean step(Lease lease, String id) {
        boolean more = Boolean.TRUE.equals(transaction.execute(status -> {
            leases.requireHeld(lease);
            return store.lock(id)
                    .filter(change -> change.state() == State.RUNNING)
                    .map(this::batch)
                    .orElse(false);
        }));
        if (!more) {
            sweep.sweepSoon();
        }
        return more;
    }

    private boolean batch(BulkChange change) {
        Actor actor = change.actor();
        // Rights that were taken away change nothing any more: what goes on in somebody's name ends with them.
        Optional<String> ended = tokens.ended(actor, now());
        if (ended.isPresent()) {
            end(change, State.STOPPED, ended.get(), Actor.SYSTEM);
            return false;
        }
        AssetFilter filter;
        try {
            filter = filter(actor, change.selection());
        } catch (Refusal refused) { // a scope or selector that another version of the server took
            end(change, State.STOPPED, String.valueOf(refused.getMessage()), actor);
            return false;
        }
        listeners.forEach(AssetListener::beforeChange);
        List<Asset> seen = assets.page(filter.condition(), change.doneTo(), BATCH);
        boolean more = seen.size() == BATCH;
        String doneTo = more ? seen.getLast().id().value() : "";
        List<String> wanted = seen.stream().map(asset -> asset.id().value()).toList();
        Map<AssetId, Asset> locked = batches.lock(wanted);
        Map<String, Map<String, String>> managers = batches.managers(wanted);
        // A writer may have come before the lock: what is asked is asked again of what stands now.
        Set<AssetId> still = assets.among(locked.keySet(), filter.condition());
        AssetFilter scope = visibility.filter(actor.scope(), null);
        Instant now = now();
        BulkTally tally = new BulkTally(change.tally());
        Set<String> met = new HashSet<>();
        List<Written> writes = new ArrayList<>();
        Map<String, Object> before = new TreeMap<>();
        for (String each : wanted) {
            Asset asset = locked.get(new AssetId(each));
            if (asset == null || !still.contains(asset.id()) || !filter.keeps(asset)) {
                continue;
            }
            met.add(each);
            Outcome outcome = change.edit().of(actor, scope, asset, now);
            tally.add(outcome);
            if (outcome instanceof Outcome.Changed(Asset was, Asset after)) {
                writes.add(new Written(
                        after, FieldManagers.afterWrite(was, after, managers.getOrDefault(each, Map.of()), MANAGER)));
                before.put(each, AssetEdit.differing(was, after));
            }
        }
        absent(change.selection(), change.doneTo(), doneTo, met, tally::add);
        Integer atMost = change.atMost();
        if (atMost != null && tally.tally().changed() > atMost) {
            end(
                    change,
                    State.STOPPED,
                    "more than the " + atMost + " assets that were shown before would be changed; look at them again",
                    actor);
            return false;
        }
        batches.update(writes, now);
        if (!writes.isEmpty()) {
            listeners.forEach(AssetListener::changedMany);
            audit.record(actor, "asset.bulk_change_batch", KIND, change.id(), before, change.edit());
        }
        BulkChange next = new BulkChange(
                change.id(),
                actor,
                change.selection(),
                change.edit(),
                atMost,
                State.RUNNING,
                null,
                more ? doneTo : change.doneTo(),
                tally.tally(),
                change.createdAt(),
                null);
        if (more) {
            store.progress(next);
        } else {
            end(next, State.DONE, null, actor);
        }
        return more;
    }

    private BulkChange end(BulkChange change, State state, @Nullable String why, Actor by) {
        BulkChange ended = new BulkChange(
                change.id(),
                change.actor(),
                change.selection(),
                change.edit(),
                change.atMost(),
                state,
                why,
                change.doneTo(),
                change.tally(),
                change.createdAt(),
                now());
        store.progress(ended);
        Map<String, Object> what = new LinkedHashMap<>();
        what.put("state", state.wire());
        what.put("stopped", why == null ? "" : why);
        what.put("changed", ended.tally().changed());
        what.put("unchanged", ended.tally().unchanged());
        what.put("leftOut", ended.tally().leftOut());
        audit.record(by, "asset.bulk_change_end", KIND, change.id(), null, what);
        events.append("assets.changed", KIND + "/" + change.id(), what);
        return ended;
    }

    private AssetFilter filter(Actor actor, Selection selection) {
        AssetFilter filter = directory.filter(actor, selection.selector(), selection.q());
        List<String> named = selection.ids();
        return named == null
                ? filter
                : filter.and(SqlCondition.of("id = any(?)", (Object) named.toArray(String[]::new)));
    }

    /** Those that were named between two ids, and that are not there. @param to {@code ""} for the end */
    private static void absent(Selection selection, String after, String to, Set<String> met, Consumer<Outcome> each) {
        List<String> named = selection.ids();
        if (named == null) {
            return;
        }
        named.stream()
                .filter(id -> id.compareTo(after) > 0 && (to.isEmpty() || id.compareTo(to) <= 0) && !met.contains(id))
                .forEach(id -> each.accept(new Outcome.LeftOut(
                        Reason.ABSENT, id, "does not exist, is outside of your scope, or is not selected any more")));
    }

    private static void check(Selection selection, AssetEdit edit) {
        List<String> named = selection.ids();
        String selector = selection.selector();
        boolean chosen = selector != null && !selector.isBlank()
                || selection.q() != null && !selection.q().isBlank();
        List<Problem> problems = new ArrayList<>(edit.problems());
        if (edit.isEmpty()) {
            problems.add(new Problem("labels", "nothing is changed; set labels, owner, region, site or lifecycle"));
        }
        if (named != null && (named.isEmpty() || named.size() > Selection.MAX_IDS)) {
            problems.add(new Problem(
                    "ids",
                    "has " + named.size() + " assets; allowed is 1 to " + Selection.MAX_IDS + ", or a selector"));
        }
        if (named != null && !named.stream().allMatch(AssetId::isValid)) {
            problems.add(new Problem("ids", "holds one that is no id: it must match " + AssetId.PATTERN));
        }
        if (named == null && !chosen) {
            problems.add(new Problem(
                    "selector",
                    "is missing; name the assets by ids, or choose them by selector or q; all of them are true"));
        }
        if (!problems.isEmpty()) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "the change is not valid: " + problems.getFirst(),
                    problems.stream()
                            .map(problem -> new FieldProblem(problem.path(), problem.message()))
                            .toList());
        }
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}

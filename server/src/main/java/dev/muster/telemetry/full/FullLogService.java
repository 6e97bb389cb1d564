package dev.muster.telemetry.full;

import dev.muster.audit.AuditLog;
import dev.muster.identity.Actor;
import dev.muster.identity.ScopeFilter;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.event.EventLog;
import dev.muster.protocol.AssetId;
import dev.muster.registry.asset.AssetDirectory;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** Opens, lists and closes windows of full logs, within the actor's scope. */
@Component
class FullLogService {
    static final Duration LONGEST = Duration.ofDays(30);
    static final int MAX_ASSETS = 10_000;
    private static final int MAX_REASON = 200;

    private final FullLogStore store;
    private final OpenWindows open;
    private final AssetDirectory assets;
    private final ScopeFilter scopes;
    private final AuditLog audit;
    private final EventLog events;
    private final Clock clock;

    FullLogService(
            FullLogStore store,
            OpenWindows open,
            AssetDirectory assets,
            ScopeFilter scopes,
            AuditLog audit,
            EventLog events,
            Clock clock) {
        this.store = store;
        this.open = open;
        this.assets = assets;
        this.scopes = scopes;
        this.audit = audit;
        this.events = events;
        this.clock = clock;
    }

    /** @param assets how many */
    record Opened(int assets, Instant until) {}

    @Transactional
    public Opened open(Actor actor, String selector, Duration length, String reason) {
        if (length.compareTo(Duration.ofMinutes(1)) < 0 || length.compareTo(LONGEST) > 0) {
            throw new Refusal(ErrorCode.INVALID, "length must be from 1m to " + LONGEST.toDays() + "d");
        }
        if (reason.isBlank() || reason.length() > MAX_REASON) {
            throw new Refusal(ErrorCode.INVALID, "reason must have from 1 to " + MAX_REASON + " characters");
        }
        List<AssetId> selected = assets.ids(actor, selector, MAX_ASSETS);
        if (selected.isEmpty()) {
            throw new Refusal(ErrorCode.NOT_FOUND, "the selector selects no asset that you see");
        }
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        store.deleteEnded(now);
        Set<AssetId> together = new HashSet<>(selected);
        store.open(now).forEach(window -> together.add(window.asset()));
        if (together.size() > MAX_ASSETS) {
            throw new Refusal(
                    ErrorCode.CONFLICT,
                    "full logs would be kept of " + together.size() + " assets, at most " + MAX_ASSETS
                            + " are allowed; end some of them, or wait for their end");
        }
        Instant until = now.plus(length);
        for (AssetId asset : selected) {
            FullLogs window = new FullLogs(asset, until, reason, now, actor.id());
            store.put(window);
            Map<String, String> shown = Map.of("until", until.toString(), "reason", reason);
            audit.record(actor, "full-logs.open", "asset", asset.value(), null, shown);
            events.append("full-logs.opened", "asset/" + asset, shown);
        }
        refreshAfterCommit();
        return new Opened(selected.size(), until);
    }

    @Transactional(readOnly = true)
    public List<FullLogs> list(Actor actor) {
        List<FullLogs> all = store.open(clock.instant());
        if (actor.scope().isAll()) {
            return all;
        }
        Set<AssetId> visible =
                scopes.visible(actor.scope(), all.stream().map(FullLogs::asset).collect(Collectors.toSet()));
        return all.stream().filter(window -> visible.contains(window.asset())).toList();
    }

    /** Again is no error. */
    @Transactional
    public void close(Actor actor, String id) {
        AssetId asset = assets.requireVisible(actor, id).id();
        if (store.delete(asset)) {
            audit.record(actor, "full-logs.close", "asset", asset.value(), Map.of("open", true), Map.of("open", false));
            events.append("full-logs.closed", "asset/" + asset, Map.of("by", actor.id()));
            refreshAfterCommit();
        }
    }

    private void refreshAfterCommit() {
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                open.refresh();
            }
        });
    }
}

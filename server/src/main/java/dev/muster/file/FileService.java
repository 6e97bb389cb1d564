package dev.muster.file;

import dev.muster.audit.AuditLog;
import dev.muster.identity.Actor;
import dev.muster.identity.Scope;
import dev.muster.identity.ScopeFilter;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.event.EventLog;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import dev.muster.protocol.AssetId;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** What people do with the files of assets; always within their scope. */
@Component
class FileService {
    static final int MAX_REASON = 200;
    static final Duration LONGEST = Duration.ofDays(3650);
    /** Files looked at for one page that a scope or a selector narrows; such a page may be short and still have a next one. */
    static final int MAX_LOOKED_AT = 5_000;

    private final FileStore store;
    private final FileContents contents;
    private final FileKeeper keeper;
    private final ScopeFilter scopes;
    private final AuditLog audit;
    private final EventLog events;
    private final Clock clock;
    private final TransactionTemplate transaction;

    FileService(
            FileStore store,
            FileContents contents,
            FileKeeper keeper,
            ScopeFilter scopes,
            AuditLog audit,
            EventLog events,
            Clock clock,
            PlatformTransactionManager transactions) {
        this.store = store;
        this.contents = contents;
        this.keeper = keeper;
        this.scopes = scopes;
        this.audit = audit;
        this.events = events;
        this.clock = clock;
        this.transaction = new TransactionTemplate(transactions);
    }

    /** Newest first. @param selector null for no selector */
    Page<AssetFile> list(
            Actor actor,
            @Nullable AssetId asset,
            @Nullable String selector,
            @Nullable String kind,
            PageRequest request) {
        if (actor.scope().isAll() && selector == null) {
            return Page.of(store.page(asset, kind, request.after(), request.fetch()), request, AssetFile::id);
        }
        List<AssetFile> found = new ArrayList<>();
        String last = request.after();
        for (int lookedAt = 0; lookedAt < MAX_LOOKED_AT; lookedAt += PageRequest.MAX_LIMIT) {
            List<AssetFile> batch = store.page(asset, kind, last, PageRequest.MAX_LIMIT);
            Set<AssetId> selected = selected(
                    actor, selector, batch.stream().map(AssetFile::asset).collect(Collectors.toSet()));
            for (AssetFile file : batch) {
                if (found.size() == request.limit()) {
                    return Page.upTo(found, Objects.requireNonNull(last));
                }
                if (selected.contains(file.asset())) {
                    found.add(file);
                }
                last = file.id();
            }
            if (batch.size() < PageRequest.MAX_LIMIT) {
                return new Page<>(found, null);
            }
        }
        return Page.upTo(found, Objects.requireNonNull(last));
    }

    private Set<AssetId> selected(Actor actor, @Nullable String selector, Set<AssetId> assets) {
        Set<AssetId> selected = new HashSet<>(assets);
        if (!actor.scope().isAll()) {
            selected.retainAll(scopes.visible(actor.scope(), selected));
        }
        if (selector != null) {
            selected.retainAll(scopes.visible(new Scope(selector), selected));
        }
        return selected;
    }

    AssetFile get(Actor actor, String id) {
        return store.find(id).filter(file -> isVisible(actor, file)).orElseThrow(() -> notFound(id));
    }

    private boolean isVisible(Actor actor, AssetFile file) {
        return actor.scope().isAll()
                || !scopes.visible(actor.scope(), Set.of(file.asset())).isEmpty();
    }

    /** Its bytes. That somebody reads them is in the audit trail before they do. */
    record Opened(AssetFile file, Path content) {}

    Opened open(Actor actor, String id) {
        AssetFile file = get(actor, id);
        Path content = contents.store()
                .find(file.sha256())
                .orElseThrow(() -> new Refusal(
                        ErrorCode.NOT_FOUND,
                        "the bytes of file " + id + " are not there; a backup that was made while it went does not hold"
                                + " them"));
        transaction.executeWithoutResult(status -> note(actor, "file.read", file, null, null));
        return new Opened(file, content);
    }

    void delete(Actor actor, String id) {
        AssetFile gone = Objects.requireNonNull(transaction.execute(status -> {
            AssetFile file = locked(actor, id);
            AssetFile.Hold hold = file.hold();
            if (hold != null) {
                throw new Refusal(
                        ErrorCode.CONFLICT,
                        "file " + id + " cannot be deleted: " + hold.by() + " holds it since " + hold.since() + ": "
                                + hold.reason() + "; end the hold first");
            }
            store.delete(id);
            note(actor, "file.delete", file, Map.of("kind", file.kind(), "size", file.size()), null);
            events.append("file.deleted", "asset/" + file.asset(), Map.of("file", id, "kind", file.kind()));
            return file;
        }));
        keeper.release(Set.of(gone.sha256()));
    }

    /**
     * What changes.
     *
     * @param until null leaves it
     * @param hold the reason to hold it, empty for no longer; null leaves it
     */
    record Change(@Nullable Instant until, @Nullable String hold) {}

    AssetFile change(Actor actor, String id, Change change) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        requireAllowed(change, now);
        AssetFile changed = Objects.requireNonNull(transaction.execute(status -> {
            AssetFile before = locked(actor, id);
            AssetFile after = changed(before, change, actor, now);
            store.update(after);
            note(actor, "file.keep", before, Kept.of(before), Kept.of(after));
            return after;
        }));
        keeper.wake(); // a hold that ended may have been all that kept it
        return changed;
    }

    private static void requireAllowed(Change change, Instant now) {
        Instant until = change.until();
        if (until != null && (!until.isAfter(now) || until.isAfter(now.plus(LONGEST)))) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "until is " + until + ", it must lie in the future and at most " + LONGEST.toDays() + " days away");
        }
        String reason = change.hold();
        if (reason != null && (reason.length() > MAX_REASON || reason.chars().anyMatch(Character::isISOControl))) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "the reason of a hold has at most " + MAX_REASON + " characters, none of them a control character");
        }
        if (until == null && reason == null) {
            throw new Refusal(ErrorCode.INVALID, "nothing is to change: give until, hold, or both");
        }
    }

    private static AssetFile changed(AssetFile file, Change change, Actor actor, Instant now) {
        String reason = change.hold();
        AssetFile.Hold hold =
                reason == null ? file.hold() : reason.isBlank() ? null : new AssetFile.Hold(now, actor.id(), reason);
        Instant until = change.until();
        return new AssetFile(
                file.id(),
                file.asset(),
                file.name(),
                file.kind(),
                file.mediaType(),
                file.size(),
                file.sha256(),
                file.takenAt(),
                file.receivedAt(),
                file.labels(),
                until == null ? file.until() : until.truncatedTo(ChronoUnit.MILLIS),
                hold);
    }

    /** As the audit trail shows it. */
    private record Kept(
            String file, Instant until, @Nullable String hold) {
        static Kept of(AssetFile file) {
            AssetFile.Hold hold = file.hold();
            return new Kept(file.id(), file.until(), hold == null ? null : hold.reason());
        }
    }

    private AssetFile locked(Actor actor, String id) {
        return store.lock(id).filter(file -> isVisible(actor, file)).orElseThrow(() -> notFound(id));
    }

    /** About the asset, so that the entry is in the scope that the asset is in. */
    private void note(Actor actor, String action, AssetFile file, @Nullable Object before, @Nullable Object after) {
        audit.record(
                actor,
                action,
                "asset",
                file.asset().value(),
                before,
                after == null && before == null ? Map.of("file", file.id()) : after);
    }

    private static Refusal notFound(String id) {
        String shown = id.replaceAll("[^\\x20-\\x7e]", "?");
        return new Refusal(
                ErrorCode.NOT_FOUND,
                "there is no file " + (shown.length() <= 64 ? shown : shown.substring(0, 64) + "…")
                        + "; GET /api/v1/files lists those that there are");
    }
}

package dev.muster.registry.view;

import dev.muster.audit.AuditLog;
import dev.muster.identity.Actor;
import dev.muster.identity.Role;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.id.Ids;
import dev.muster.registry.asset.AssetOrder;
import dev.muster.registry.selector.Selectors;
import dev.muster.registry.view.SavedView.Look;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Keeps views: everybody their own, operators also for all. A view shows no asset to somebody who may not see it. */
@Component
class SavedViews {
    static final int MAX_OF_ONE = 100;
    static final int MAX_SHOWN = 500;
    private static final int MAX_NAME = 80;
    private static final int MAX_ENTRIES = 100;
    private static final int MAX_ENTRY = 600;
    private static final int MAX_TEXT = 200;

    private final SavedViewStore store;
    private final Selectors selectors;
    private final AuditLog audit;
    private final Ids ids;
    private final Clock clock;
    private final TransactionTemplate transaction;

    SavedViews(
            SavedViewStore store,
            Selectors selectors,
            AuditLog audit,
            Ids ids,
            Clock clock,
            PlatformTransactionManager transactions) {
        this.store = store;
        this.selectors = selectors;
        this.audit = audit;
        this.ids = ids;
        this.clock = clock;
        this.transaction = new TransactionTemplate(transactions);
    }

    List<SavedView> list(Actor actor) {
        return store.visible(actor, MAX_SHOWN);
    }

    SavedView put(Actor actor, String name, boolean shared, Look look) {
        check(name, look);
        return Objects.requireNonNull(transaction.execute(status -> {
            Optional<SavedView> before = store.named(actor, name);
            if (shared || before.map(SavedView::shared).orElse(false)) {
                requireOperator(actor);
            }
            if (before.isEmpty() && store.countOf(actor) >= MAX_OF_ONE) {
                throw new Refusal(
                        ErrorCode.REFUSED,
                        actor + " keeps " + MAX_OF_ONE + " views, which is the most; delete one that is not used");
            }
            SavedView kept = store.put(
                    actor,
                    new SavedView(
                            ids.next(),
                            actor.id(),
                            name,
                            shared,
                            look,
                            clock.instant().truncatedTo(ChronoUnit.MILLIS)));
            audit.record(actor, "asset_view.put", "asset-view", kept.id(), before.orElse(null), kept);
            return kept;
        }));
    }

    /** Their own; an administrator also a shared one of somebody else. */
    void delete(Actor actor, String id) {
        transaction.executeWithoutResult(status -> {
            SavedView view = store.find(id)
                    .filter(found -> found.shared() || isOf(actor, found))
                    .orElseThrow(() -> new Refusal(
                            ErrorCode.NOT_FOUND, "this view does not exist or is somebody else's; list them again"));
            if (!isOf(actor, view) && actor.role() != Role.ADMIN) {
                throw new Refusal(
                        ErrorCode.FORBIDDEN,
                        "view \"" + view.name() + "\" is kept by " + view.owner()
                                + "; only they or an administrator may delete it");
            }
            store.delete(id);
            audit.record(actor, "asset_view.delete", "asset-view", id, view, null);
        });
    }

    private boolean isOf(Actor actor, SavedView view) {
        return store.named(actor, view.name())
                .filter(own -> own.id().equals(view.id()))
                .isPresent();
    }

    private static void requireOperator(Actor actor) {
        if (!actor.role().includes(Role.OPERATOR)) {
            throw new Refusal(
                    ErrorCode.FORBIDDEN,
                    "a view for everybody needs the role operator; " + actor.id() + " is "
                            + actor.role().wire() + " and may keep it for itself");
        }
    }

    private void check(String name, Look look) {
        if (name.isBlank() || name.length() > MAX_NAME || name.chars().anyMatch(Character::isISOControl)) {
            throw invalid("name has 1 to " + MAX_NAME + " characters and no control characters");
        }
        if (look.selector() != null && !look.selector().isBlank()) {
            selectors.problem(look.selector()).ifPresent(problem -> {
                throw invalid(problem);
            });
        }
        if (look.q() != null && look.q().length() > MAX_TEXT) {
            throw invalid("q has " + look.q().length() + " characters; allowed are " + MAX_TEXT);
        }
        for (List<String> list : List.of(look.facets(), look.columns())) {
            if (list.size() > MAX_ENTRIES || list.stream().anyMatch(each -> each.length() > MAX_ENTRY)) {
                throw invalid(
                        "facets and columns have at most " + MAX_ENTRIES + " entries of " + MAX_ENTRY + " characters");
            }
        }
        if (look.sort() != null) {
            AssetOrder.ofWire(look.sort());
        }
    }

    private static Refusal invalid(String why) {
        return new Refusal(ErrorCode.INVALID, "the view is not valid: " + why);
    }
}

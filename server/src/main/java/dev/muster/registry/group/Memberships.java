package dev.muster.registry.group;

import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.asset.AssetListener;
import dev.muster.registry.asset.AssetStore;
import dev.muster.registry.selector.Selector;
import dev.muster.registry.selector.Selector.Prefilter;
import dev.muster.registry.selector.Selector.Verdict;
import dev.muster.registry.selector.Selectors;
import dev.muster.registry.selector.SqlCondition;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Keeps memberships true: at once for a change of one asset or group, soon after for imports, time and presence.
 *
 * <p>Who changes assets holds a shared lock until its commit; who works out a whole group holds it alone. So the whole is
 * never worked out from a state in which a change is still on its way.
 */
@Component
class Memberships implements AssetListener {
    static final int MAX_GROUPS = 1_000;
    private static final int CHUNK = 1_000;

    private final GroupStore groups;
    private final AssetStore assets;
    private final Selectors selectors;
    private final Clock clock;
    private final TransactionTemplate transaction;

    Memberships(
            GroupStore groups,
            AssetStore assets,
            Selectors selectors,
            Clock clock,
            PlatformTransactionManager transactions) {
        this.groups = groups;
        this.assets = assets;
        this.selectors = selectors;
        this.clock = clock;
        this.transaction = new TransactionTemplate(transactions);
    }

    @Override
    public void beforeChange() {
        groups.lockShared();
    }

    @Override
    public void changed(List<Asset> changed) {
        forgetCounted();
        List<Group> all = groups.page(null, MAX_GROUPS);
        Instant now = now();
        for (Asset asset : changed) {
            Set<String> before = new HashSet<>(groups.groupsOf(asset.id().value()));
            for (Group group : all) {
                if (selectors.compile(group.selector()).matches(asset, now) && !before.remove(group.name())) {
                    groups.join(group.name(), asset.id().value(), now);
                }
            }
            if (!before.isEmpty()) {
                groups.leave(before, asset.id().value(), now);
            }
        }
    }

    @Override
    public void changedMany() {
        forgetCounted();
        groups.wantRefreshOfAll();
    }

    @Override
    public void deleted(AssetId asset) {
        forgetCounted();
        List<String> left = groups.groupsOf(asset.value());
        if (!left.isEmpty()) {
            groups.leave(left, asset.value(), now());
        }
    }

    /** Works out the whole membership of a group; one that is gone is passed over. */
    void refresh(String name) {
        transaction.executeWithoutResult(status -> {
            groups.lockExclusively();
            groups.find(name).ifPresent(this::refresh);
        });
    }

    private void refresh(Group group) {
        Selector selector = selectors.compile(group.selector());
        Instant now = now();
        Prefilter prefilter = selector.prefilter(now);
        if (prefilter.exact()) {
            int members = groups.setMembers(group.name(), prefilter.condition(), now);
            int undecided = selector.undecided(now).map(this::countOnce).orElse(0);
            groups.refreshed(group.name(), now, members, undecided);
            return;
        }
        List<String> selected = new ArrayList<>();
        int undecided = 0;
        List<Asset> read;
        String last = null;
        do {
            read = assets.page(prefilter.condition(), last, CHUNK);
            for (Asset asset : read) {
                last = asset.id().value();
                Verdict verdict = selector.evaluate(asset, now);
                if (verdict == Verdict.SELECTED) {
                    selected.add(last);
                } else if (verdict == Verdict.UNDECIDED) {
                    undecided++;
                }
            }
        } while (read.size() == CHUNK);
        SqlCondition members =
                SqlCondition.of("id in (select unnest(?::text[]))", (Object) selected.toArray(String[]::new));
        groups.refreshed(group.name(), now, groups.setMembers(group.name(), members, now), undecided);
    }

    /**
     * Many groups of one file ask for the same, such as a label to be there. The lock is held alone, so the answer stays until this
     * transaction changes an asset itself.
     */
    private int countOnce(SqlCondition condition) {
        return condition.equals(SqlCondition.FALSE)
                ? 0
                : counted().computeIfAbsent(condition, each -> Math.toIntExact(assets.count(each)));
    }

    /** What was counted in this transaction. */
    @SuppressWarnings("unchecked") // bound by this class only
    private Map<SqlCondition, Integer> counted() {
        Object known = TransactionSynchronizationManager.getResource(this);
        if (known != null) {
            return (Map<SqlCondition, Integer>) known;
        }
        Map<SqlCondition, Integer> fresh = new HashMap<>();
        TransactionSynchronizationManager.bindResource(this, fresh);
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCompletion(int status) {
                TransactionSynchronizationManager.unbindResourceIfPossible(Memberships.this);
            }
        });
        return fresh;
    }

    private void forgetCounted() {
        if (TransactionSynchronizationManager.getResource(this) != null) {
            counted().clear();
        }
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}

package dev.muster.twin.desired;

import java.util.Collection;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Says whose desired document has to be worked out again. A mark stands in the transaction of the change that it is about, so
 * that neither is without the other; marking never waits for the worker.
 */
@Component
public class Marks {
    private final JdbcTemplate template;
    private volatile @Nullable Runnable worker;

    public Marks(JdbcTemplate template) {
        this.template = template;
    }

    /** @param worker told after each commit of this process that marked; must not block */
    void attach(Runnable worker) {
        this.worker = worker;
    }

    public void assets(Collection<String> assets, String reason) {
        insert(assets, reason, false);
    }

    /** A new generation for each, even when its content stays. */
    public void reapply(Collection<String> assets, String reason) {
        insert(assets, reason, true);
    }

    /** All members of a group, as they are when the worker comes to it. */
    public void group(String group, String reason) {
        wide("group", group, reason);
    }

    void type(String type, String reason) {
        wide("type", type, reason);
    }

    /** All assets that changed since their document was worked out. */
    void changed(String reason) {
        wide("changed", "", reason);
    }

    /** Members of a group right now, if any configuration is for the group. */
    void membersOfTargeted(String group, String reason) {
        template.update("""
                insert into twin_mark (kind, name, reason)
                select 'asset', asset_id, ? from group_membership
                where group_name = ? and left_at is null and exists (select from configuration where target_group = ?)
                """, reason, group, group);
        wake();
    }

    /** Those assets, if any configuration is for the group. */
    void ofTargeted(String group, Collection<String> assets, String reason) {
        template.update("""
                insert into twin_mark (kind, name, reason)
                select 'asset', id, ? from unnest(?::text[]) as given (id)
                where exists (select from configuration where target_group = ?)
                """, reason, assets.toArray(String[]::new), group);
        wake();
    }

    private void insert(Collection<String> assets, String reason, boolean reapply) {
        if (assets.isEmpty()) {
            return;
        }
        template.update(
                "insert into twin_mark (kind, name, reason, reapply) select 'asset', id, ?, ? from unnest(?::text[]) as given (id)",
                reason,
                reapply,
                assets.toArray(String[]::new));
        wake();
    }

    private void wide(String kind, String name, String reason) {
        template.update("insert into twin_mark (kind, name, reason) values (?, ?, ?)", kind, name, reason);
        wake();
    }

    private void wake() {
        Runnable told = worker;
        if (told == null) {
            return;
        }
        if (!TransactionSynchronizationManager.isSynchronizationActive()) {
            told.run();
            return;
        }
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                told.run();
            }
        });
    }
}

package dev.muster.twin.desired;

import dev.muster.platform.config.Setting;
import dev.muster.platform.config.Settings;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** Who the reconciliation has to look at, and when. */
@Component
public class ReconcileQueue {
    public static final Setting<Duration> RESEND_AFTER = Setting.duration(
            "twin-resend-after",
            "1m",
            Duration.ofSeconds(1),
            Duration.ofDays(1),
            "How long an asset has to apply a new desired state before it is told of it again.");

    public static final List<Setting<?>> SETTINGS = List.of(RESEND_AFTER);

    private final JdbcTemplate template;
    private final Duration resendAfter;

    ReconcileQueue(JdbcTemplate template, Settings settings) {
        this.template = template;
        this.resendAfter = settings.get(RESEND_AFTER);
    }

    public Duration resendAfter() {
        return resendAfter;
    }

    /** How long an asset must have been in sync before its earlier attempts are forgotten. */
    private static final String QUIET = "1 hour";

    /** The newest reports of these assets were heard; each is in one list. Those that stalled stay so until they are in sync. */
    public void observed(
            Collection<String> inSync,
            Collection<String> pending,
            Collection<String> drifted,
            Collection<String> rejected,
            Instant now) {
        OffsetDateTime at = now.atOffset(ZoneOffset.UTC);
        List<String> all = Stream.of(inSync, pending, drifted, rejected)
                .flatMap(Collection::stream)
                .toList();
        if (all.isEmpty()) {
            return;
        }
        // In one order always, so that two writers cannot lock each other out.
        Set<String> waiting = new HashSet<>();
        template.query(
                """
                select asset, synced is null and (stalled is null) = (due is not null)
                from twin_reconcile where asset = any(?) order by asset for no key update""",
                row -> {
                    if (row.getBoolean(2)) {
                        waiting.add(row.getString(1));
                    }
                },
                (Object) array(all));
        // Most tell once more that they are not done yet; their rows say so already.
        List<String> newlyPending =
                pending.stream().filter(asset -> !waiting.contains(asset)).toList();
        if (!inSync.isEmpty()) {
            template.update("""
                    update twin_reconcile set due = null, stalled = null, last_action = null, synced = ?
                    where asset = any(?) and (due is not null or stalled is not null or synced is null)""", at, array(inSync));
        }
        if (!rejected.isEmpty()) {
            template.update("update twin_reconcile set due = null, synced = null where asset = any(?)", (Object)
                    array(rejected));
        }
        if (!newlyPending.isEmpty()) {
            template.update("""
                    insert into twin_reconcile as known (asset, due, episode)
                    select id, ?, ? from unnest(?::text[]) as given (id) order by id
                    on conflict (asset) do update
                    set due = case when known.stalled is null then coalesce(known.due, excluded.due) end, synced = null
                    where known.synced is not null or (known.stalled is null) <> (known.due is not null)""", now.plus(resendAfter).atOffset(ZoneOffset.UTC), at, array(newlyPending));
        }
        if (!drifted.isEmpty()) {
            template.update("""
                    insert into twin_reconcile as known (asset, due, episode)
                    select id, ?, ? from unnest(?::text[]) as given (id) order by id
                    on conflict (asset) do update
                    set due = case when known.stalled is null then excluded.due end,
                        attempts = case when known.synced < excluded.due - interval '%s' then 0 else known.attempts end,
                        episode = case when known.synced < excluded.due - interval '%s' then excluded.due else known.episode end,
                        synced = null""".formatted(QUIET, QUIET), at, at, array(drifted));
        }
    }

    /** Those that nothing could be done for while they were away are looked at again. */
    public void sessionsOpened(Collection<String> assets, Instant now) {
        if (!assets.isEmpty()) {
            template.update(
                    "update twin_reconcile set due = ? where asset = any(?) and due is null and stalled is null and last_action = 'parked'",
                    now.plus(resendAfter).atOffset(ZoneOffset.UTC),
                    array(assets));
        }
    }

    private static String[] array(Collection<String> assets) {
        return assets.stream().sorted().toArray(String[]::new);
    }

    /** A new generation waits to be applied. @param fresh attempts are counted from here */
    void watch(Collection<String> assets, boolean fresh, Instant now) {
        if (assets.isEmpty()) {
            return;
        }
        template.update(
                """
                insert into twin_reconcile as known (asset, due, episode)
                select id, ?, ? from unnest(?::text[]) as given (id) order by id
                on conflict (asset) do update set due = excluded.due, stalled = null, synced = null,
                    attempts = case when ? then 0 else known.attempts end,
                    last_action = case when ? then null else known.last_action end,
                    episode = case when ? then excluded.episode else known.episode end""",
                now.plus(resendAfter).atOffset(ZoneOffset.UTC),
                now.atOffset(ZoneOffset.UTC),
                array(assets),
                fresh,
                fresh,
                fresh);
    }
}

package dev.muster.twin.presence;

import dev.muster.protocol.AssetId;
import dev.muster.registry.Presence;
import dev.muster.registry.asset.AssetStore;
import dev.muster.registry.asset.PresenceUpdate;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Presence in PostgreSQL: tables {@code asset_presence} and {@code presence_transition}, {@code presence_heard} for what came
 * later, and the registry's copy for selectors.
 */
public final class PresenceStore {
    /** How long transitions are kept. */
    static final Duration HISTORY = Duration.ofDays(90);

    static final int CHUNK = 5_000;
    private static final int LOADED_AT_ONCE = 20_000;
    private static final int MAX_FORGOTTEN_AT_ONCE = 100_000;

    private final JdbcClient jdbc;
    private final TransactionTemplate transactions;
    private final AssetStore registry;

    public PresenceStore(JdbcClient jdbc, TransactionTemplate transactions, AssetStore registry) {
        this.jdbc = jdbc;
        this.transactions = transactions;
        this.registry = registry;
    }

    /** Read in pieces: the driver holds what a query answers. */
    Map<AssetId, PresenceState> load() {
        Map<AssetId, PresenceState> states = new HashMap<>();
        Map<String, String> reasons = new HashMap<>();
        String[] last = {""};
        int before;
        do {
            before = states.size();
            jdbc.sql("""
                            select asset, presence, since, reason, last_seen, session, reconnect_until from asset_presence
                            where asset > :last order by asset limit :most""").param("last", last[0]).param("most", LOADED_AT_ONCE).query((ResultSet row) -> {
                last[0] = row.getString("asset");
                states.put(
                        new AssetId(last[0]).shared(),
                        new PresenceState(
                                presence(row, "presence"),
                                instant(row, "since"),
                                reasons.computeIfAbsent(row.getString("reason"), reason -> reason),
                                instant(row, "last_seen"),
                                row.getString("session"),
                                instantOrNull(row, "reconnect_until")));
            });
        } while (states.size() - before == LOADED_AT_ONCE);
        jdbc.sql("select heard from presence_heard").query((ResultSet row) -> {
            Heard.unpack(
                    row.getBytes("heard"), (asset, at) -> states.computeIfPresent(asset, (_, state) -> state.seen(at)));
        });
        return states;
    }

    /** Entries of the journal below it are in the transitions; 0 when nothing is known of that. */
    long nextOffset() {
        return jdbc.sql("select next_offset from presence_progress")
                .query(Long.class)
                .optional()
                .orElse(0L);
    }

    /** All or nothing; transitions that are there already stay as they are. @param next see {@link #nextOffset} */
    void save(List<PresenceTransition> transitions, Map<AssetId, PresenceState> states, long next) {
        transactions.executeWithoutResult(_ -> {
            write(transitions, states);
            place(next);
        });
    }

    /**
     * The same with the last signs of life.
     *
     * @param followed assets of whose last sign of life the registry is told
     */
    void checkpoint(
            List<PresenceTransition> transitions,
            Map<AssetId, PresenceState> states,
            long next,
            Heard heard,
            Map<AssetId, PresenceState> followed) {
        transactions.executeWithoutResult(_ -> {
            write(transitions, states);
            List<Map.Entry<AssetId, PresenceState>> entries = sorted(followed);
            for (int i = 0; i < entries.size(); i += CHUNK) {
                tellRegistry(entries.subList(i, Math.min(i + CHUNK, entries.size())));
            }
            write(heard);
            place(next);
        });
    }

    private void write(List<PresenceTransition> transitions, Map<AssetId, PresenceState> states) {
        for (int i = 0; i < transitions.size(); i += CHUNK) {
            insert(transitions.subList(i, Math.min(i + CHUNK, transitions.size())));
        }
        List<Map.Entry<AssetId, PresenceState>> entries = sorted(states);
        for (int i = 0; i < entries.size(); i += CHUNK) {
            List<Map.Entry<AssetId, PresenceState>> chunk = entries.subList(i, Math.min(i + CHUNK, entries.size()));
            upsert(chunk);
            tellRegistry(chunk);
        }
    }

    /** In one order always, so that two writers cannot lock each other out. */
    private static List<Map.Entry<AssetId, PresenceState>> sorted(Map<AssetId, PresenceState> states) {
        List<Map.Entry<AssetId, PresenceState>> entries = new ArrayList<>(states.entrySet());
        entries.sort(Map.Entry.comparingByKey());
        return entries;
    }

    private void write(Heard heard) {
        List<Integer> buckets = new ArrayList<>();
        List<byte[]> packed = new ArrayList<>();
        heard.forEach((bucket, bytes) -> {
            buckets.add(bucket);
            packed.add(bytes);
        });
        if (!buckets.isEmpty()) {
            jdbc.sql("""
                            insert into presence_heard (bucket, heard) select * from unnest(:buckets::smallint[], :heard::bytea[])
                            on conflict (bucket) do update set heard = excluded.heard""")
                    .param("buckets", buckets.toArray(Integer[]::new))
                    .param("heard", packed.toArray(byte[][]::new))
                    .update();
        }
    }

    private void place(long next) {
        jdbc.sql("""
                        insert into presence_progress (next_offset) values (:next)
                        on conflict (only_one) do update set next_offset = excluded.next_offset""").param("next", next).update();
    }

    private void insert(List<PresenceTransition> transitions) {
        jdbc.sql("""
                        insert into presence_transition (asset, at, from_presence, to_presence, reason)
                        select * from unnest(:assets::text[], :ats::timestamptz[], :froms::text[], :tos::text[], :reasons::text[])
                        on conflict do nothing""")
                .param("assets", array(transitions.stream().map(t -> t.asset().value())))
                .param("ats", array(transitions.stream().map(t -> t.at().toString())))
                .param("froms", array(transitions.stream().map(t -> t.from().wire())))
                .param("tos", array(transitions.stream().map(t -> t.to().wire())))
                .param("reasons", array(transitions.stream().map(PresenceTransition::reason)))
                .update();
    }

    private void upsert(List<Map.Entry<AssetId, PresenceState>> entries) {
        List<PresenceState> states = entries.stream().map(Map.Entry::getValue).toList();
        jdbc.sql("""
                        insert into asset_presence as known
                            (asset, presence, since, reason, last_seen, session, reconnect_until)
                        select * from unnest(:assets::text[], :presences::text[], :sinces::timestamptz[], :reasons::text[],
                            :seen::timestamptz[], :sessions::text[], :reconnects::timestamptz[])
                        on conflict (asset) do update set presence = excluded.presence, since = excluded.since,
                            reason = excluded.reason, last_seen = greatest(known.last_seen, excluded.last_seen),
                            session = excluded.session, reconnect_until = excluded.reconnect_until""")
                .param(
                        "assets",
                        array(entries.stream().map(entry -> entry.getKey().value())))
                .param(
                        "presences",
                        array(states.stream().map(state -> state.presence().wire())))
                .param(
                        "sinces",
                        array(states.stream().map(state -> state.since().toString())))
                .param("reasons", array(states.stream().map(PresenceState::reason)))
                .param(
                        "seen",
                        array(states.stream().map(state -> state.lastSeen().toString())))
                .param("sessions", array(states.stream().map(PresenceState::session)))
                .param("reconnects", array(states.stream().map(state -> text(state.reconnectUntil()))))
                .update();
    }

    private void tellRegistry(List<Map.Entry<AssetId, PresenceState>> entries) {
        registry.updatePresence(entries.stream()
                .map(entry -> new PresenceUpdate(
                        entry.getKey(),
                        entry.getValue().presence(),
                        entry.getValue().since(),
                        entry.getValue().lastSeen()))
                .toList());
    }

    /** Newest first. Index: primary key (asset, at, to_presence). */
    List<PresenceTransition> history(AssetId asset, int limit) {
        return jdbc.sql("""
                        select asset, at, from_presence, to_presence, reason from presence_transition
                        where asset = :asset order by at desc, to_presence desc limit :limit""")
                .param("asset", asset.value())
                .param("limit", limit)
                .query((row, _) -> new PresenceTransition(
                        new AssetId(row.getString("asset")),
                        instant(row, "at"),
                        presence(row, "from_presence"),
                        presence(row, "to_presence"),
                        row.getString("reason")))
                .list();
    }

    /**
     * Of some assets the newest change before a time, and all from then on, oldest first. Index: primary key (asset, at, to_presence).
     *
     * @param to exclusive
     */
    public List<PresenceTransition> during(Collection<AssetId> assets, Instant from, Instant to, int limit) {
        return jdbc.sql("""
                        select asset, at, from_presence, to_presence, reason from (
                            select before.* from unnest(:assets::text[]) wanted(asset) cross join lateral (
                                select asset, at, from_presence, to_presence, reason from presence_transition
                                where asset = wanted.asset and at < :from order by at desc, to_presence desc limit 1) before
                            union all
                            select asset, at, from_presence, to_presence, reason from presence_transition
                            where asset = any(:assets::text[]) and at >= :from and at < :to) found
                        order by at, asset limit :limit""")
                .param("assets", array(assets.stream().map(AssetId::value)))
                .param("from", from.atOffset(ZoneOffset.UTC))
                .param("to", to.atOffset(ZoneOffset.UTC))
                .param("limit", limit)
                .query((row, _) -> new PresenceTransition(
                        new AssetId(row.getString("asset")),
                        instant(row, "at"),
                        presence(row, "from_presence"),
                        presence(row, "to_presence"),
                        row.getString("reason")))
                .list();
    }

    /** A bounded number at a time. Index: {@code presence_transition_at}. */
    void forgetTransitionsBefore(Instant at) {
        jdbc.sql("""
                        delete from presence_transition where ctid in (
                            select ctid from presence_transition where at < :at order by at limit :most)""")
                .param("at", at.atOffset(ZoneOffset.UTC))
                .param("most", MAX_FORGOTTEN_AT_ONCE)
                .update();
    }

    private static String[] array(java.util.stream.Stream<? extends @Nullable String> values) {
        return values.toArray(String[]::new);
    }

    private static @Nullable String text(@Nullable Instant instant) {
        return instant == null ? null : instant.toString();
    }

    private static Presence presence(ResultSet row, String column) throws SQLException {
        String wire = row.getString(column);
        return Presence.ofWire(wire)
                .orElseThrow(() -> new IllegalStateException("presence \"" + wire + "\" in the database is not known"));
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static @Nullable Instant instantOrNull(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }
}

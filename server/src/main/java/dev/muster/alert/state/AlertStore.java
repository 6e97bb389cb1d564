package dev.muster.alert.state;

import dev.muster.alert.Signal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The tables {@code alert} and {@code alert_asset}. */
@Component
public class AlertStore {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final TypeReference<TreeMap<String, String>> LABELS = new TypeReference<>() {};
    private static final TypeReference<Map<String, String>> TEXTS = new TypeReference<>() {};
    private static final TypeReference<Map<String, Object>> VALUES = new TypeReference<>() {};
    private static final TypeReference<List<Instant>> TIMES = new TypeReference<>() {};
    private static final String COLUMNS = """
            fingerprint, labels, annotations, source, origin, state, since, starts_at, ends_at, expires_at, last_wrong,
            unknown_since, recent_starts, acknowledgement, cause, evidence""";

    private final JdbcClient jdbc;
    private final JdbcTemplate template;

    public AlertStore(JdbcClient jdbc, JdbcTemplate template) {
        this.jdbc = jdbc;
        this.template = template;
    }

    public Optional<Alert> find(String fingerprint) {
        return jdbc.sql("select " + COLUMNS + " from alert where fingerprint = :fingerprint")
                .param("fingerprint", fingerprint)
                .query(AlertStore::alert)
                .optional();
    }

    /** Locked until the end of the transaction, in the order of their fingerprints. */
    Map<String, Alert> lock(Collection<String> fingerprints) {
        Map<String, Alert> found = new HashMap<>();
        template.query(
                        "select " + COLUMNS + " from alert where fingerprint = any(?) order by fingerprint for update",
                        AlertStore::alert,
                        (Object) fingerprints.toArray(String[]::new))
                .forEach(alert -> found.put(alert.fingerprint(), alert));
        return found;
    }

    /** Those that are pending or firing, by their fingerprints; index {@code alert_open}. */
    public List<Alert> open(int limit) {
        return jdbc.sql("select " + COLUMNS + " from alert where state <> 'resolved' order by fingerprint limit :limit")
                .param("limit", limit)
                .query(AlertStore::alert)
                .list();
    }

    public List<Alert> openOf(String source) {
        return jdbc.sql("select " + COLUMNS + " from alert where source = :source and state <> 'resolved'")
                .param("source", source)
                .query(AlertStore::alert)
                .list();
    }

    /** Those that begin with a prefix and have alerts that are open. */
    public List<String> openSources(String prefix) {
        return jdbc.sql("select distinct source from alert where state <> 'resolved' and starts_with(source, :prefix)")
                .param("prefix", prefix)
                .query((row, index) -> row.getString(1))
                .list();
    }

    /** Those that fire, by their fingerprints. */
    public List<Alert> firing(int limit) {
        return jdbc.sql("select " + COLUMNS + " from alert where state = 'firing' order by fingerprint limit :limit")
                .param("limit", limit)
                .query(AlertStore::alert)
                .list();
    }

    /** By fingerprint; all that is needed to tell what holds others back, for a fraction of what whole alerts cost. */
    public Map<String, SortedMap<String, String>> labelsOfFiring(int limit) {
        Map<String, SortedMap<String, String>> found = new HashMap<>();
        template.query(
                "select fingerprint, labels from alert where state = 'firing' order by fingerprint limit ?",
                row -> {
                    found.put(row.getString(1), JSON.readValue(row.getString(2), LABELS));
                },
                limit);
        return found;
    }

    public List<Alert> all(Collection<String> fingerprints) {
        return template.query(
                "select " + COLUMNS + " from alert where fingerprint = any(?)", AlertStore::alert, (Object)
                        fingerprints.toArray(String[]::new));
    }

    List<String> lapsed(Instant now, int limit) {
        return jdbc.sql("select fingerprint from alert where state <> 'resolved' and expires_at <= :now limit :limit")
                .param("now", utc(now))
                .param("limit", limit)
                .query((row, index) -> row.getString(1))
                .list();
    }

    long countOpen() {
        return jdbc.sql("select count(*) from alert where state <> 'resolved'")
                .query(Long.class)
                .single();
    }

    /** What is asked for in a list; null or empty for all. */
    public record Filter(
            List<String> states,
            @Nullable String severity,
            @Nullable String asset,
            @Nullable String source) {}

    /** The newest change first. @param before since (microseconds) and fingerprint of the last of the page before */
    public List<Alert> page(
            Filter filter, @Nullable Instant beforeSince, @Nullable String beforeFingerprint, int limit) {
        return jdbc.sql("select " + COLUMNS + " from alert a" + """

                        where (:anyState or state = any(:states))
                          and (cast(:severity as text) is null or severity = :severity)
                          and (cast(:source as text) is null or source = :source)
                          and (cast(:asset as text) is null or asset = :asset
                               or exists (select from alert_asset m where m.fingerprint = a.fingerprint and m.asset = :asset))
                          and (cast(:since as timestamptz) is null or (since, fingerprint) < (:since, :last))
                        order by since desc, fingerprint desc limit :limit""")
                .param("anyState", filter.states().isEmpty())
                .param("states", filter.states().toArray(String[]::new))
                .param("severity", filter.severity(), Types.VARCHAR)
                .param("source", filter.source(), Types.VARCHAR)
                .param("asset", filter.asset(), Types.VARCHAR)
                .param("since", beforeSince == null ? null : utc(beforeSince), Types.TIMESTAMP_WITH_TIMEZONE)
                .param("last", beforeFingerprint, Types.VARCHAR)
                .param("limit", limit)
                .query(AlertStore::alert)
                .list();
    }

    void save(Collection<Alert> alerts) {
        List<Object[]> rows = new ArrayList<>();
        for (Alert alert : alerts) {
            rows.add(new Object[] {
                alert.fingerprint(),
                alert.name(),
                alert.severity(),
                alert.labels().get(Signal.ASSET),
                JSON.writeValueAsString(alert.labels()),
                JSON.writeValueAsString(alert.annotations()),
                alert.source(),
                alert.origin(),
                alert.state().wire(),
                utc(alert.since()),
                utc(alert.startsAt()),
                utcOrNull(alert.endsAt()),
                utcOrNull(alert.expiresAt()),
                utc(alert.lastWrong()),
                utcOrNull(alert.unknownSince()),
                JSON.writeValueAsString(alert.recentStarts()),
                jsonOrNull(alert.acknowledgement()),
                jsonOrNull(alert.cause()),
                JSON.writeValueAsString(alert.evidence())
            });
        }
        template.batchUpdate("""
                insert into alert (fingerprint, name, severity, asset, labels, annotations, source, origin, state, since, starts_at,
                    ends_at, expires_at, last_wrong, unknown_since, recent_starts, acknowledgement, cause, evidence)
                values (?, ?, ?, ?, ?::jsonb, ?::jsonb, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?::jsonb, ?::jsonb, ?::jsonb, ?::jsonb)
                on conflict (fingerprint) do update set severity = excluded.severity, annotations = excluded.annotations,
                    source = excluded.source, origin = excluded.origin, state = excluded.state, since = excluded.since,
                    starts_at = excluded.starts_at, ends_at = excluded.ends_at, expires_at = excluded.expires_at,
                    last_wrong = excluded.last_wrong, unknown_since = excluded.unknown_since,
                    recent_starts = excluded.recent_starts, acknowledgement = excluded.acknowledgement,
                    cause = excluded.cause, evidence = excluded.evidence""", rows);
    }

    void delete(Collection<String> fingerprints) {
        template.update("delete from alert where fingerprint = any(?)", (Object) fingerprints.toArray(String[]::new));
    }

    /** Exactly these from now on. */
    void setAssets(String fingerprint, Collection<String> assets) {
        String[] ids = assets.toArray(String[]::new);
        template.update("delete from alert_asset where fingerprint = ? and not asset = any(?)", fingerprint, ids);
        template.update(
                "insert into alert_asset (fingerprint, asset) select ?, unnest(?::text[]) on conflict do nothing",
                fingerprint,
                ids);
    }

    /** In the order of their ids. */
    public List<String> assets(String fingerprint, @Nullable String after, int limit) {
        return jdbc.sql(
                        "select asset from alert_asset where fingerprint = :fingerprint and asset > :after order by asset limit :limit")
                .param("fingerprint", fingerprint)
                .param("after", after == null ? "" : after)
                .param("limit", limit)
                .query((row, index) -> row.getString(1))
                .list();
    }

    /** Resolved before the moment. */
    int forget(Instant before) {
        return jdbc.sql("delete from alert where state = 'resolved' and since < :before")
                .param("before", utc(before))
                .update();
    }

    static Alert alert(ResultSet row, int number) throws SQLException {
        String acknowledgement = row.getString("acknowledgement");
        String cause = row.getString("cause");
        return new Alert(
                row.getString("fingerprint"),
                JSON.readValue(row.getString("labels"), LABELS),
                JSON.readValue(row.getString("annotations"), TEXTS),
                row.getString("source"),
                row.getString("origin"),
                AlertState.ofWire(row.getString("state")),
                time(row, "since"),
                time(row, "starts_at"),
                timeOrNull(row, "ends_at"),
                timeOrNull(row, "expires_at"),
                time(row, "last_wrong"),
                timeOrNull(row, "unknown_since"),
                JSON.readValue(row.getString("recent_starts"), TIMES),
                acknowledgement == null ? null : JSON.readValue(acknowledgement, Acknowledgement.class),
                cause == null ? null : JSON.readValue(cause, Cause.class),
                JSON.readValue(row.getString("evidence"), VALUES));
    }

    private static Instant time(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static @Nullable Instant timeOrNull(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }

    private static OffsetDateTime utc(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }

    private static @Nullable OffsetDateTime utcOrNull(@Nullable Instant time) {
        return time == null ? null : utc(time);
    }

    private static @Nullable String jsonOrNull(@Nullable Object value) {
        return value == null ? null : JSON.writeValueAsString(value);
    }
}

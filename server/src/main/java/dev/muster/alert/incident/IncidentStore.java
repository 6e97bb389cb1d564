package dev.muster.alert.incident;

import dev.muster.alert.incident.Incident.Times;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The tables {@code incident}, {@code incident_alert}, {@code incident_entry} and {@code incident_action}. */
@Component
class IncidentStore {
    /** Of one incident; what comes after is counted in the last one. */
    static final int MAX_ENTRIES = 2_000;

    static final int MAX_ALERTS = 1_000;

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String COLUMNS =
            "number, title, severity, state, class, owner, opened_by, evidence_at, detected_at, notified_at, acknowledged_at,"
                    + " acknowledged_by, mitigated_at, fixed_by, resolved_at, resolved_by, by_person, reopened, about,"
                    + " assets, causes, updated";

    private final JdbcClient jdbc;

    IncidentStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** @param resolvedAt null while it fires */
    record StoredAlert(
            AlertFact fact, Instant firedAt, @Nullable Instant resolvedAt) {}

    /** @param doneAt null while it is to be done */
    record Action(
            int id,
            String text,
            String owner,
            LocalDate due,
            @Nullable Instant doneAt,
            @Nullable String doneBy) {}

    long nextNumber() {
        return jdbc.sql("select nextval('incident_number')").query(Long.class).single();
    }

    void insert(Incident is) {
        jdbc.sql("insert into incident (" + COLUMNS + """
                        ) values (:number, :title, :severity, :state, :class, :owner, :openedBy, :evidence, :detected, :notified,
                                  :acknowledged, :acknowledgedBy, :mitigated, :fixedBy, :resolved, :resolvedBy, :byPerson,
                                  :reopened, :about::jsonb, :assets, :causes::jsonb, :updated)
                        """)
                .params(parameters(is))
                .update();
    }

    void update(Incident is) {
        jdbc.sql("""
                        update incident set severity = :severity, state = :state, owner = :owner, evidence_at = :evidence,
                               notified_at = :notified, acknowledged_at = :acknowledged, acknowledged_by = :acknowledgedBy,
                               mitigated_at = :mitigated, fixed_by = :fixedBy, resolved_at = :resolved,
                               resolved_by = :resolvedBy, by_person = :byPerson, reopened = :reopened,
                               about = :about::jsonb, assets = :assets, causes = :causes::jsonb, updated = :updated
                        where number = :number
                        """).params(parameters(is)).update();
    }

    private static Map<String, @Nullable Object> parameters(Incident is) {
        Times times = is.times();
        Map<String, @Nullable Object> all = new LinkedHashMap<>();
        all.put("number", is.number());
        all.put("title", is.title());
        all.put("severity", is.severity().wire());
        all.put("state", is.state().wire());
        all.put("class", is.type());
        all.put("owner", is.owner());
        all.put("openedBy", is.openedBy());
        all.put("evidence", utc(times.evidence()));
        all.put("detected", utc(times.detected()));
        all.put("notified", nullable(times.notified()));
        all.put("acknowledged", nullable(times.acknowledged()));
        all.put("acknowledgedBy", is.acknowledgedBy());
        all.put("mitigated", nullable(times.mitigated()));
        all.put("fixedBy", is.fixedBy());
        all.put("resolved", nullable(times.resolved()));
        all.put("resolvedBy", is.resolvedBy());
        all.put("byPerson", is.byPerson());
        all.put("reopened", is.reopened());
        all.put("about", JSON.writeValueAsString(is.about()));
        all.put("assets", is.assets());
        all.put("causes", JSON.writeValueAsString(is.causes()));
        all.put("updated", utc(is.updated()));
        return all;
    }

    Optional<Incident> find(long number) {
        return jdbc.sql("select " + COLUMNS + " from incident where number = :number")
                .param("number", number)
                .query(IncidentStore::read)
                .optional();
    }

    /** Against other changes of the same one, until the end of the transaction. */
    Optional<Incident> lock(long number) {
        return jdbc.sql("select " + COLUMNS + " from incident where number = :number for update")
                .param("number", number)
                .query(IncidentStore::read)
                .optional();
    }

    /** The newest first. @param open true those that are not resolved, false those that are, null all */
    List<Incident> page(@Nullable Boolean open, @Nullable Long below, int limit) {
        String state = open == null ? "" : open ? " and state <> 'resolved'" : " and state = 'resolved'";
        return jdbc.sql("select " + COLUMNS + " from incident where number < :below" + state
                        + " order by number desc limit :limit")
                .param("below", below == null ? Long.MAX_VALUE : below)
                .param("limit", limit)
                .query(IncidentStore::read)
                .list();
    }

    List<Incident> open(int limit) {
        return page(true, null, limit);
    }

    int countOpen() {
        return jdbc.sql("select count(*) from incident where state <> 'resolved'")
                .query(Integer.class)
                .single();
    }

    List<Incident> resolvedBetween(Instant from, Instant to, int limit) {
        return jdbc.sql("select " + COLUMNS + " from incident where resolved_at >= :from and resolved_at < :to"
                        + " order by resolved_at limit :limit")
                .param("from", utc(from))
                .param("to", utc(to))
                .param("limit", limit)
                .query(IncidentStore::read)
                .list();
    }

    List<Incident> detectedBetween(Instant from, Instant to, int limit) {
        return jdbc.sql("select " + COLUMNS + " from incident where detected_at >= :from and detected_at <= :to"
                        + " order by number limit :limit")
                .param("from", utc(from))
                .param("to", utc(to))
                .param("limit", limit)
                .query(IncidentStore::read)
                .list();
    }

    /** The newest incident that has an alert of that fingerprint. */
    Optional<Incident> newestOf(String fingerprint) {
        return jdbc.sql("""
                        select number from incident_alert where fingerprint = :fingerprint order by number desc limit 1
                        """)
                .param("fingerprint", fingerprint)
                .query(Long.class)
                .optional()
                .flatMap(this::find);
    }

    /** Of the incidents that are open, the labels of their alerts; the newest first. */
    List<Ties.Open> openWithAlerts(int limit) {
        Map<Long, List<SortedMap<String, String>>> found = new LinkedHashMap<>();
        jdbc.sql("""
                        select a.number, a.labels from incident_alert a join incident i on i.number = a.number
                        where i.state <> 'resolved' order by a.number desc, a.fired_at limit :limit
                        """).param("limit", limit).query(row -> {
            found.computeIfAbsent(row.getLong(1), _ -> new ArrayList<>()).add(labels(row.getString(2)));
        });
        return found.entrySet().stream()
                .map(each -> new Ties.Open(each.getKey(), each.getValue()))
                .toList();
    }

    /** @return whether it was not known */
    boolean addAlert(long number, AlertFact alert, Instant now) {
        return jdbc.sql("""
                        insert into incident_alert (number, fingerprint, labels, summary, starts_at, fired_at)
                        values (:number, :fingerprint, :labels::jsonb, :summary, :starts, :now)
                        on conflict (number, fingerprint) do update set resolved_at = null, summary = excluded.summary
                        returning (xmax = 0) as fresh
                        """)
                .param("number", number)
                .param("fingerprint", alert.fingerprint())
                .param("labels", JSON.writeValueAsString(alert.labels()))
                .param("summary", alert.summary())
                .param("starts", utc(alert.startsAt()))
                .param("now", utc(now))
                .query(Boolean.class)
                .single();
    }

    /** Of incidents of any state. @return the incidents in which it fired until now */
    List<Long> calm(String fingerprint, Instant now) {
        return jdbc.sql("""
                        update incident_alert set resolved_at = :now where fingerprint = :fingerprint and resolved_at is null
                        returning number
                        """)
                .param("fingerprint", fingerprint)
                .param("now", utc(now))
                .query((row, index) -> row.getLong(1))
                .list();
    }

    List<StoredAlert> alerts(long number) {
        return jdbc.sql("""
                        select fingerprint, labels, summary, starts_at, fired_at, resolved_at from incident_alert
                        where number = :number order by fired_at, fingerprint limit :limit
                        """)
                .param("number", number)
                .param("limit", MAX_ALERTS)
                .query((row, _) -> new StoredAlert(
                        new AlertFact(
                                row.getString("fingerprint"),
                                labels(row.getString("labels")),
                                row.getString("summary"),
                                required(row, "starts_at")),
                        required(row, "fired_at"),
                        instant(row, "resolved_at")))
                .list();
    }

    int firing(long number) {
        return jdbc.sql("select count(*) from incident_alert where number = :number and resolved_at is null")
                .param("number", number)
                .query(Integer.class)
                .single();
    }

    /** In the transaction that holds the incident's row. */
    void add(long number, List<Entry> entries) {
        if (entries.isEmpty()) {
            return;
        }
        int seq = jdbc.sql("select coalesce(max(seq), 0) from incident_entry where number = :number")
                .param("number", number)
                .query(Integer.class)
                .single();
        for (Entry entry : entries) {
            seq++;
            if (seq > MAX_ENTRIES) {
                jdbc.sql("""
                                update incident_entry set text = 'and more, up to ' || :at || ': the timeline is full'
                                where number = :number and seq = :last
                                """)
                        .param("at", entry.at().toString())
                        .param("number", number)
                        .param("last", MAX_ENTRIES)
                        .update();
                return;
            }
            jdbc.sql("""
                            insert into incident_entry (number, seq, at, kind, actor, text)
                            values (:number, :seq, :at, :kind, :actor, :text)
                            """)
                    .param("number", number)
                    .param("seq", seq)
                    .param("at", utc(entry.at()))
                    .param("kind", entry.kind().wire())
                    .param("actor", entry.actor())
                    .param("text", entry.text())
                    .update();
        }
    }

    /** In the order in which it was written, which is that of time but for first signs. */
    List<Entry> entries(long number, int after, int limit) {
        return jdbc.sql("""
                        select at, kind, actor, text from incident_entry
                        where number = :number and seq > :after order by seq limit :limit
                        """)
                .param("number", number)
                .param("after", after)
                .param("limit", limit)
                .query((row, _) -> new Entry(
                        required(row, "at"),
                        Entry.Kind.ofWire(row.getString("kind")),
                        row.getString("actor"),
                        row.getString("text")))
                .list();
    }

    Action addAction(long number, String text, String owner, LocalDate due) {
        return jdbc.sql("""
                        insert into incident_action (number, id, text, owner, due)
                        select :number, coalesce(max(id), 0) + 1, :text, :owner, :due from incident_action where number = :number
                        returning id, text, owner, due, done_at, done_by
                        """)
                .param("number", number)
                .param("text", text)
                .param("owner", owner)
                .param("due", due)
                .query(IncidentStore::action)
                .single();
    }

    /** Again changes nothing. */
    Optional<Action> done(long number, int id, String by, Instant now) {
        return jdbc.sql("""
                        update incident_action set done_at = coalesce(done_at, :now), done_by = coalesce(done_by, :by)
                        where number = :number and id = :id returning id, text, owner, due, done_at, done_by
                        """)
                .param("number", number)
                .param("id", id)
                .param("by", by)
                .param("now", utc(now))
                .query(IncidentStore::action)
                .optional();
    }

    List<Action> actions(long number) {
        return jdbc.sql("""
                        select id, text, owner, due, done_at, done_by from incident_action
                        where number = :number order by id limit 200
                        """)
                .param("number", number)
                .query(IncidentStore::action)
                .list();
    }

    /** What people wrote of a postmortem. @param version 0 before anybody did */
    record Written(
            int version,
            Map<String, String> sections,
            @Nullable Instant updated,
            String by) {
        static final Written NOTHING = new Written(0, Map.of(), null, "");
    }

    Written written(long number) {
        return jdbc.sql("select version, sections, updated, updated_by from incident_postmortem where number = :number")
                .param("number", number)
                .query((row, _) -> new Written(
                        row.getInt("version"),
                        JSON.readValue(row.getString("sections"), new TypeReference<Map<String, String>>() {}),
                        instant(row, "updated"),
                        row.getString("updated_by")))
                .optional()
                .orElse(Written.NOTHING);
    }

    void write(long number, Written is) {
        jdbc.sql("""
                        insert into incident_postmortem (number, version, sections, updated, updated_by)
                        values (:number, :version, :sections::jsonb, :updated, :by)
                        on conflict (number) do update set version = excluded.version, sections = excluded.sections,
                            updated = excluded.updated, updated_by = excluded.updated_by
                        """)
                .param("number", number)
                .param("version", is.version())
                .param("sections", JSON.writeValueAsString(is.sections()))
                .param("updated", nullable(is.updated()))
                .param("by", is.by())
                .update();
    }

    void addChange(long position, ProbableCauses.Change change) {
        jdbc.sql("""
                        insert into recent_change (position, at, kind, subject, text)
                        values (:position, :at, :kind, :subject, :text) on conflict (position) do nothing
                        """)
                .param("position", position)
                .param("at", utc(change.at()))
                .param("kind", change.kind())
                .param("subject", change.subject())
                .param("text", change.text())
                .update();
    }

    /** The newest first; by the index on the time. */
    List<ProbableCauses.Change> changes(Instant from, Instant to, int limit) {
        return jdbc.sql("""
                        select at, kind, subject, text from recent_change
                        where at > :from and at <= :to order by at desc limit :limit
                        """)
                .param("from", utc(from))
                .param("to", utc(to))
                .param("limit", limit)
                .query((row, _) -> new ProbableCauses.Change(
                        required(row, "at"), row.getString("kind"), row.getString("subject"), row.getString("text")))
                .list();
    }

    int forgetChanges(Instant before, int limit) {
        return jdbc.sql("""
                        delete from recent_change where position in
                            (select position from recent_change where at < :before order by at limit :limit)
                        """).param("before", utc(before)).param("limit", limit).update();
    }

    /** Resolved ones, with all that belongs to them. */
    int forget(Duration keep, Instant now, int limit) {
        return jdbc.sql("""
                        delete from incident where number in
                            (select number from incident where resolved_at < :before order by resolved_at limit :limit)
                        """)
                .param("before", utc(now.minus(keep)))
                .param("limit", limit)
                .update();
    }

    private static Incident read(ResultSet row, int number) throws SQLException {
        return new Incident(
                row.getLong("number"),
                row.getString("title"),
                Severity.ofWire(row.getString("severity")),
                State.ofWire(row.getString("state")),
                row.getString("class"),
                row.getString("owner"),
                row.getString("opened_by"),
                new Times(
                        required(row, "evidence_at"),
                        required(row, "detected_at"),
                        instant(row, "notified_at"),
                        instant(row, "acknowledged_at"),
                        instant(row, "mitigated_at"),
                        instant(row, "resolved_at")),
                row.getString("acknowledged_by"),
                row.getString("fixed_by"),
                row.getString("resolved_by"),
                row.getBoolean("by_person"),
                row.getInt("reopened"),
                JSON.readValue(row.getString("about"), new TypeReference<List<String>>() {}),
                row.getInt("assets"),
                JSON.readValue(row.getString("causes"), new TypeReference<List<Cause>>() {}),
                required(row, "updated"));
    }

    private static Action action(ResultSet row, int number) throws SQLException {
        return new Action(
                row.getInt("id"),
                row.getString("text"),
                row.getString("owner"),
                row.getObject("due", LocalDate.class),
                instant(row, "done_at"),
                row.getString("done_by"));
    }

    private static SortedMap<String, String> labels(String json) {
        return JSON.readValue(json, new TypeReference<TreeMap<String, String>>() {});
    }

    private static Instant required(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime value = row.getObject(column, OffsetDateTime.class);
        return value == null ? null : value.toInstant();
    }

    private static OffsetDateTime utc(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }

    /** With its type, which a null alone does not tell. */
    private static Object nullable(@Nullable Instant instant) {
        return new org.springframework.jdbc.core.SqlParameterValue(
                Types.TIMESTAMP_WITH_TIMEZONE, instant == null ? null : utc(instant));
    }
}

package dev.muster.runbook;

import dev.muster.registry.selector.Selectors;
import dev.muster.runbook.Run.Cursor;
import dev.muster.runbook.Run.Phase;
import dev.muster.runbook.RunbookEngine.Line;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The tables of runbooks, their versions and their runs. */
@Component
class RunbookStore {
    static final int MAX_LINES = 1_000;
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String COLUMNS =
            "name, spec, revision, shipped_version, managers, created, updated, resource_version, scheduled_at";
    private static final String RUN =
            "id, runbook, revision, parent, depth, trigger, started_by, incident, fingerprint,"
                    + " subject, targets, spec, phase, cursor, reason, stop_by, approved_by, alert_over, started_at, deadline,"
                    + " ended_at";

    private final JdbcClient jdbc;
    private final Selectors selectors;

    RunbookStore(JdbcClient jdbc, Selectors selectors) {
        this.jdbc = jdbc;
        this.selectors = selectors;
    }

    /** @param shippedVersion null of one that somebody declared, or changed */
    record Stored(
            String name,
            JsonNode json,
            int revision,
            @Nullable Integer shippedVersion,
            Map<String, String> managers,
            Instant created,
            Instant updated,
            long resourceVersion,
            @Nullable Instant scheduledAt) {}

    record Revision(int revision, Instant at, String actor, JsonNode spec) {}

    List<Stored> page(@Nullable String after, int limit) {
        return jdbc.sql("select " + COLUMNS + " from runbook where name > :after order by name limit :limit")
                .param("after", after == null ? "" : after)
                .param("limit", limit)
                .query(RunbookStore::stored)
                .list();
    }

    Optional<Stored> find(String name) {
        return jdbc.sql("select " + COLUMNS + " from runbook where name = :name")
                .param("name", name)
                .query(RunbookStore::stored)
                .optional();
    }

    /** Against other changes and starts of the same one, until the end of the transaction. */
    Optional<Stored> lock(String name) {
        return jdbc.sql("select " + COLUMNS + " from runbook where name = :name for update")
                .param("name", name)
                .query(RunbookStore::stored)
                .optional();
    }

    long nextVersion() {
        return jdbc.sql("select nextval('resource_version')").query(Long.class).single();
    }

    int count() {
        return jdbc.sql("select count(*) from runbook").query(Integer.class).single();
    }

    void save(Stored is, String actor) {
        jdbc.sql("""
                        insert into runbook (name, spec, revision, shipped_version, managers, created, updated, resource_version)
                        values (:name, :spec::json, :revision, :shipped, :managers::jsonb, :created, :updated, :version)
                        on conflict (name) do update set spec = excluded.spec, revision = excluded.revision,
                            shipped_version = excluded.shipped_version, managers = excluded.managers,
                            updated = excluded.updated, resource_version = excluded.resource_version
                        """)
                .param("name", is.name())
                .param("spec", is.json().toString())
                .param("revision", is.revision())
                .param("shipped", is.shippedVersion(), Types.INTEGER)
                .param("managers", JSON.writeValueAsString(is.managers()))
                .param("created", utc(is.created()))
                .param("updated", utc(is.updated()))
                .param("version", is.resourceVersion())
                .update();
        jdbc.sql("""
                        insert into runbook_revision (name, revision, spec, at, actor)
                        values (:name, :revision, :spec::json, :at, :actor) on conflict (name, revision) do nothing
                        """)
                .param("name", is.name())
                .param("revision", is.revision())
                .param("spec", is.json().toString())
                .param("at", utc(is.updated()))
                .param("actor", actor)
                .update();
    }

    void delete(String name) {
        jdbc.sql("delete from runbook where name = :name").param("name", name).update();
    }

    void scheduled(String name, Instant at) {
        jdbc.sql("update runbook set scheduled_at = :at where name = :name")
                .param("at", utc(at))
                .param("name", name)
                .update();
    }

    /** The newest first. */
    List<Revision> revisions(String name, int below, int limit) {
        return jdbc.sql("""
                        select revision, at, actor, spec from runbook_revision
                        where name = :name and revision < :below order by revision desc limit :limit
                        """)
                .param("name", name)
                .param("below", below)
                .param("limit", limit)
                .query((row, _) -> new Revision(
                        row.getInt("revision"),
                        required(row, "at"),
                        row.getString("actor"),
                        JSON.readTree(row.getString("spec"))))
                .list();
    }

    void insert(Run is) {
        jdbc.sql("insert into runbook_run (" + RUN + """
                        , toil, look_at) values (:id, :runbook, :revision, :parent, :depth, :trigger, :startedBy, :incident,
                        :fingerprint, :subject, :targets::json, :spec::json, :phase, :cursor::json, :reason, :stopBy,
                        :approvedBy, :alertOver, :startedAt, :deadline, :endedAt, 0, :startedAt)
                        """)
                .param("id", is.id())
                .param("runbook", is.runbook())
                .param("revision", is.revision())
                .param("parent", is.parent(), Types.VARCHAR)
                .param("depth", is.depth())
                .param("trigger", is.trigger())
                .param("startedBy", is.startedBy())
                .param("incident", is.incident(), Types.BIGINT)
                .param("fingerprint", is.fingerprint(), Types.VARCHAR)
                .param("subject", is.subject())
                .param("targets", JSON.writeValueAsString(is.targets()))
                .param("spec", is.json().toString())
                .param("phase", is.phase().wire())
                .param("cursor", JSON.writeValueAsString(is.cursor()))
                .param("reason", is.reason())
                .param("stopBy", is.stopBy(), Types.VARCHAR)
                .param("approvedBy", is.approvedBy(), Types.VARCHAR)
                .param("alertOver", is.alertOver())
                .param("startedAt", utc(is.startedAt()))
                .param("deadline", utc(is.deadline()))
                .param("endedAt", nullable(is.endedAt()), Types.TIMESTAMP_WITH_TIMEZONE)
                .update();
    }

    /** What a turn changes; who wants it to stop, or approved it, is written by others meanwhile. */
    void update(Run is, long toilSeconds) {
        jdbc.sql("""
                        update runbook_run set phase = :phase, cursor = :cursor::json, reason = :reason, deadline = :deadline,
                               ended_at = :endedAt, toil = :toil where id = :id
                        """)
                .param("phase", is.phase().wire())
                .param("cursor", JSON.writeValueAsString(is.cursor()))
                .param("reason", is.reason())
                .param("deadline", utc(is.deadline()))
                .param("endedAt", nullable(is.endedAt()), Types.TIMESTAMP_WITH_TIMEZONE)
                .param("toil", toilSeconds)
                .param("id", is.id())
                .update();
    }

    void lookAt(String id, Instant at) {
        jdbc.sql("update runbook_run set look_at = :at where id = :id")
                .param("at", utc(at))
                .param("id", id)
                .update();
    }

    void stop(String id, String by) {
        jdbc.sql("""
                        update runbook_run set stop_by = coalesce(stop_by, :by), look_at = started_at
                        where id = :id and ended_at is null
                        """).param("by", by).param("id", id).update();
    }

    void approve(String id, String by) {
        jdbc.sql("update runbook_run set approved_by = :by, look_at = started_at where id = :id")
                .param("by", by)
                .param("id", id)
                .update();
    }

    void answer(Run is) {
        update(is, 0);
        lookAt(is.id(), is.startedAt());
    }

    void alertOver(String fingerprint) {
        jdbc.sql("""
                        update runbook_run set alert_over = true, look_at = started_at
                        where fingerprint = :fingerprint and ended_at is null
                        """).param("fingerprint", fingerprint).update();
    }

    void alertBack(String fingerprint) {
        jdbc.sql("update runbook_run set alert_over = false where fingerprint = :fingerprint and ended_at is null")
                .param("fingerprint", fingerprint)
                .update();
    }

    List<String> due(Instant now, int limit) {
        return jdbc.sql("""
                        select id from runbook_run where ended_at is null and look_at <= :now
                        order by look_at, id limit :limit
                        """)
                .param("now", utc(now))
                .param("limit", limit)
                .query((row, _) -> row.getString(1))
                .list();
    }

    Optional<Run> run(String id) {
        return jdbc.sql("select " + RUN + " from runbook_run where id = :id")
                .param("id", id)
                .query(this::readRun)
                .optional();
    }

    Optional<Run> lockRun(String id) {
        return jdbc.sql("select " + RUN + " from runbook_run where id = :id for update")
                .param("id", id)
                .query(this::readRun)
                .optional();
    }

    /**
     * Which runs.
     *
     * @param runbook null for all
     * @param incident number of the one that they work on, null for whatever
     * @param active only those that have not ended
     * @param phase null for all
     */
    record Wanted(@Nullable String runbook, @Nullable Long incident, boolean active, Run.@Nullable Phase phase) {}

    /** The newest first; by the indexes of the runbook, the incident and the phase. */
    List<Run> runs(Wanted wanted, @Nullable String below, int limit) {
        return jdbc.sql("select " + RUN + " from runbook_run where id < :below"
                        + (wanted.runbook() == null ? "" : " and runbook = :runbook")
                        + (wanted.incident() == null ? "" : " and incident = :incident")
                        + (wanted.phase() == null ? "" : " and phase = :phase")
                        + (wanted.active() ? " and ended_at is null" : "") + " order by id desc limit :limit")
                .param("below", below == null ? "~" : below)
                .param("runbook", wanted.runbook() == null ? "" : wanted.runbook())
                .param("incident", wanted.incident(), Types.BIGINT)
                .param("phase", wanted.phase() == null ? "" : wanted.phase().wire())
                .param("limit", limit)
                .query(this::readRun)
                .list();
    }

    /** Those that came past the guards. */
    int startedSince(String runbook, Instant since) {
        return jdbc.sql("""
                        select count(*) from runbook_run where runbook = :runbook and started_at > :since and phase <> 'refused'
                        """)
                .param("runbook", runbook)
                .param("since", utc(since))
                .query(Integer.class)
                .single();
    }

    Optional<String> running(String runbook, String subject) {
        return jdbc.sql("""
                        select id from runbook_run where runbook = :runbook and subject = :subject and ended_at is null limit 1
                        """)
                .param("runbook", runbook)
                .param("subject", subject)
                .query((row, _) -> row.getString(1))
                .optional();
    }

    Optional<Instant> lastEnd(String runbook, String subject) {
        return jdbc.sql("""
                        select max(ended_at) from runbook_run
                        where runbook = :runbook and subject = :subject and phase <> 'refused'
                        """)
                .param("runbook", runbook)
                .param("subject", subject)
                .query((row, _) -> Optional.ofNullable(instant(row, "max")))
                .single();
    }

    int active() {
        return jdbc.sql("select count(*) from runbook_run where ended_at is null")
                .query(Integer.class)
                .single();
    }

    void add(String run, List<Line> lines) {
        for (Line line : lines) {
            jdbc.sql("""
                            insert into runbook_line (run, seq, at, step, what, text)
                            select :run, coalesce(max(seq), 0) + 1, :at, :step, :what, :text from runbook_line where run = :run
                            having coalesce(max(seq), 0) < :most
                            """)
                    .param("run", run)
                    .param("at", utc(line.at()))
                    .param("step", line.step())
                    .param("what", line.what())
                    .param("text", line.text())
                    .param("most", MAX_LINES)
                    .update();
        }
    }

    List<Line> lines(String run) {
        return jdbc.sql("select at, step, what, text from runbook_line where run = :run order by seq limit :limit")
                .param("run", run)
                .param("limit", MAX_LINES)
                .query((row, _) -> new Line(
                        required(row, "at"), row.getString("step"), row.getString("what"), row.getString("text")))
                .list();
    }

    /**
     * Of one runbook since a time.
     *
     * @param incidents closed ones for which it ran
     * @param withoutPerson those of them in which nobody had a hand
     * @param last its newest run, however old
     */
    record Tally(
            String runbook,
            int runs,
            int succeeded,
            int failed,
            int indeterminate,
            int stopped,
            int refused,
            long toilSeconds,
            int incidents,
            int withoutPerson,
            String last,
            String lastPhase,
            Instant lastAt) {}

    List<Tally> tally(Instant since) {
        return jdbc.sql("""
                        select t.*, l.id as last, l.phase as last_phase, l.started_at as last_at
                        from (select r.runbook,
                                     count(*) filter (where r.started_at >= :since) as runs,
                                     count(*) filter (where r.started_at >= :since and phase = 'succeeded') as succeeded,
                                     count(*) filter (where r.started_at >= :since and phase = 'failed') as failed,
                                     count(*) filter (where r.started_at >= :since and phase = 'indeterminate') as indeterminate,
                                     count(*) filter (where r.started_at >= :since and phase = 'stopped') as stopped,
                                     count(*) filter (where r.started_at >= :since and phase = 'refused') as refused,
                                     coalesce(sum(toil) filter (where r.started_at >= :since), 0) as toil,
                                     count(distinct i.number) as incidents,
                                     count(distinct i.number) filter (where not i.by_person) as without_person
                              from runbook_run r
                              left join incident i on i.number = r.incident and i.state = 'resolved' and r.started_at >= :since
                              group by r.runbook order by r.runbook limit 1000) t
                        cross join lateral (select id, phase, started_at from runbook_run n
                                            where n.runbook = t.runbook order by id desc limit 1) l
                        order by t.runbook
                        """)
                .param("since", utc(since))
                .query((row, _) -> new Tally(
                        row.getString("runbook"),
                        row.getInt("runs"),
                        row.getInt("succeeded"),
                        row.getInt("failed"),
                        row.getInt("indeterminate"),
                        row.getInt("stopped"),
                        row.getInt("refused"),
                        row.getLong("toil"),
                        row.getInt("incidents"),
                        row.getInt("without_person"),
                        row.getString("last"),
                        row.getString("last_phase"),
                        required(row, "last_at")))
                .list();
    }

    /** Those that ended, with their lines; one whose parent goes on stays, since that looks at it. */
    int forget(Instant before, int limit) {
        return jdbc.sql("""
                        delete from runbook_run where id in
                            (select r.id from runbook_run r where r.ended_at < :before and not exists
                                (select 1 from runbook_run p where p.id = r.parent and p.ended_at is null)
                             order by r.id limit :limit)
                        """).param("before", utc(before)).param("limit", limit).update();
    }

    private static Stored stored(ResultSet row, int number) throws SQLException {
        int shipped = row.getInt("shipped_version");
        boolean wasShipped = !row.wasNull();
        return new Stored(
                row.getString("name"),
                JSON.readTree(row.getString("spec")),
                row.getInt("revision"),
                wasShipped ? (Integer) shipped : null,
                JSON.readValue(row.getString("managers"), new TypeReference<Map<String, String>>() {}),
                required(row, "created"),
                required(row, "updated"),
                row.getLong("resource_version"),
                instant(row, "scheduled_at"));
    }

    private Run readRun(ResultSet row, int number) throws SQLException {
        JsonNode spec = JSON.readTree(row.getString("spec"));
        long incident = row.getLong("incident");
        boolean hasIncident = !row.wasNull();
        return new Run(
                row.getString("id"),
                row.getString("runbook"),
                row.getInt("revision"),
                row.getString("parent"),
                row.getInt("depth"),
                row.getString("trigger"),
                row.getString("started_by"),
                hasIncident ? (Long) incident : null,
                row.getString("fingerprint"),
                row.getString("subject"),
                JSON.readValue(row.getString("targets"), new TypeReference<List<String>>() {}),
                spec,
                SpecReader.filled(spec, selectors).spec(),
                Phase.ofWire(row.getString("phase")),
                JSON.readValue(row.getString("cursor"), Cursor.class),
                row.getString("reason"),
                row.getString("stop_by"),
                row.getString("approved_by"),
                row.getBoolean("alert_over"),
                required(row, "started_at"),
                required(row, "deadline"),
                instant(row, "ended_at"));
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

    private static @Nullable OffsetDateTime nullable(@Nullable Instant instant) {
        return instant == null ? null : utc(instant);
    }
}

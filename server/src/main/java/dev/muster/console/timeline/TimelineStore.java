package dev.muster.console.timeline;

import dev.muster.console.timeline.Happening.Thing;
import dev.muster.protocol.AssetId;
import dev.muster.rollout.engine.Reason;
import dev.muster.rollout.engine.Stage;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads what the features have stored about one asset and a span of time; a question of an index for each lane. Knows no scope. */
@Component
class TimelineStore {
    /** A command may take as long; one that was given before the span may still go on in it. */
    private static final Duration LONGEST_COMMAND = Duration.ofDays(7);

    private static final int MAX_ROLLOUTS = 200;
    private static final int MAX_FINGERPRINTS = 500;
    private static final int MAX_REASON = 300;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final JdbcClient jdbc;

    TimelineStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** @param limit of entries, the newest count */
    record Window(AssetId asset, Instant from, Instant to, int limit) {
        private Map<String, Object> parameters() {
            return Map.of("asset", asset.value(), "from", utc(from), "to", utc(to), "limit", limit + 1);
        }

        private boolean holds(Instant at) {
            return !at.isBefore(from) && at.isBefore(to);
        }

        private boolean touches(Happening each) {
            Instant end = each.open() ? Instant.MAX : each.until() == null ? each.at() : each.until();
            return each.at().isBefore(to) && !end.isBefore(from);
        }

        private Found found(Stream<Happening> all) {
            return Found.upTo(
                    limit,
                    all.filter(this::touches)
                            .sorted(Happening.NEWEST_FIRST)
                            .limit(limit + 1L)
                            .toList());
        }
    }

    private record Change(Instant at, String state, String reason) {}

    /** The state at the beginning of the span too. Index: primary key (asset, at, to_presence). */
    Found presence(Window window) {
        List<Change> changes = new ArrayList<>(jdbc.sql("""
                        select at, to_presence, reason from presence_transition
                        where asset = :asset and at < :to and at >= coalesce(
                            (select max(at) from presence_transition where asset = :asset and at <= :from), :from)
                        order by at desc, to_presence desc limit :limit""")
                .params(window.parameters())
                .query((row, _) ->
                        new Change(instant(row, "at"), row.getString("to_presence"), row.getString("reason")))
                .list());
        boolean complete = changes.size() <= window.limit();
        Instant next = jdbc.sql("select min(at) from presence_transition where asset = :asset and at >= :to")
                .params(window.parameters())
                .query((row, _) -> instantOrNull(row, 1))
                .list()
                .getFirst();
        List<Happening> spells = Spells.of(
                complete
                        ? changes.reversed()
                        : changes.subList(0, window.limit()).reversed(),
                Change::at,
                next,
                _ -> false,
                (change, until) -> Happening.span(
                        Lane.PRESENCE, change.at(), until, change.state(), change.state(), change.reason(), null));
        return new Found(spells, complete);
    }

    /**
     * Out of the reports that are kept, and of what was told of each restart. Indexes: primary key of {@code twin_reported_history},
     * {@code event_log_subject}.
     */
    Found restarts(Window window) {
        record Boot(Instant at, String id, String how) {}
        List<Boot> boots = jdbc.sql("""
                        select at, boot, how from (
                            select received as at, boot_id as boot, '' as how, lag(boot_id) over (order by journal_offset) as before
                            from twin_reported_history where asset = :asset and boot_id is not null) kept
                        where before <> boot
                        union all
                        select at, data ->> 'bootId', 'told' from event_log
                        where subject = 'asset/' || :asset and type = 'asset.restarted' and at >= :from and at < :to
                        order by at desc limit :limit""")
                .params(window.parameters())
                .query((row, _) ->
                        new Boot(instant(row, "at"), String.valueOf(row.getString("boot")), row.getString("how")))
                .list();
        Map<String, Happening> byBoot = new LinkedHashMap<>();
        boots.forEach(boot -> byBoot.putIfAbsent(
                boot.id(),
                Happening.moment(
                        Lane.RESTARTS,
                        boot.at(),
                        "restarted",
                        "boot " + boot.id(),
                        "it reports another boot than before",
                        null)));
        return window.found(byBoot.values().stream());
    }

    /** Index: {@code command_of_asset}; ids are in the order of creation. */
    Found commands(Window window) {
        return window.found(jdbc
                .sql("""
                        select id, name, status, created_at, created_by, settled_at, run_id,
                               coalesce(reason, detail ->> 'reason', left(output, 300), '') as why
                        from command
                        where asset_id = :asset and id >= :low and id < :high and (settled_at is null or settled_at >= :from)
                        order by id desc limit :limit""")
                .params(window.parameters())
                .param("low", firstIdOf(window.from().minus(LONGEST_COMMAND)))
                .param("high", firstIdOf(window.to()))
                .query((row, _) -> Happening.span(
                        Lane.COMMANDS,
                        instant(row, "created_at"),
                        instantOrNull(row, "settled_at"),
                        row.getString("status"),
                        row.getString("name"),
                        joined(cut(firstLine(row.getString("why"))), "by " + row.getString("created_by")),
                        new Thing("command", row.getString("id"))))
                .list()
                .stream());
    }

    /** The least UUID of version 7 of a millisecond. */
    static String firstIdOf(Instant at) {
        String hex = "%012x".formatted(Math.clamp(at.toEpochMilli(), 0, 0xffff_ffff_ffffL));
        return hex.substring(0, 8) + "-" + hex.substring(8) + "-7000-8000-000000000000";
    }

    /** Of the newest rollouts that the asset is in. Indexes: {@code rollout_target_asset}, {@code rollout_step_target}. */
    Found rollouts(Window window) {
        record Step(String rollout, String component, Instant at, Stage stage, String reason) {}
        Map<String, List<Step>> byTarget = new LinkedHashMap<>();
        jdbc.sql("""
                        select t.rollout, t.ord, r.name, t.component, s.at, s.stage, s.reason, s.detail
                        from (select rollout, ord, component from rollout_target
                              where asset = :asset order by rollout desc limit :rollouts) t
                        join rollout r on r.id = t.rollout and r.started < :to and (r.ended is null or r.ended >= :from)
                        join rollout_step s on s.rollout = t.rollout and s.ord = t.ord and s.at < :to
                        order by t.rollout, t.ord, s.at, s.stage""")
                .params(window.parameters())
                .param("rollouts", MAX_ROLLOUTS)
                .query(row -> {
                    byTarget.computeIfAbsent(row.getInt(1) + "/" + row.getInt(2), _ -> new ArrayList<>())
                            .add(new Step(
                                    row.getString("name"),
                                    row.getString("component"),
                                    instant(row, "at"),
                                    Stage.ofCode(row.getInt("stage")),
                                    joined(reason(row), cut(row.getString("detail")))));
                });
        return window.found(byTarget.values().stream()
                .flatMap(steps -> Spells.of(
                        steps,
                        Step::at,
                        null,
                        step -> step.stage().terminal(),
                        (step, until) -> Happening.span(
                                Lane.ROLLOUTS,
                                step.at(),
                                until,
                                step.stage().wire(),
                                step.rollout() + ": " + step.component(),
                                step.reason(),
                                new Thing("rollout", step.rollout())))
                        .stream()));
    }

    private static String reason(ResultSet row) throws SQLException {
        int code = row.getInt("reason");
        return row.wasNull() ? "" : Reason.ofCode(code).wire().replace('_', ' ');
    }

    /**
     * New generations, decisions, and what was told of drift. Indexes: primary key of {@code twin_desired_history},
     * {@code twin_decision_asset}, {@code event_log_subject}.
     */
    Found configuration(Window window) {
        Stream<Happening> desired = jdbc
                .sql("""
                        select at, generation, reason from twin_desired_history
                        where asset = :asset and at >= :from and at < :to order by generation desc limit :limit""")
                .params(window.parameters())
                .query((row, _) -> Happening.moment(
                        Lane.CONFIGURATION,
                        instant(row, "at"),
                        "desired",
                        "generation " + row.getLong("generation"),
                        row.getString("reason"),
                        new Thing("twin", String.valueOf(row.getLong("generation")))))
                .list()
                .stream();
        Stream<Happening> decided = jdbc
                .sql("""
                        select at, action, generation, outcome from twin_decision
                        where asset = :asset and at >= :from and at < :to order by id desc limit :limit""")
                .params(window.parameters())
                .query((row, _) -> Happening.moment(
                        Lane.CONFIGURATION,
                        instant(row, "at"),
                        "decided",
                        row.getString("action").replace('_', ' '),
                        row.getString("outcome"),
                        new Thing("twin", String.valueOf(row.getLong("generation")))))
                .list()
                .stream();
        Stream<Happening> told = told(window, List.of("twin."), List.of()).stream()
                .map(each -> Happening.moment(
                        Lane.CONFIGURATION,
                        each.at(),
                        each.word(),
                        "generation " + each.data().path("generation").asString(""),
                        each.said(),
                        new Thing("twin", each.data().path("generation").asString(""))));
        return window.found(Stream.of(desired, decided, told).flatMap(each -> each));
    }

    /**
     * Of alerts about the asset, and of those that stand for it. Earlier times that an alert fired are known as long as the event log
     * keeps them, and from incidents. Indexes: {@code alert_of_asset}, {@code alert_asset_asset}, {@code event_log_subject},
     * {@code incident_alert_of}.
     */
    Found alerts(Window window) {
        record Known(String fingerprint, String name, String severity, String summary) {}
        Map<String, Known> known = new LinkedHashMap<>();
        List<Happening> found = new ArrayList<>();
        Set<String> episodes = new TreeSet<>();
        jdbc.sql("""
                        select fingerprint, name, severity, state, starts_at, since, ends_at,
                               coalesce(annotations ->> 'summary', '') as summary
                        from alert where fingerprint in (
                            select fingerprint from alert where asset = :asset
                            union select fingerprint from alert_asset where asset = :asset)
                        order by since desc limit :most""")
                .params(window.parameters())
                .param("most", MAX_FINGERPRINTS)
                .query(row -> {
                    Known alert = new Known(
                            row.getString("fingerprint"),
                            row.getString("name"),
                            row.getString("severity"),
                            cut(row.getString("summary")));
                    known.put(alert.fingerprint(), alert);
                    Instant starts = instant(row, "starts_at");
                    Instant ends = instantOrNull(row, "ends_at");
                    boolean over = row.getString("state").equals("resolved");
                    episodes.add(alert.fingerprint() + starts);
                    found.add(alert(
                            alert.fingerprint(),
                            starts,
                            over ? (ends == null ? instant(row, "since") : ends) : null,
                            row.getString("state"),
                            alert.name(),
                            joined(alert.severity(), alert.summary())));
                });
        jdbc.sql("""
                        select fingerprint, labels ->> 'alertname' as name, summary, starts_at, resolved_at from incident_alert
                        where fingerprint = any(:fingerprints) order by fired_at desc limit :most""")
                .param("fingerprints", known.keySet().toArray(String[]::new))
                .param("most", MAX_FINGERPRINTS)
                .query(row -> {
                    Instant starts = instant(row, "starts_at");
                    Instant ends = instantOrNull(row, "resolved_at");
                    if (ends != null && episodes.add(row.getString("fingerprint") + starts)) {
                        found.add(alert(
                                row.getString("fingerprint"),
                                starts,
                                ends,
                                "resolved",
                                String.valueOf(row.getString("name")),
                                cut(row.getString("summary"))));
                    }
                });
        jdbc.sql("""
                        select at, subject, data ->> 'startsAt' as starts from event_log
                        where subject = any(:subjects) and type = 'alert.resolved' and at >= :from
                        order by at desc limit :most""")
                .params(window.parameters())
                .param(
                        "subjects",
                        known.keySet().stream().map(each -> "alert/" + each).toArray(String[]::new))
                .param("most", MAX_FINGERPRINTS)
                .query(row -> {
                    Known alert = known.get(row.getString("subject").substring("alert/".length()));
                    Instant ended = instant(row, "at");
                    Instant starts = Instant.parse(row.getString("starts"));
                    if (alert != null && episodes.add(alert.fingerprint() + starts)) {
                        found.add(alert(
                                alert.fingerprint(),
                                starts,
                                ended,
                                "resolved",
                                alert.name(),
                                joined(alert.severity(), alert.summary())));
                    }
                });
        return window.found(found.stream());
    }

    private static Happening alert(
            String fingerprint, Instant at, @Nullable Instant until, String state, String name, String reason) {
        return Happening.span(Lane.ALERTS, at, until, state, name, reason, new Thing("alert", fingerprint));
    }

    /** @param about selectors of the assets that it is about; {@code of} says that one of its alerts is about the asset */
    record Concerning(Happening entry, List<String> about, boolean of) {}

    /** Those of the span, the newest first, whatever they are about. Indexes: primary key, {@code incident_alert_of}. */
    List<Concerning> incidents(Window window, int most) {
        return jdbc.sql("""
                        select i.number, i.title, i.severity, i.state, i.owner, i.evidence_at, i.resolved_at, i.about,
                               exists (select from incident_alert a where a.number = i.number
                                       and (a.labels ->> 'asset' = :asset or a.fingerprint in (
                                            select fingerprint from alert_asset where asset = :asset))) as concerned
                        from incident i
                        where i.evidence_at < :to and (i.resolved_at is null or i.resolved_at >= :from)
                        order by i.number desc limit :most""")
                .params(window.parameters())
                .param("most", most)
                .query((row, _) -> {
                    List<String> about = new ArrayList<>();
                    JSON.readTree(row.getString("about")).forEach(each -> about.add(each.asString("")));
                    String owner = row.getString("owner");
                    return new Concerning(
                            Happening.span(
                                    Lane.INCIDENTS,
                                    instant(row, "evidence_at"),
                                    instantOrNull(row, "resolved_at"),
                                    row.getString("state"),
                                    "INC-" + row.getLong("number") + " " + row.getString("title"),
                                    joined(
                                            row.getString("severity"),
                                            owner.isEmpty() ? "nobody owns it" : "owner " + owner),
                                    new Thing("incident", String.valueOf(row.getLong("number")))),
                            about,
                            row.getBoolean("concerned"));
                })
                .list();
    }

    /** Given, taken back, run out; tokens that were given and revoked. Indexes: {@code certificate_asset}, {@code event_log_subject}. */
    Found certificates(Window window) {
        List<Happening> found = new ArrayList<>();
        jdbc.sql("""
                        select serial, issued_at, not_after, origin, superseded_by, revoked_at, revoked_by, revoked_reason from certificate
                        where asset_id = :asset and not_after >= :from order by not_after desc, serial desc limit :limit""").params(window.parameters()).query(row -> {
            String serial = row.getString("serial");
            Thing certificate = new Thing("certificate", serial);
            Instant ends = instant(row, "not_after");
            Instant revoked = instantOrNull(row, "revoked_at");
            found.add(moment(
                    instant(row, "issued_at"),
                    "issued",
                    "by " + row.getString("origin") + ", valid until " + ends,
                    certificate));
            if (revoked != null) {
                found.add(moment(
                        revoked,
                        "revoked",
                        joined(row.getString("revoked_reason"), "by " + row.getString("revoked_by")),
                        certificate));
            } else if (row.getString("superseded_by") == null && window.holds(ends)) {
                found.add(moment(ends, "expired", "it was not renewed", certificate));
            }
        });
        told(window, List.of("asset-token."), List.of())
                .forEach(each -> found.add(moment(each.at(), each.word(), joined("token", each.said()), null)));
        return window.found(found.stream().filter(each -> window.holds(each.at())));
    }

    private static Happening moment(Instant at, String state, String reason, @Nullable Thing certificate) {
        String title = certificate == null ? "token" : "certificate";
        return Happening.moment(Lane.CERTIFICATES, at, state, title, reason, certificate);
    }

    /** By when they came in. Index: {@code asset_file_of_asset}; ids are in the order of birth. */
    Found files(Window window) {
        return window.found(jdbc
                .sql("""
                        select id, name, kind, received_at, size from asset_file
                        where asset_id = :asset and id >= :low and id < :high order by id desc limit :limit""")
                .params(window.parameters())
                .param("low", firstIdOf(window.from()))
                .param("high", firstIdOf(window.to()))
                .query((row, _) -> Happening.moment(
                        Lane.FILES,
                        instant(row, "received_at"),
                        "received",
                        row.getString("name"),
                        row.getString("kind") + ", " + row.getLong("size") + " bytes",
                        new Thing("file", row.getString("id"))))
                .list()
                .stream());
    }

    /** What else was told of the asset. Index: {@code event_log_subject}. */
    Found record(Window window) {
        return window.found(told(
                        window,
                        List.of(),
                        List.of("command.", "certificate.", "twin.", "file.", "asset-token.", "asset.restarted"))
                .stream()
                .map(each -> Happening.moment(
                        Lane.RECORD, each.at(), each.word(), each.type().replace('.', ' '), each.said(), null)));
    }

    private record Told(Instant at, String type, JsonNode data) {
        String word() {
            return type.substring(type.lastIndexOf('.') + 1);
        }

        /** What of the entry tells why, for a person. */
        String said() {
            String reason = data.path("reason").asString("");
            if (!reason.isEmpty()) {
                return cut(reason);
            }
            JsonNode fields = data.path("fields");
            if (fields.isArray() && !fields.isEmpty()) {
                List<String> names = new ArrayList<>();
                fields.forEach(field -> names.add(field.asString("")));
                return cut(String.join(", ", names));
            }
            String by = data.path("by").asString("");
            return by.isEmpty() ? "" : "by " + by;
        }
    }

    /** @param types beginnings of their types, all when empty; without those that begin with one of the others */
    private List<Told> told(Window window, List<String> types, List<String> without) {
        return jdbc.sql("""
                        select at, type, data from event_log
                        where subject = 'asset/' || :asset and at >= :from and at < :to
                          and (cardinality(:types::text[]) = 0 or type like any(:types::text[]))
                          and not type like any(:without::text[])
                        order by at desc, position desc limit :limit""")
                .params(window.parameters())
                .param("types", types.stream().map(type -> type + "%").toArray(String[]::new))
                .param("without", without.stream().map(type -> type + "%").toArray(String[]::new))
                .query((row, _) ->
                        new Told(instant(row, "at"), row.getString("type"), JSON.readTree(row.getString("data"))))
                .list();
    }

    private static String joined(String one, String other) {
        return one.isEmpty() || other.isEmpty() ? one + other : one + "; " + other;
    }

    private static String firstLine(String text) {
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end);
    }

    static String cut(@Nullable String text) {
        if (text == null) {
            return "";
        }
        return text.length() <= MAX_REASON ? text : text.substring(0, MAX_REASON) + "…";
    }

    private static OffsetDateTime utc(Instant at) {
        return at.atOffset(ZoneOffset.UTC);
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static @Nullable Instant instantOrNull(ResultSet row, String column) throws SQLException {
        OffsetDateTime at = row.getObject(column, OffsetDateTime.class);
        return at == null ? null : at.toInstant();
    }

    private static @Nullable Instant instantOrNull(ResultSet row, int column) throws SQLException {
        OffsetDateTime at = row.getObject(column, OffsetDateTime.class);
        return at == null ? null : at.toInstant();
    }
}

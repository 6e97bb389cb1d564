package dev.muster.alert.notify;

import dev.muster.alert.match.Matcher;
import dev.muster.alert.route.Silence;
import dev.muster.alert.state.Alert;
import dev.muster.alert.state.AlertStore;
import dev.muster.audit.AuditLog;
import dev.muster.identity.Actor;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.event.EventLog;
import dev.muster.platform.id.Ids;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Keeps silences. Table {@code alert_silence}. */
@Component
public class Silences {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int MOST = 2_000;
    private static final int MAX_TEXT = 1_000;
    private static final Duration LONGEST = Duration.ofDays(366);
    private static final Duration KEPT = Duration.ofDays(5);
    private static final int ALL_OPEN = 100_000;

    private final JdbcClient jdbc;
    private final AlertStore alerts;
    private final AuditLog audit;
    private final EventLog events;
    private final Ids ids;
    private final Clock clock;
    private final TransactionTemplate transaction;

    Silences(
            JdbcClient jdbc,
            AlertStore alerts,
            AuditLog audit,
            EventLog events,
            Ids ids,
            Clock clock,
            PlatformTransactionManager transactions) {
        this.jdbc = jdbc;
        this.alerts = alerts;
        this.audit = audit;
        this.events = events;
        this.ids = ids;
        this.clock = clock;
        this.transaction = new TransactionTemplate(transactions);
    }

    /** What somebody asks for. @param id of the one that it takes the place of; null or empty for a new one */
    public record Wanted(
            @Nullable String id,
            List<Matcher> matchers,
            @Nullable Instant startsAt,
            @Nullable Instant endsAt,
            String createdBy,
            String comment) {}

    /** As Alertmanager does it: one that has begun and is changed otherwise than in its end is ended, and a new one made. */
    public Silence set(Actor actor, Wanted wanted) {
        Instant now = now();
        Instant starts = wanted.startsAt() == null || wanted.startsAt().isBefore(now) ? now : wanted.startsAt();
        Instant ends = wanted.endsAt() == null ? null : wanted.endsAt().truncatedTo(ChronoUnit.MILLIS);
        if (wanted.matchers().isEmpty() || wanted.matchers().stream().allMatch(matcher -> matcher.matches(Map.of()))) {
            throw invalid("a silence needs a matcher that does not match everything, such as alertname=\"Hot\"");
        }
        if (ends == null || !ends.isAfter(starts) || ends.isAfter(now.plus(LONGEST))) {
            throw invalid("a silence ends after it begins (" + starts + ") and within " + LONGEST.toDays()
                    + " days, found " + (ends == null ? "no end" : ends));
        }
        if (wanted.comment().isBlank()
                || wanted.comment().length() > MAX_TEXT
                || wanted.createdBy().length() > MAX_TEXT) {
            throw invalid("a silence needs a comment, of at most " + MAX_TEXT + " characters: others have to know why");
        }
        return java.util.Objects.requireNonNull(transaction.execute(status -> {
            Optional<Silence> old = wanted.id() == null || wanted.id().isEmpty() ? Optional.empty() : find(wanted.id());
            if (old.isEmpty() && wanted.id() != null && !wanted.id().isEmpty()) {
                throw notFound();
            }
            boolean same = old.isPresent()
                    && !old.get().state(now).equals("expired")
                    && old.get().matchers().equals(wanted.matchers());
            if (old.isEmpty() && count(now) >= MOST) {
                throw new Refusal(ErrorCode.REFUSED, "there are " + MOST + " silences, which is the most; expire one");
            }
            if (old.isPresent() && !same) {
                end(old.get(), now);
            }
            Silence silence = new Silence(
                    same ? old.get().id() : ids.next(),
                    wanted.matchers(),
                    same && old.get().isActive(now) ? old.get().startsAt() : starts,
                    ends,
                    wanted.createdBy().isBlank() ? actor.id() : wanted.createdBy(),
                    wanted.comment(),
                    now);
            save(silence);
            record(actor, same ? "update" : "create", old.filter(_ -> same).orElse(null), silence);
            return silence;
        }));
    }

    public void expire(Actor actor, String id) {
        transaction.executeWithoutResult(status -> {
            Silence silence = find(id).orElseThrow(Silences::notFound);
            Instant now = now();
            if (!silence.state(now).equals("expired")) {
                end(silence, now);
                record(actor, "expire", silence, null);
            }
        });
    }

    /** The alerts that are open and that the matchers would hide. */
    public List<Alert> preview(List<Matcher> matchers) {
        return alerts.open(ALL_OPEN).stream()
                .filter(alert -> Matcher.all(matchers, alert.labels()))
                .toList();
    }

    public Optional<Silence> find(String id) {
        return jdbc.sql("select * from alert_silence where id = :id")
                .param("id", id)
                .query(Silences::read)
                .optional();
    }

    /** All that are not long over, the newest first. */
    public List<Silence> all() {
        return jdbc.sql("select * from alert_silence where ends_at > :since order by id desc limit :limit")
                .param("since", now().minus(KEPT).atOffset(ZoneOffset.UTC))
                .param("limit", 2 * MOST)
                .query(Silences::read)
                .list();
    }

    List<Silence> active(Instant now) {
        return jdbc.sql("select * from alert_silence where starts_at <= :now and ends_at > :now")
                .param("now", now.atOffset(ZoneOffset.UTC))
                .query(Silences::read)
                .list();
    }

    void forget(Instant before) {
        jdbc.sql("delete from alert_silence where ends_at < :before")
                .param("before", before.atOffset(ZoneOffset.UTC))
                .update();
    }

    private void end(Silence silence, Instant now) {
        Instant starts = silence.startsAt().isAfter(now) ? now : silence.startsAt();
        save(new Silence(silence.id(), silence.matchers(), starts, now, silence.createdBy(), silence.comment(), now));
    }

    private long count(Instant now) {
        return jdbc.sql("select count(*) from alert_silence where ends_at > :now")
                .param("now", now.atOffset(ZoneOffset.UTC))
                .query(Long.class)
                .single();
    }

    private void save(Silence silence) {
        jdbc.sql("""
                        insert into alert_silence (id, matchers, starts_at, ends_at, created_by, comment, updated)
                        values (:id, :matchers::jsonb, :starts, :ends, :by, :comment, :updated)
                        on conflict (id) do update set starts_at = excluded.starts_at, ends_at = excluded.ends_at,
                            created_by = excluded.created_by, comment = excluded.comment, updated = excluded.updated""")
                .param("id", silence.id())
                .param(
                        "matchers",
                        JSON.writeValueAsString(
                                silence.matchers().stream().map(Silences::view).toList()))
                .param("starts", silence.startsAt().atOffset(ZoneOffset.UTC))
                .param("ends", silence.endsAt().atOffset(ZoneOffset.UTC))
                .param("by", silence.createdBy())
                .param("comment", silence.comment())
                .param("updated", silence.updated().atOffset(ZoneOffset.UTC))
                .update();
    }

    private void record(Actor actor, String verb, @Nullable Silence before, @Nullable Silence after) {
        String id = after != null
                ? after.id()
                : java.util.Objects.requireNonNull(before).id();
        audit.record(actor, "silence." + verb, "silence", id, shown(before), shown(after));
        events.append("silence." + verb + "d", "silence/" + id, Map.of("id", id));
    }

    private static @Nullable Map<String, Object> shown(@Nullable Silence silence) {
        return silence == null
                ? null
                : Map.of(
                        "matchers",
                                silence.matchers().stream()
                                        .map(Matcher::toString)
                                        .toList(),
                        "startsAt", silence.startsAt(),
                        "endsAt", silence.endsAt(),
                        "comment", silence.comment());
    }

    /** In Alertmanager's form. */
    public static Map<String, Object> view(Matcher matcher) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("name", matcher.name());
        view.put("value", matcher.value());
        view.put("isRegex", matcher.isRegex());
        view.put("isEqual", matcher.isEqual());
        return view;
    }

    private static Silence read(ResultSet row, int number) throws SQLException {
        return new Silence(
                row.getString("id"),
                JSON.readTree(row.getString("matchers"))
                        .valueStream()
                        .map(Silences::matcher)
                        .toList(),
                row.getObject("starts_at", OffsetDateTime.class).toInstant(),
                row.getObject("ends_at", OffsetDateTime.class).toInstant(),
                row.getString("created_by"),
                row.getString("comment"),
                row.getObject("updated", OffsetDateTime.class).toInstant());
    }

    public static Matcher matcher(JsonNode node) {
        return Matcher.of(
                node.path("name").asString(""),
                node.path("value").asString(""),
                node.path("isRegex").asBoolean(false),
                node.path("isEqual").asBoolean(true));
    }

    private static Refusal notFound() {
        return new Refusal(ErrorCode.NOT_FOUND, "there is no silence of that id; GET /api/v1/silences lists them");
    }

    private static Refusal invalid(String message) {
        return new Refusal(ErrorCode.INVALID, message);
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}

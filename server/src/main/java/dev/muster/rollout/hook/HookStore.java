package dev.muster.rollout.hook;

import dev.muster.identity.Scope;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** The tables {@code release_hook} and {@code release_hook_delivery}. */
@Component
class HookStore {
    /** Longer than any message is believed, so that none can be done twice. */
    static final Duration KEPT = Duration.ofDays(7);
    /** After which a delivery that broke off, because the server was killed, may be taken up again. */
    static final Duration BROKEN_OFF = Duration.ofMinutes(15);

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String COLUMNS = "id, name, format, component, repository, tag_prefix, rollout_name,"
            + " rollout::text as rollout, starts, scope, created_at, created_by";

    private final JdbcClient jdbc;

    HookStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** A delivery and what it came to. */
    record Delivery(String id, Instant received, String tag, String outcome, String rollout, String detail) {}

    /** @return false when the name is taken */
    boolean add(Hook hook) {
        return jdbc.sql("""
                        insert into release_hook (id, name, format, component, repository, tag_prefix, rollout_name, rollout,
                                                  starts, scope, created_at, created_by)
                        values (:id, :name, :format, :component, :repository, :prefix, :rolloutName, :rollout::jsonb,
                                :starts, :scope, :now, :by)
                        on conflict (name) do nothing
                        """)
                        .param("id", hook.id())
                        .param("name", hook.name())
                        .param("format", hook.format().wire())
                        .param("component", hook.component())
                        .param("repository", hook.repository())
                        .param("prefix", hook.tagPrefix())
                        .param("rolloutName", hook.template().name())
                        .param("rollout", hook.template().spec().toString())
                        .param("starts", hook.starts())
                        .param("scope", hook.scope().selector(), Types.VARCHAR)
                        .param("now", hook.createdAt().atOffset(ZoneOffset.UTC))
                        .param("by", hook.createdBy())
                        .update()
                == 1;
    }

    Optional<Hook> find(String name) {
        return jdbc.sql("select " + COLUMNS + " from release_hook where name = :name")
                .param("name", name)
                .query((row, number) -> hook(row))
                .optional();
    }

    List<Hook> page(@Nullable String after, int limit) {
        return jdbc.sql("select " + COLUMNS
                        + " from release_hook where :after::text is null or name > :after order by name limit :limit")
                .param("after", after, Types.VARCHAR)
                .param("limit", limit)
                .query((row, number) -> hook(row))
                .list();
    }

    boolean delete(String id) {
        return jdbc.sql("delete from release_hook where id = :id")
                        .param("id", id)
                        .update()
                == 1;
    }

    int count() {
        return jdbc.sql("select count(*) from release_hook")
                .query(Integer.class)
                .single();
    }

    /**
     * Takes a delivery to be done, in the caller's transaction.
     *
     * @return empty when it was taken; else what became of it before, or becomes of it now
     */
    Optional<Delivery> claim(String hook, Message.Push push, Instant now) {
        jdbc.sql("delete from release_hook_delivery where hook = :hook and received < :before")
                .param("hook", hook)
                .param("before", now.minus(KEPT).atOffset(ZoneOffset.UTC))
                .update();
        int added = jdbc.sql("""
                        insert into release_hook_delivery (hook, delivery, content_hash, received, tag, outcome, rollout, detail)
                        values (:hook, :delivery, :hash, :now, :tag, 'running', '', '') on conflict do nothing
                        """)
                .param("hook", hook)
                .param("delivery", push.delivery())
                .param("hash", push.contentHash())
                .param("now", now.atOffset(ZoneOffset.UTC))
                .param("tag", push.tag())
                .update();
        if (added == 1) {
            return Optional.empty();
        }
        Delivery known = jdbc.sql("""
                        select delivery, received, tag, outcome, rollout, detail from release_hook_delivery
                        where hook = :hook and (delivery = :delivery or content_hash = :hash)
                        order by content_hash = :hash desc limit 1 for update
                        """)
                .param("hook", hook)
                .param("delivery", push.delivery())
                .param("hash", push.contentHash())
                .query((row, number) -> delivery(row))
                .single();
        boolean again = known.tag().equals(push.tag())
                && (known.outcome().equals("refused")
                        || known.outcome().equals("running") && known.received().isBefore(now.minus(BROKEN_OFF)));
        if (!again) {
            return Optional.of(known);
        }
        finish(hook, known.id(), "running", "", "", now);
        return Optional.empty();
    }

    /** @param delivery as it was first named */
    void finish(String hook, String delivery, String outcome, String rollout, String detail, Instant now) {
        jdbc.sql("""
                        update release_hook_delivery
                        set outcome = :outcome, rollout = :rollout, detail = :detail, received = :now
                        where hook = :hook and delivery = :delivery
                        """)
                .param("outcome", outcome)
                .param("rollout", rollout)
                .param("detail", detail)
                .param("now", now.atOffset(ZoneOffset.UTC))
                .param("hook", hook)
                .param("delivery", delivery)
                .update();
    }

    /** The name under which a content came first. */
    Optional<String> firstNamed(String hook, String contentHash) {
        return jdbc.sql("select delivery from release_hook_delivery where hook = :hook and content_hash = :hash")
                .param("hook", hook)
                .param("hash", contentHash)
                .query(String.class)
                .optional();
    }

    /** The newest first. */
    List<Delivery> deliveries(String hook, int limit) {
        return jdbc.sql("""
                        select delivery, received, tag, outcome, rollout, detail from release_hook_delivery
                        where hook = :hook order by received desc, delivery limit :limit
                        """)
                .param("hook", hook)
                .param("limit", limit)
                .query((row, number) -> delivery(row))
                .list();
    }

    private static Delivery delivery(ResultSet row) throws SQLException {
        return new Delivery(
                row.getString("delivery"),
                row.getObject("received", OffsetDateTime.class).toInstant(),
                row.getString("tag"),
                row.getString("outcome"),
                row.getString("rollout"),
                row.getString("detail"));
    }

    private static Hook hook(ResultSet row) throws SQLException {
        return new Hook(
                row.getString("id"),
                row.getString("name"),
                HookFormat.of(row.getString("format")).orElseThrow(),
                row.getString("component"),
                row.getString("repository"),
                row.getString("tag_prefix"),
                new Hook.Template(row.getString("rollout_name"), JSON.readTree(row.getString("rollout"))),
                row.getBoolean("starts"),
                new Scope(row.getString("scope")),
                row.getObject("created_at", OffsetDateTime.class).toInstant(),
                row.getString("created_by"));
    }
}

package dev.muster.alert.notify;

import dev.muster.alert.notify.Notification.State;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** The table {@code alert_notification}. */
@Component
class Outbox {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final JdbcClient jdbc;

    Outbox(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** The same one again changes nothing. */
    void add(Notification notification) {
        jdbc.sql("""
                        insert into alert_notification (id, receiver, recipient, channel, content, fingerprints, state, attempts, due,
                            created, error)
                        values (:id, :receiver, :recipient, :channel::jsonb, :content::jsonb, :fingerprints, 'waiting', 0, :due,
                            :created, '')
                        on conflict (id) do nothing""")
                .param("id", notification.id())
                .param("receiver", notification.receiver())
                .param("recipient", notification.recipient())
                .param("channel", JSON.writeValueAsString(notification.channel().stored()))
                .param("content", JSON.writeValueAsString(notification.content()))
                .param("fingerprints", notification.fingerprints().toArray(String[]::new))
                .param("due", utc(notification.due()))
                .param("created", utc(notification.created()))
                .update();
    }

    /** The oldest first; index {@code alert_notification_due}. */
    List<Notification> due(Instant now, int limit) {
        return jdbc.sql(
                        "select * from alert_notification where state = 'waiting' and due <= :now order by due, id limit :limit")
                .param("now", utc(now))
                .param("limit", limit)
                .query(Outbox::read)
                .list();
    }

    void save(Notification notification) {
        jdbc.sql("""
                        update alert_notification set state = :state, attempts = :attempts, due = :due, finished = :finished,
                            error = :error
                        where id = :id and state = 'waiting'""")
                .param("state", notification.state().wire())
                .param("attempts", notification.attempts())
                .param("due", utc(notification.due()))
                .param(
                        "finished",
                        notification.finished() == null ? null : utc(notification.finished()),
                        Types.TIMESTAMP_WITH_TIMEZONE)
                .param("error", notification.error())
                .param("id", notification.id())
                .update();
    }

    Optional<Notification> find(String id) {
        return jdbc.sql("select * from alert_notification where id = :id")
                .param("id", id)
                .query(Outbox::read)
                .optional();
    }

    /** The newest first. @param before created and id of the last of the page before */
    List<Notification> page(
            @Nullable String fingerprint,
            @Nullable String receiver,
            @Nullable Instant before,
            @Nullable String beforeId,
            int limit) {
        return jdbc.sql("""
                        select * from alert_notification
                        where (cast(:fingerprint as text) is null or fingerprints @> array[cast(:fingerprint as text)])
                          and (cast(:receiver as text) is null or receiver = :receiver or recipient = :receiver)
                          and (cast(:before as timestamptz) is null or (created, id) < (:before, :beforeId))
                        order by created desc, id desc limit :limit""")
                .param("fingerprint", fingerprint, Types.VARCHAR)
                .param("receiver", receiver, Types.VARCHAR)
                .param("before", before == null ? null : utc(before), Types.TIMESTAMP_WITH_TIMEZONE)
                .param("beforeId", beforeId, Types.VARCHAR)
                .param("limit", limit)
                .query(Outbox::read)
                .list();
    }

    void forget(Instant before) {
        jdbc.sql("delete from alert_notification where state <> 'waiting' and created < :before")
                .param("before", utc(before))
                .update();
    }

    private static Notification read(ResultSet row, int number) throws SQLException {
        OffsetDateTime finished = row.getObject("finished", OffsetDateTime.class);
        return new Notification(
                row.getString("id"),
                row.getString("receiver"),
                row.getString("recipient"),
                Channel.of(JSON.readTree(row.getString("channel"))),
                JSON.readValue(row.getString("content"), Content.class),
                Arrays.asList((String[]) row.getArray("fingerprints").getArray()),
                State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
                row.getInt("attempts"),
                row.getObject("due", OffsetDateTime.class).toInstant(),
                row.getObject("created", OffsetDateTime.class).toInstant(),
                finished == null ? null : finished.toInstant(),
                row.getString("error"));
    }

    private static OffsetDateTime utc(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}

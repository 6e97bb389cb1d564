package dev.muster.audit;

import dev.muster.identity.Actor;
import dev.muster.identity.ScopeFilter;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import dev.muster.protocol.AssetId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads the audit trail, newest first; an actor with a narrower scope sees its own actions and those on assets in scope. */
@Component
public class AuditTrail {
    /** Entries looked at for one page of a narrower scope; such a page may be short or empty and still have a next one. */
    static final int MAX_LOOKED_AT = 5_000;

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final JdbcClient jdbc;
    private final ScopeFilter scopes;

    AuditTrail(JdbcClient jdbc, ScopeFilter scopes) {
        this.jdbc = jdbc;
        this.scopes = scopes;
    }

    public Page<AuditEntry> find(Actor actor, AuditQuery query, PageRequest request) {
        Key after = Optional.ofNullable(request.after()).map(Key::parse).orElse(null);
        return actor.scope().isAll()
                ? Page.of(
                        read(query, after, request.fetch()),
                        request,
                        entry -> Key.of(entry).text())
                : narrowed(actor, query, after, request);
    }

    private Page<AuditEntry> narrowed(Actor actor, AuditQuery query, @Nullable Key after, PageRequest request) {
        List<AuditEntry> seen = new ArrayList<>();
        Key last = after;
        for (int lookedAt = 0; lookedAt < MAX_LOOKED_AT; lookedAt += PageRequest.MAX_LIMIT) {
            List<AuditEntry> batch = read(query, last, PageRequest.MAX_LIMIT);
            Set<AssetId> visible = scopes.visible(actor.scope(), assets(batch));
            for (AuditEntry entry : batch) {
                if (seen.size() == request.limit()) {
                    return page(seen, last);
                }
                if (isOwn(actor, entry)
                        || asset(entry).filter(visible::contains).isPresent()) {
                    seen.add(entry);
                }
                last = Key.of(entry);
            }
            if (batch.size() < PageRequest.MAX_LIMIT) {
                return new Page<>(seen, null);
            }
        }
        return page(seen, last);
    }

    private static Page<AuditEntry> page(List<AuditEntry> seen, @Nullable Key last) {
        return last == null ? new Page<>(seen, null) : Page.upTo(seen, last.text());
    }

    private static boolean isOwn(Actor actor, AuditEntry entry) {
        return entry.actor().equals(actor.id())
                && entry.actorKind().equals(actor.kind().wire());
    }

    private static Set<AssetId> assets(List<AuditEntry> entries) {
        return entries.stream().flatMap(entry -> asset(entry).stream()).collect(Collectors.toSet());
    }

    private static Optional<AssetId> asset(AuditEntry entry) {
        return entry.objectKind().equals("asset") ? AssetId.parse(entry.objectName()) : Optional.empty();
    }

    private List<AuditEntry> read(AuditQuery query, @Nullable Key after, int limit) {
        List<String> conditions = new ArrayList<>(List.of("true"));
        Map<String, Object> values = new HashMap<>();
        equal("actor", query.actor(), conditions, values);
        equal("object_kind", query.objectKind(), conditions, values);
        equal("object_name", query.objectName(), conditions, values);
        equal("action", query.action(), conditions, values);
        Optional.ofNullable(query.from()).ifPresent(from -> {
            conditions.add("at >= :from");
            values.put("from", from.atOffset(ZoneOffset.UTC));
        });
        Optional.ofNullable(query.to()).ifPresent(to -> {
            conditions.add("at < :to");
            values.put("to", to.atOffset(ZoneOffset.UTC));
        });
        if (after != null) {
            conditions.add("(at, id) < (:afterAt, :afterId)");
            values.put("afterAt", after.at().atOffset(ZoneOffset.UTC));
            values.put("afterId", after.id());
        }
        // Conditions are constants; every value is a parameter. Indexes: audit_entry_newest, _object, _actor.
        return jdbc.sql("select * from audit_entry where " + String.join(" and ", conditions)
                        + " order by at desc, id desc limit :limit")
                .params(values)
                .param("limit", limit, Types.INTEGER)
                .query(AuditTrail::entry)
                .list();
    }

    private static void equal(
            String column, @Nullable String value, List<String> conditions, Map<String, Object> values) {
        if (value != null) {
            conditions.add(column + " = :" + column);
            values.put(column, value);
        }
    }

    private static AuditEntry entry(ResultSet row, int n) throws SQLException {
        return new AuditEntry(
                row.getLong("id"),
                row.getObject("at", OffsetDateTime.class).toInstant(),
                row.getString("actor"),
                row.getString("actor_kind"),
                row.getString("action"),
                row.getString("object_kind"),
                row.getString("object_name"),
                json(row.getString("before")),
                json(row.getString("after")),
                row.getString("request_id"),
                row.getString("remote_address"));
    }

    private static @Nullable JsonNode json(@Nullable String text) {
        return text == null ? null : JSON.readTree(text);
    }

    /** Where a page ends: time, then id among entries of the same microsecond. */
    private record Key(Instant at, long id) {
        static Key of(AuditEntry entry) {
            return new Key(entry.at(), entry.id());
        }

        String text() {
            return ChronoUnit.MICROS.between(Instant.EPOCH, at) + ":" + id;
        }

        static Key parse(String text) {
            try {
                int colon = text.indexOf(':');
                return new Key(
                        Instant.EPOCH.plus(Long.parseLong(text.substring(0, Math.max(colon, 0))), ChronoUnit.MICROS),
                        Long.parseLong(text.substring(colon + 1)));
            } catch (NumberFormatException e) {
                throw new Refusal(
                        ErrorCode.INVALID, "continue is not a token of the audit trail; ask again without it");
            }
        }
    }
}

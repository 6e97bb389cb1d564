package dev.muster.slo;

import java.sql.ResultSet;
import java.sql.SQLException;
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

/** The tables {@code slo_object} and {@code slo_burn}. */
@Component
class SloStore {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String COLUMNS = "kind, name, document, managers, created, updated, resource_version";

    private final JdbcClient jdbc;

    SloStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** @param document metadata and spec */
    record Stored(
            String kind,
            String name,
            JsonNode document,
            Map<String, String> managers,
            Instant created,
            Instant updated,
            long resourceVersion) {}

    Optional<Stored> find(String kind, String name) {
        return jdbc.sql("select " + COLUMNS + " from slo_object where kind = :kind and name = :name")
                .param("kind", kind)
                .param("name", name)
                .query(SloStore::stored)
                .optional();
    }

    List<Stored> page(String kind, @Nullable String after, int limit) {
        return jdbc.sql("select " + COLUMNS
                        + " from slo_object where kind = :kind and name > :after order by name limit :limit")
                .param("kind", kind)
                .param("after", after == null ? "" : after)
                .param("limit", limit)
                .query(SloStore::stored)
                .list();
    }

    int count(String kind) {
        return jdbc.sql("select count(*) from slo_object where kind = :kind")
                .param("kind", kind)
                .query(Integer.class)
                .single();
    }

    void save(String kind, String name, JsonNode document, Map<String, String> managers, Instant now) {
        jdbc.sql("""
                        insert into slo_object (kind, name, document, managers, created, updated, resource_version)
                        values (:kind, :name, :document::json, :managers::jsonb, :now, :now, nextval('resource_version'))
                        on conflict (kind, name) do update set document = excluded.document, managers = excluded.managers,
                            updated = excluded.updated, resource_version = excluded.resource_version""")
                .param("kind", kind)
                .param("name", name)
                .param("document", JSON.writeValueAsString(document))
                .param("managers", JSON.writeValueAsString(managers))
                .param("now", time(now))
                .update();
    }

    void delete(String kind, String name) {
        jdbc.sql("delete from slo_object where kind = :kind and name = :name")
                .param("kind", kind)
                .param("name", name)
                .update();
    }

    // --- budgets that burn

    /** @param ended null while it goes on */
    /** @param service and what follows: under which it was told of */
    record Burn(
            String slo,
            String alert,
            String service,
            SliScope scope,
            String severity,
            Instant began,
            @Nullable Instant ended,
            double burn,
            double peak,
            String why) {}

    List<Burn> open() {
        return jdbc.sql("select * from slo_burn where ended is null order by slo, alert")
                .query(SloStore::burn)
                .list();
    }

    List<Burn> burns(String slo, Instant from, Instant to, int limit) {
        return jdbc.sql("""
                        select * from slo_burn where slo = :slo and began < :to and (ended is null or ended > :from)
                        order by began desc limit :limit""")
                .param("slo", slo)
                .param("from", time(from))
                .param("to", time(to))
                .param("limit", limit)
                .query(SloStore::burn)
                .list();
    }

    void begin(Burning burning) {
        jdbc.sql("""
                        insert into slo_burn (slo, alert, service, scope, severity, began, burn, peak, why)
                        values (:slo, :alert, :service, :scope, :severity, :began, :burn, :burn, :why)""")
                .param("slo", burning.slo())
                .param("alert", burning.alert())
                .param("service", burning.service())
                .param("scope", burning.scope().wire())
                .param("severity", burning.severity())
                .param("began", time(burning.since()))
                .param("burn", burning.burnRate())
                .param("why", burning.why())
                .update();
    }

    void goOn(String slo, String alert, double burn, String why) {
        jdbc.sql("""
                        update slo_burn set burn = :burn, peak = greatest(peak, :burn), why = :why
                        where slo = :slo and alert = :alert and ended is null""")
                .param("slo", slo)
                .param("alert", alert)
                .param("burn", burn)
                .param("why", why)
                .update();
    }

    void end(String slo, String alert, Instant now) {
        jdbc.sql("update slo_burn set ended = :now where slo = :slo and alert = :alert and ended is null")
                .param("slo", slo)
                .param("alert", alert)
                .param("now", time(now))
                .update();
    }

    private static Burn burn(ResultSet row, int number) throws SQLException {
        OffsetDateTime ended = row.getObject("ended", OffsetDateTime.class);
        return new Burn(
                row.getString("slo"),
                row.getString("alert"),
                row.getString("service"),
                SliScope.parse(row.getString("scope")).orElse(SliScope.FLEET),
                row.getString("severity"),
                row.getObject("began", OffsetDateTime.class).toInstant(),
                ended == null ? null : ended.toInstant(),
                row.getDouble("burn"),
                row.getDouble("peak"),
                row.getString("why"));
    }

    private static Stored stored(ResultSet row, int number) throws SQLException {
        return new Stored(
                row.getString("kind"),
                row.getString("name"),
                JSON.readTree(row.getString("document")),
                JSON.readValue(row.getString("managers"), new TypeReference<Map<String, String>>() {}),
                row.getObject("created", OffsetDateTime.class).toInstant(),
                row.getObject("updated", OffsetDateTime.class).toInstant(),
                row.getLong("resource_version"));
    }

    private static OffsetDateTime time(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}

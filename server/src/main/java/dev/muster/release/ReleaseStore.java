package dev.muster.release;

import dev.muster.protocol.tuf.TargetFile;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The tables {@code release} and {@code release_file}. */
@Component
class ReleaseStore {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final TypeReference<Map<String, String>> TEXTS = new TypeReference<>() {};
    private static final String COLUMNS = "number, component, version, components::text as components, status,"
            + " status_since, status_by, status_reason, published_at, published_by, pruned_at";

    private final JdbcClient jdbc;

    ReleaseStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    Optional<Release> find(ReleaseName name) {
        return jdbc.sql("select " + COLUMNS + " from release where component = :component and version = :version")
                .param("component", name.component())
                .param("version", name.version())
                .query((row, number) -> bare(row))
                .optional()
                .map(found -> withFiles(List.of(found)).getFirst());
    }

    /** The newest publication first. */
    List<Release> versions(String component, int limit) {
        return withFiles(jdbc.sql("select " + COLUMNS
                        + " from release where component = :component order by number desc limit :limit")
                .param("component", component)
                .param("limit", limit)
                .query((row, number) -> bare(row))
                .list());
    }

    /** The newest publication first; by the index of the key {@code number}. */
    List<Release> page(@Nullable Long before, String component, String status, int limit) {
        return withFiles(jdbc.sql("select " + COLUMNS + """
                         from release
                        where (:before::bigint is null or number < :before)
                          and (:component = '' or component = :component) and (:status = '' or status = :status)
                        order by number desc limit :limit
                        """)
                .param("before", before, Types.BIGINT)
                .param("component", component)
                .param("status", status)
                .param("limit", limit)
                .query((row, number) -> bare(row))
                .list());
    }

    /** @return its number */
    long add(ReleaseName name, Map<String, String> components, Collection<TargetFile> files, Instant now, String by) {
        long number = jdbc.sql("""
                        insert into release (component, version, components, status, status_since, status_by, status_reason,
                                             published_at, published_by)
                        values (:component, :version, :components::jsonb, 'published', :now, :by, '', :now, :by)
                        returning number
                        """)
                .param("component", name.component())
                .param("version", name.version())
                .param("components", JSON.writeValueAsString(components))
                .param("now", now.atOffset(ZoneOffset.UTC))
                .param("by", by)
                .query(Long.class)
                .single();
        for (TargetFile file : files) {
            jdbc.sql("""
                            insert into release_file (path, release, kind, sha256, size, hardware, compatibility)
                            values (:path, :release, :kind, :sha256, :size, :hardware, :compatibility)
                            """)
                    .param("path", file.path())
                    .param("release", number)
                    .param("kind", file.custom().kind().wire())
                    .param("sha256", file.sha256())
                    .param("size", file.length())
                    .param("hardware", file.custom().hardware().toArray(String[]::new))
                    .param("compatibility", file.custom().compatibility())
                    .update();
        }
        return number;
    }

    /** Until the end of the transaction. */
    void lock(Collection<Long> numbers) {
        jdbc.sql("select number from release where number = any(:numbers) order by number for update")
                .param("numbers", numbers.toArray(Long[]::new))
                .query(Long.class)
                .list();
    }

    void lockShared(ReleaseName name) {
        jdbc.sql("select number from release where component = :component and version = :version for share")
                .param("component", name.component())
                .param("version", name.version())
                .query(Long.class)
                .list();
    }

    void setStatus(ReleaseName name, String status, Instant now, String by, String reason) {
        jdbc.sql("""
                        update release set status = :status, status_since = :now, status_by = :by, status_reason = :reason
                        where component = :component and version = :version
                        """)
                .param("status", status)
                .param("now", now.atOffset(ZoneOffset.UTC))
                .param("by", by)
                .param("reason", reason)
                .param("component", name.component())
                .param("version", name.version())
                .update();
    }

    void setPruned(ReleaseName name, Instant now) {
        jdbc.sql("update release set pruned_at = :now where component = :component and version = :version")
                .param("now", now.atOffset(ZoneOffset.UTC))
                .param("component", name.component())
                .param("version", name.version())
                .update();
    }

    /** Those of the hashes that a release names which is kept; by the index on {@code sha256}. */
    Set<String> referenced(Collection<String> hashes) {
        return new HashSet<>(jdbc.sql("""
                        select distinct sha256 from release_file join release on release = number
                        where sha256 = any(:hashes) and pruned_at is null
                        """)
                .param("hashes", hashes.toArray(String[]::new))
                .query(String.class)
                .list());
    }

    /** What every release that names it is: empty when none does. */
    Set<String> statusesOf(String sha256) {
        return new HashSet<>(jdbc.sql(
                        "select distinct status from release_file join release on release = number where sha256 = :hash")
                .param("hash", sha256)
                .query(String.class)
                .list());
    }

    private List<Release> withFiles(List<Release> bare) {
        Map<Long, List<TargetFile>> files =
                files(bare.stream().map(Release::number).toList());
        return bare.stream()
                .map(release -> new Release(
                        release.name(),
                        release.number(),
                        release.state(),
                        files.getOrDefault(release.number(), List.of()),
                        release.components(),
                        release.publishedAt(),
                        release.publishedBy(),
                        release.prunedAt()))
                .toList();
    }

    private Map<Long, List<TargetFile>> files(Collection<Long> releases) {
        Map<Long, List<TargetFile>> found = new HashMap<>();
        if (releases.isEmpty()) {
            return found;
        }
        jdbc.sql("""
                        select release, path, kind, sha256, size, hardware, compatibility, component, version,
                               case kind when 'set' then components::text else '{}' end as components
                        from release_file join release on release = number
                        where release = any(:releases) order by path
                        """)
                .param("releases", releases.toArray(Long[]::new))
                .query((row, number) -> found.computeIfAbsent(row.getLong("release"), key -> new ArrayList<>())
                        .add(file(row)))
                .list();
        return found;
    }

    private static TargetFile file(ResultSet row) throws SQLException {
        Array hardware = row.getArray("hardware");
        return new TargetFile(
                row.getString("path"),
                row.getLong("size"),
                row.getString("sha256"),
                new TargetFile.Custom(
                        TargetFile.Kind.valueOf(row.getString("kind").toUpperCase(Locale.ROOT)),
                        row.getString("component"),
                        row.getString("version"),
                        List.of((String[]) hardware.getArray()),
                        row.getString("compatibility"),
                        JSON.readValue(row.getString("components"), TEXTS)));
    }

    private static Release bare(ResultSet row) throws SQLException {
        Instant since = instant(row, "status_since");
        OffsetDateTime pruned = row.getObject("pruned_at", OffsetDateTime.class);
        return new Release(
                new ReleaseName(row.getString("component"), row.getString("version")),
                row.getLong("number"),
                row.getString("status").equals("published")
                        ? new Release.State.Published(since)
                        : new Release.State.Quarantined(
                                since, row.getString("status_by"), row.getString("status_reason")),
                List.of(),
                JSON.readValue(row.getString("components"), TEXTS),
                instant(row, "published_at"),
                row.getString("published_by"),
                pruned == null ? null : pruned.toInstant());
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}

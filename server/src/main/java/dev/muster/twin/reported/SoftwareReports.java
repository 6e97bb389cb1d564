package dev.muster.twin.reported;

import dev.muster.protocol.AssetId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** What the newest reports say of one component, for those who change it; of thousands of assets at once. */
@Component
public class SoftwareReports {
    private final JdbcTemplate template;

    SoftwareReports(JdbcTemplate template) {
        this.template = template;
    }

    /**
     * What an asset says of a component.
     *
     * @param version that runs
     * @param state of its last change, as on the wire; null when it told of none
     * @param attempt of that change
     * @param generation of the desired state that it has worked through
     */
    public record SoftwareReport(
            @Nullable String version,
            @Nullable String state,
            @Nullable String attempt,
            @Nullable String reason,
            @Nullable Integer progress,
            @Nullable String bootId,
            @Nullable Long generation) {}

    /**
     * What an asset is to run.
     *
     * @param generation of its newest desired state
     */
    public record Assigned(String version, @Nullable String attempt, long generation) {}

    /** Assets that never reported are left out. */
    public Map<AssetId, SoftwareReport> of(String component, Collection<AssetId> assets) {
        Map<AssetId, SoftwareReport> found = new HashMap<>();
        template.query(
                """
                select r.asset, r.software ->> ? as version, u.told ->> 'state' as state, u.told ->> 'attempt' as attempt,
                    u.told ->> 'reason' as reason, (u.told ->> 'progress')::integer as progress, r.boot_id, r.generation
                from twin_reported r
                cross join lateral (select r.updates -> ? as told offset 0) u
                where r.asset = any(?)""",
                row -> {
                    found.put(new AssetId(row.getString(1)), read(row));
                },
                component,
                component,
                texts(assets));
        return found;
    }

    /** Assets to which no version of the component is assigned are left out. */
    public Map<AssetId, Assigned> assigned(String component, Collection<AssetId> assets) {
        Map<AssetId, Assigned> found = new HashMap<>();
        if (!assets.isEmpty()) {
            template.query(
                    """
                    select s.asset, s.version, s.attempt, d.generation
                    from twin_software s join twin_desired d on d.asset = s.asset
                    where s.component = ? and s.asset = any(?)""",
                    row -> {
                        found.put(
                                new AssetId(row.getString(1)),
                                new Assigned(row.getString(2), row.getString(3), row.getLong(4)));
                    },
                    component,
                    texts(assets));
        }
        return found;
    }

    /** What an asset runs by its newest report, and in which run of it. */
    public record Running(
            @Nullable String version, @Nullable String bootId) {}

    /** Of reports alone, whatever is desired; assets that never reported are left out. */
    public Map<AssetId, Running> running(String component, Collection<AssetId> assets) {
        Map<AssetId, Running> found = new HashMap<>();
        template.query(
                "select asset, software ->> ?, boot_id from twin_reported where asset = any(?)",
                row -> {
                    found.put(new AssetId(row.getString(1)), new Running(row.getString(2), row.getString(3)));
                },
                component,
                texts(assets));
        return found;
    }

    /** How many assets run a version or ran it before their last change, and one of them. */
    public record Needed(long assets, String example) {}

    /** Those of the versions that assets run, or can go back to by their own word; goes through all reports. */
    public Map<String, Needed> needed(String component, Collection<String> versions) {
        Map<String, Needed> needed = new HashMap<>();
        template.query(
                """
                select version, count(*) as assets, min(asset) as example from (
                    select asset, software ->> ? as version from twin_reported
                    union select asset, updates -> ? ->> 'previous' from twin_reported
                    union select asset, version from twin_software where component = ?) said
                where version = any(?) group by version""",
                row -> {
                    needed.put(row.getString("version"), new Needed(row.getLong("assets"), row.getString("example")));
                },
                component,
                component,
                component,
                versions.toArray(String[]::new));
        return needed;
    }

    /** By the places in the statement of {@link #of}: names would be looked up for each value. */
    private static SoftwareReport read(ResultSet row) throws SQLException {
        int progress = row.getInt(6);
        Integer percent = row.wasNull() ? null : progress;
        long generation = row.getLong(8);
        Long workedThrough = row.wasNull() ? null : generation;
        return new SoftwareReport(
                row.getString(2),
                row.getString(3),
                row.getString(4),
                row.getString(5),
                percent,
                row.getString(7),
                workedThrough);
    }

    private static String[] texts(Collection<AssetId> assets) {
        return assets.stream().map(AssetId::value).toArray(String[]::new);
    }
}

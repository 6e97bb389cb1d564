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

/** What the newest reports say of one configuration, for those who change it; of thousands of assets at once. */
@Component
public class ConfigurationReports {
    private final JdbcTemplate template;

    ConfigurationReports(JdbcTemplate template) {
        this.template = template;
    }

    /**
     * What an asset says of a configuration.
     *
     * @param attempt the order that it has; null when it has none
     * @param revision that it was told with it
     * @param ordered with which generation
     * @param generation that it has worked through
     * @param rejected the generation that it tried and did not keep
     * @param reason of that
     * @param drifted fields of this configuration that it reports otherwise, as far as that can be told
     */
    public record ConfigurationReport(
            @Nullable String attempt,
            @Nullable String revision,
            @Nullable Long ordered,
            @Nullable Long generation,
            @Nullable Long rejected,
            @Nullable String reason,
            @Nullable String drifted,
            @Nullable String bootId) {}

    /** Assets that never reported are left out. */
    public Map<AssetId, ConfigurationReport> of(String configuration, Collection<AssetId> assets) {
        Map<AssetId, ConfigurationReport> found = new HashMap<>();
        template.query(
                """
                select r.asset, p.attempt, p.revision, p.generation as ordered, r.generation, r.rejected_generation,
                    r.rejected_reason, r.boot_id,
                    case when r.compared is not null and r.drift_count > 0 then
                        (select string_agg(field ->> 'field', ', ') from json_array_elements(r.drift) field
                         where field ->> 'origin' = ?) end as drifted
                from twin_reported r
                left join twin_configuration p on p.asset = r.asset and p.configuration = ?
                where r.asset = any(?)""",
                row -> {
                    found.put(new AssetId(row.getString("asset")), read(row));
                },
                "configuration/" + configuration,
                configuration,
                assets.stream().map(AssetId::value).toArray(String[]::new));
        return found;
    }

    private static ConfigurationReport read(ResultSet row) throws SQLException {
        return new ConfigurationReport(
                row.getString("attempt"),
                row.getString("revision"),
                row.getObject("ordered", Long.class),
                row.getObject("generation", Long.class),
                row.getObject("rejected_generation", Long.class),
                row.getString("rejected_reason"),
                row.getString("drifted"),
                row.getString("boot_id"));
    }
}

package dev.muster.twin.view;

import dev.muster.protocol.AssetId;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** By how much the clocks of assets were ahead of the server's when they reported last. */
@Component
public class ClockOffsets {
    private final JdbcTemplate template;

    ClockOffsets(JdbcTemplate template) {
        this.template = template;
    }

    /** In seconds; assets without a report, or whose newest one had no time, or is from before they connected, are left out. */
    public Map<AssetId, Double> of(Collection<AssetId> assets) {
        Map<AssetId, Double> offsets = new HashMap<>();
        template.query(
                """
                select asset, ts / 1000.0 - extract(epoch from received) as ahead from twin_reported
                where asset = any(?) and ts is not null and (session_at is null or received >= session_at)""",
                row -> {
                    offsets.put(new AssetId(row.getString("asset")), row.getDouble("ahead"));
                },
                (Object) assets.stream().map(AssetId::value).toArray(String[]::new));
        return offsets;
    }
}

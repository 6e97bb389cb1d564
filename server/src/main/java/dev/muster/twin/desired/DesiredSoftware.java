package dev.muster.twin.desired;

import dev.muster.protocol.AssetId;
import dev.muster.twin.desired.Assigning.Generation;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * Assigns versions of components to assets, for thousands at once, within the transaction of the caller: the assignment and the
 * caller's own record of it are there together or not at all. Assets hear of it after the commit.
 */
@Component
public class DesiredSoftware {
    private final JdbcTemplate template;
    private final Assigning assigning;

    DesiredSoftware(JdbcTemplate template, Assigning assigning) {
        this.template = template;
        this.assigning = assigning;
    }

    /**
     * One component of one asset; beats what configurations say of it.
     *
     * @param attempt the asset repeats it in its reports, so that a second try is told from the first
     * @param target in the signed release metadata
     * @param sha256 lower-case hexadecimal
     * @param size bytes
     * @param origin as shown beside the field, for example {@code rollout/r-42}
     */
    public record Assignment(
            AssetId asset,
            String component,
            String version,
            @Nullable String attempt,
            @Nullable String target,
            @Nullable String url,
            @Nullable String sha256,
            @Nullable Long size,
            String origin) {}

    /**
     * Sets assignments, at most one for each component of an asset.
     *
     * @return the generation with which each asset has them; assets that do not exist or are retired are left out
     */
    public Map<AssetId, Long> set(Collection<Assignment> assignments) {
        Map<String, String> reasons = new TreeMap<>();
        List<Assignment> ordered = assignments.stream()
                .sorted(java.util.Comparator.comparing(Assignment::asset).thenComparing(Assignment::component))
                .toList();
        ordered.forEach(each -> reasons.put(each.asset().value(), each.origin()));
        return assigning.inChunks(
                reasons,
                Generation.WHEN_CHANGED,
                chunk -> insert(ordered.stream()
                        .filter(each -> chunk.containsKey(each.asset().value()))
                        .toList()));
    }

    /**
     * Takes an assignment away, so that configurations decide again.
     *
     * @param reason as shown in the history, for example {@code rollout/r-42 rolled back}
     * @return as of {@link #set}
     */
    public Map<AssetId, Long> clear(Collection<AssetId> assets, String component, String reason) {
        Map<String, String> reasons = new TreeMap<>();
        assets.forEach(asset -> reasons.put(asset.value(), reason));
        return assigning.inChunks(
                reasons,
                Generation.WHEN_CHANGED,
                chunk -> template.update(
                        "delete from twin_software where asset = any(?) and component = ?",
                        chunk.keySet().toArray(String[]::new),
                        component));
    }

    private void insert(List<Assignment> assignments) {
        template.update(
                """
                insert into twin_software (asset, component, version, attempt, target, url, sha256, size, origin)
                select * from unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[], ?::text[])
                on conflict (asset, component) do update set version = excluded.version, attempt = excluded.attempt,
                    target = excluded.target, url = excluded.url, sha256 = excluded.sha256, size = excluded.size,
                    origin = excluded.origin""",
                column(assignments, each -> each.asset().value()),
                column(assignments, Assignment::component),
                column(assignments, Assignment::version),
                column(assignments, Assignment::attempt),
                column(assignments, Assignment::target),
                column(assignments, Assignment::url),
                column(assignments, Assignment::sha256),
                assignments.stream().map(Assignment::size).toArray(Long[]::new),
                column(assignments, Assignment::origin));
    }

    private static String[] column(
            List<Assignment> assignments, java.util.function.Function<Assignment, @Nullable String> field) {
        return assignments.stream().map(field).toArray(String[]::new);
    }
}

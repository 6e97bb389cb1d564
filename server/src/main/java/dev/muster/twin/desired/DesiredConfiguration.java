package dev.muster.twin.desired;

import dev.muster.protocol.AssetId;
import dev.muster.twin.desired.Assigning.Generation;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * Assigns revisions of configurations to assets, for thousands at once, within the transaction of the caller. Table
 * {@code twin_configuration}; assets hear of it after the commit.
 */
@Component
public class DesiredConfiguration {
    private final JdbcTemplate template;
    private final Assigning assigning;

    DesiredConfiguration(JdbcTemplate template, Assigning assigning) {
        this.template = template;
        this.assigning = assigning;
    }

    /**
     * One configuration of one asset.
     *
     * @param revision one that is stored
     * @param attempt the order that the asset answers by working through the generation that comes of this; null when nobody waits
     *     for an answer
     */
    public record Assignment(
            AssetId asset,
            String configuration,
            String revision,
            @Nullable String attempt) {}

    /**
     * Assigns, at most one revision of each configuration to an asset. Where an answer is waited for, the asset gets a new generation
     * whether its document changes or not, so that what it reported before answers nothing.
     *
     * @param reason as shown in the history, for example {@code rollout/r-42}
     */
    public void set(Collection<Assignment> assignments, String reason) {
        Map<Boolean, List<Assignment>> byAnswer = new TreeMap<>();
        assignments.forEach(each -> byAnswer.computeIfAbsent(each.attempt() != null, key -> new ArrayList<>())
                .add(each));
        byAnswer.forEach((answered, some) -> set(some, reason, answered ? Generation.ALWAYS : Generation.WHEN_CHANGED));
    }

    private void set(List<Assignment> assignments, String reason, Generation when) {
        Map<String, List<Assignment>> byAsset = new HashMap<>();
        Map<String, String> reasons = new TreeMap<>();
        for (Assignment each : assignments) {
            byAsset.computeIfAbsent(each.asset().value(), key -> new ArrayList<>())
                    .add(each);
            reasons.put(each.asset().value(), reason);
        }
        Map<AssetId, Long> generations = assigning.inChunks(
                reasons,
                when,
                chunk -> upsert(chunk.keySet().stream()
                        .flatMap(asset -> byAsset.getOrDefault(asset, List.of()).stream())
                        .toList()));
        if (when == Generation.ALWAYS) {
            remember(generations);
        }
    }

    private void upsert(List<Assignment> assignments) {
        template.update(
                """
                insert into twin_configuration (asset, configuration, revision, attempt)
                select * from unnest(?::text[], ?::text[], ?::text[], ?::text[])
                on conflict (asset, configuration) do update set revision = excluded.revision, attempt = excluded.attempt,
                    generation = null""",
                column(assignments, each -> each.asset().value()),
                column(assignments, Assignment::configuration),
                column(assignments, Assignment::revision),
                column(assignments, Assignment::attempt));
    }

    /** With which generation each has the orders that it was given just now. */
    private void remember(Map<AssetId, Long> generations) {
        List<AssetId> assets = List.copyOf(generations.keySet());
        template.update(
                """
                update twin_configuration c set generation = given.generation
                from unnest(?::text[], ?::bigint[]) as given (asset, generation)
                where c.asset = given.asset and c.attempt is not null and c.generation is null""",
                assets.stream().map(AssetId::value).toArray(String[]::new),
                assets.stream().map(generations::get).toArray(Long[]::new));
    }

    private static @Nullable String[] column(
            List<Assignment> assignments, Function<Assignment, @Nullable String> field) {
        return assignments.stream().map(field).toArray(String[]::new);
    }
}

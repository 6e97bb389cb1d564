package dev.muster.alert.rule;

import dev.muster.protocol.AssetId;
import dev.muster.telemetry.store.TelemetryStore.Value;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The newest values of metrics of a batch of assets, by whatever types they are. */
final class Newest {
    private Newest() {}

    static Map<AssetId, Map<String, Value>> of(List<Subject> subjects, Collection<String> metrics, Readings readings) {
        Map<String, List<AssetId>> byType = subjects.stream()
                .collect(Collectors.groupingBy(
                        subject -> subject.asset().type(),
                        Collectors.mapping(subject -> subject.asset().id(), Collectors.toList())));
        Map<AssetId, Map<String, Value>> found = new HashMap<>();
        byType.forEach((type, assets) -> found.putAll(readings.latest(type, assets, metrics)));
        return found;
    }
}

package dev.muster.alert.rule;

import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.Presence;
import dev.muster.registry.document.Durations;
import dev.muster.registry.document.FieldReader;
import dev.muster.telemetry.store.TelemetryStore.Value;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * An asset is silent: it is stale or offline, or has not sent a metric for a while. An asset that was never seen is unknown, not silent,
 * and so is one under repair or in quarantine.
 *
 * @param metric empty for any sign of life
 */
record Absence(String metric, Duration longerThan) implements Condition {
    private static final Duration MINUTES = Duration.ofMinutes(5);

    @Override
    public List<Finding> judge(List<Subject> subjects, Moment moment) {
        if (metric.isEmpty()) {
            return subjects.stream()
                    .map(subject -> presence(subject.asset(), moment.now()))
                    .toList();
        }
        Map<AssetId, Map<String, Value>> newest = Newest.of(subjects, List.of(metric), moment.readings());
        return subjects.stream()
                .map(subject -> value(
                        subject.asset(),
                        newest.getOrDefault(subject.asset().id(), Map.of()).get(metric),
                        moment.now()))
                .toList();
    }

    private Finding presence(Asset asset, Instant now) {
        if (asset.presence() == Presence.NEVER_SEEN || asset.lifecycle() != Lifecycle.ACTIVE) {
            return new Finding.Unknown(
                    asset.presence() == Presence.NEVER_SEEN
                            ? "never seen"
                            : "is " + asset.lifecycle().wire());
        }
        if (asset.presence() == Presence.ONLINE
                || now.isBefore(asset.presenceSince().plus(longerThan))) {
            return Finding.FINE;
        }
        return new Finding.Wrong(
                "is " + asset.presence().wire() + " since " + asset.presenceSince(),
                Map.of(
                        "presence", asset.presence().wire(),
                        "since", asset.presenceSince().toString(),
                        "longerThan", longerThan.toString()));
    }

    private Finding value(Asset asset, @Nullable Value value, Instant now) {
        if (value == null || asset.lifecycle() != Lifecycle.ACTIVE) {
            return new Finding.Unknown(
                    value == null
                            ? "never sent " + metric
                            : "is " + asset.lifecycle().wire());
        }
        Instant at = Instant.ofEpochMilli(value.ts());
        return at.isBefore(now.minus(longerThan))
                ? new Finding.Wrong(
                        "sent no " + metric + " since " + at,
                        Map.of("metric", metric, "lastAt", at.toString(), "longerThan", longerThan.toString()))
                : Finding.FINE;
    }

    @Override
    public String text() {
        return (metric.isEmpty() ? "no sign of life" : "no " + metric) + " for " + Durations.format(longerThan);
    }

    @Override
    public Reads reads() {
        return new Reads.Kept(
                metric.isEmpty() ? Set.of() : Set.of(metric), longerThan, metric.isEmpty(), List.of("lifecycle"));
    }

    @Component
    static final class Kind implements ConditionKind {
        @Override
        public String key() {
            return "absence";
        }

        @Override
        public Condition read(FieldReader reader) {
            return new Absence(
                    reader.text("metric", ""),
                    reader.duration("longerThan", MINUTES, Duration.ZERO, Duration.ofDays(90)));
        }
    }
}

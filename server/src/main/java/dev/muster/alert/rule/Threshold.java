package dev.muster.alert.rule;

import dev.muster.protocol.AssetId;
import dev.muster.registry.document.FieldReader;
import dev.muster.telemetry.store.TelemetryStore.Value;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.stereotype.Component;

/** The newest value of a metric is above or below a number. A value that is older than {@code staleAfter} tells nothing. */
record Threshold(String metric, Bound bound, Duration staleAfter) implements Condition {
    static final Duration STALE_AFTER = Duration.ofMinutes(5);

    @Override
    public List<Finding> judge(List<Subject> subjects, Moment moment) {
        Map<AssetId, Map<String, Value>> newest = Newest.of(subjects, List.of(metric), moment.readings());
        return subjects.stream()
                .map(subject -> judge(
                        subject,
                        newest.getOrDefault(subject.asset().id(), Map.of()).get(metric),
                        moment.now()))
                .toList();
    }

    private Finding judge(Subject subject, @org.jspecify.annotations.Nullable Value value, Instant now) {
        if (value == null) {
            return new Finding.Unknown("no value of " + metric);
        }
        Instant at = Instant.ofEpochMilli(value.ts());
        if (at.isBefore(now.minus(staleAfter))) {
            return new Finding.Unknown("no value of " + metric + " since " + at);
        }
        if (!(value.value() instanceof Double number)) {
            return new Finding.Unknown(metric + " is no number");
        }
        return bound.isWrong(number, subject.firing())
                ? new Finding.Wrong(
                        metric + " is " + Bound.number(number) + ", " + bound.word() + " "
                                + Bound.number(bound.threshold()),
                        Map.of("metric", metric, "value", number, "at", at.toString(), bound.word(), bound.threshold()))
                : Finding.FINE;
    }

    @Override
    public String text() {
        return bound.text(metric);
    }

    @Override
    public Reads reads() {
        return new Reads.Kept(Set.of(metric), staleAfter, false, List.of());
    }

    @Component
    static final class Kind implements ConditionKind {
        @Override
        public String key() {
            return "threshold";
        }

        @Override
        public Condition read(FieldReader reader) {
            return new Threshold(
                    reader.requiredText("metric"),
                    Bound.read(reader),
                    reader.duration("staleAfter", STALE_AFTER, Duration.ofSeconds(1), Duration.ofDays(7)));
        }
    }
}

package dev.muster.alert.anomaly;

import dev.muster.alert.rule.Condition;
import dev.muster.alert.rule.ConditionKind;
import dev.muster.alert.rule.Finding;
import dev.muster.alert.rule.Moment;
import dev.muster.alert.rule.Subject;
import dev.muster.registry.document.FieldReader;
import dev.muster.telemetry.store.TelemetryStore;
import dev.muster.telemetry.store.TelemetryStore.Bucket;
import dev.muster.telemetry.store.TelemetryStore.Value;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * A metric is unusual by its own history, whatever that is like ({@link Detector}). Looks at the last value of each step; learns first from
 * those of the last two weeks.
 */
final class AnomalyCondition implements Condition {
    private static final int HISTORY_STEPS = 4_032;
    /** An alert is over when so many values in a row are no longer strange. */
    private static final int CALM = 3;
    /** What is still strange while an alert fires. */
    private static final double CLEAR = 0.8;

    private final Spec spec;
    private final Models<Watched> models;
    private final Learning learning;

    record Spec(String metric, double threshold, Duration step, Duration staleAfter) {}

    /** A detector with what it said last; that is not stored. */
    private static final class Watched {
        final Detector detector;

        @Nullable Verdict onset;

        Instant since = Instant.EPOCH;
        int calm = CALM;

        Watched(Detector detector) {
            this.detector = detector;
        }
    }

    AnomalyCondition(Spec spec, ModelStore store, SeriesRoom room, Learning.History telemetry) {
        this.spec = spec;
        this.models = new Models<>(
                store,
                room,
                "anomaly " + spec.metric() + " " + spec.step(),
                _ -> new Watched(new Detector()),
                state -> new Watched(Detector.restore(state)),
                watched -> watched.detector.state());
        this.learning = new Learning(telemetry, spec.metric());
    }

    @Override
    public List<Finding> judge(List<Subject> subjects, Moment moment) {
        return learning.judge(subjects, moment, models, this::judge);
    }

    private Finding judge(Subject subject, @Nullable Value value, Moment moment) {
        Instant now = moment.now();
        Instant learnFrom = Learning.floor(now.minus(spec.step().multipliedBy(HISTORY_STEPS)), spec.step());
        Models.@Nullable Entry<Watched> entry =
                models.of(moment.rule(), subject.asset().id().value(), now, learnFrom);
        if (entry == null) {
            return new Finding.Unknown(models.noRoom());
        }
        Instant step = Learning.floor(now, spec.step());
        if (entry.until.isBefore(step)) {
            if (learning.hasTime()) {
                catchUp(subject, entry, learnFrom, step);
            } else if (entry.model.detector.count() < Detector.LEARNING) {
                return new Finding.Unknown("waits to learn from what " + spec.metric() + " was");
            }
        }
        String problem = learning.problem(value, now, spec.staleAfter());
        if (problem != null) {
            return new Finding.Unknown(problem);
        }
        Watched watched = entry.model;
        if (watched.detector.count() < Detector.LEARNING) {
            return new Finding.Unknown("learning what " + spec.metric() + " is like: " + watched.detector.count()
                    + " of " + Detector.LEARNING + " values known, one each " + spec.step());
        }
        return watched.calm < CALM || subject.firing() && watched.onset == null && watched.calm < 2 * CALM
                ? wrong(watched, value)
                : Finding.FINE;
    }

    /** Takes the last value of each step that is over; only what is not older than an hour can start an alert. */
    private void catchUp(Subject subject, Models.Entry<Watched> entry, Instant learnFrom, Instant to) {
        Instant fresh = to.minus(spec.step().multipliedBy(2L * CALM)).minus(Duration.ofHours(1));
        learning.catchUp(subject, entry, learnFrom, to, spec.step(), bucket -> take(entry.model, bucket, fresh));
    }

    private void take(Watched watched, Bucket bucket, Instant fresh) {
        if (bucket.last() instanceof Double last) {
            Instant at = Instant.ofEpochMilli(bucket.ts());
            Verdict verdict = watched.detector.take(at, last);
            if (verdict.score() >= spec.threshold() && at.isAfter(fresh)) {
                if (watched.calm >= CALM) {
                    watched.since = at;
                }
                watched.onset = verdict;
                watched.calm = 0;
            } else if (verdict.strangeness() < CLEAR * spec.threshold()) {
                watched.calm++;
            } else if (watched.calm < CALM) {
                watched.calm = 0;
            }
        }
    }

    private Finding wrong(Watched watched, @Nullable Value value) {
        Verdict onset = watched.onset;
        if (onset == null) {
            return new Finding.Unknown("was restarted while " + spec.metric() + " was unusual");
        }
        return new Finding.Wrong(
                spec.metric() + " " + onset.reason() + " (since " + watched.since + ")",
                Map.of(
                        "metric", spec.metric(),
                        "value", value == null ? "" : value.value(),
                        "score", onset.score(),
                        "threshold", spec.threshold(),
                        "confidence", onset.confidence(),
                        "sign", onset.sign().name().toLowerCase(java.util.Locale.ROOT),
                        "reason", onset.reason(),
                        "since", watched.since.toString(),
                        "values", watched.detector.count()));
    }

    @Override
    public String text() {
        return spec.metric() + " is unusual (score " + spec.threshold() + " or more)";
    }

    @Component
    static final class Kind implements ConditionKind {
        private final ModelStore store;
        private final SeriesRoom room;
        private final TelemetryStore telemetry;

        Kind(ModelStore store, SeriesRoom room, TelemetryStore telemetry) {
            this.store = store;
            this.room = room;
            this.telemetry = telemetry;
        }

        @Override
        public String key() {
            return "anomaly";
        }

        @Override
        public Condition read(FieldReader reader) {
            Double threshold = reader.decimal("threshold");
            if (threshold != null && (threshold < 0.3 || threshold >= 1)) {
                reader.problem("threshold", "must be from 0.3 to below 1, found " + threshold);
            }
            Duration step = reader.duration("step", Duration.ofMinutes(5), Duration.ofMinutes(1), Duration.ofHours(1));
            return new AnomalyCondition(
                    new Spec(
                            reader.requiredText("metric"),
                            threshold == null ? Detector.USUAL_THRESHOLD : threshold,
                            step,
                            reader.duration(
                                    "staleAfter", step.multipliedBy(3), Duration.ofSeconds(1), Duration.ofDays(7))),
                    store,
                    room,
                    telemetry::aggregate);
        }
    }
}

package dev.muster.alert.anomaly;

import dev.muster.alert.anomaly.Baseline.Usual;
import dev.muster.alert.rule.Condition;
import dev.muster.alert.rule.ConditionKind;
import dev.muster.alert.rule.Finding;
import dev.muster.alert.rule.Moment;
import dev.muster.alert.rule.Subject;
import dev.muster.registry.document.FieldReader;
import dev.muster.telemetry.store.TelemetryStore;
import dev.muster.telemetry.store.TelemetryStore.Value;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * A metric is far from what this hour shows on such a day: of the asset itself, and until that is learned of all assets of its type in the
 * rule's selection. Learns from the sums of hours of the last four weeks, then of each hour that is over.
 */
final class BaselineCondition implements Condition {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration HISTORY = Duration.ofDays(28);
    /** Readings that come late are still counted. */
    private static final Duration GRACE = Duration.ofMinutes(5);

    private final Spec spec;
    private final Models<Baseline> models;
    private final Learning learning;

    /** Whose baseline counts. */
    enum Of {
        ASSET,
        GROUP
    }

    /** Which side is wrong. */
    enum Side {
        BOTH,
        ABOVE,
        BELOW
    }

    /**
     * @param spreads how many times the usual spread a value may be away
     * @param clear how many until an alert is over
     */
    record Spec(String metric, double spreads, double clear, Side side, Of of, ZoneId zone, Duration staleAfter) {}

    BaselineCondition(Spec spec, ModelStore store, SeriesRoom room, Learning.History telemetry) {
        this.spec = spec;
        this.models = new Models<>(
                store,
                room,
                "baseline " + spec.metric() + " " + spec.zone(),
                subject -> new Baseline(subject.startsWith("*")),
                Baseline::restore,
                Baseline::state);
        this.learning = new Learning(telemetry, spec.metric());
    }

    @Override
    public List<Finding> judge(List<Subject> subjects, Moment moment) {
        return learning.judge(subjects, moment, models, this::judge);
    }

    private Finding judge(Subject subject, @Nullable Value value, Moment moment) {
        Instant learnFrom = Learning.floor(moment.now().minus(HISTORY), HOUR);
        Models.@Nullable Entry<Baseline> own =
                models.of(moment.rule(), subject.asset().id().value(), moment.now(), learnFrom);
        Models.@Nullable Entry<Baseline> group =
                models.of(moment.rule(), "*" + subject.asset().type(), moment.now(), learnFrom);
        if (own == null || group == null) {
            return new Finding.Unknown(models.noRoom());
        }
        learn(subject, own, group, moment.now());
        String problem = learning.problem(value, moment.now(), spec.staleAfter());
        if (problem != null || value == null || !(value.value() instanceof Double number)) {
            return new Finding.Unknown(problem == null ? "no value of " + spec.metric() : problem);
        }
        ZonedDateTime at = Instant.ofEpochMilli(value.ts()).atZone(spec.zone());
        Optional<Usual> ofAsset = spec.of() == Of.ASSET ? own.model.at(at) : Optional.empty();
        Optional<Usual> usual = ofAsset.or(() -> group.model.at(at));
        return usual.map(each -> compare(subject, number, at, each, ofAsset.isPresent()))
                .orElseGet(() -> new Finding.Unknown("learning what " + spec.metric() + " shows at " + at.getHour()
                        + ":00: neither the asset nor its group was seen on three days at this hour"));
    }

    private void learn(Subject subject, Models.Entry<Baseline> own, Models.Entry<Baseline> group, Instant now) {
        Instant to = Learning.floor(now.minus(GRACE), HOUR);
        if (!own.until.isBefore(to) || !learning.hasTime()) {
            return;
        }
        learning.catchUp(subject, own, Learning.floor(now.minus(HISTORY), HOUR), to, HOUR, bucket -> {
            if (bucket.avg() != null && bucket.min() != null && bucket.max() != null) {
                ZonedDateTime hour = Instant.ofEpochMilli(bucket.ts()).atZone(spec.zone());
                own.model.learn(hour, bucket.avg(), bucket.min(), bucket.max());
                group.model.learn(hour, bucket.avg(), bucket.min(), bucket.max());
            }
        });
        group.until = to;
        group.changed = true;
    }

    private Finding compare(Subject subject, double value, ZonedDateTime at, Usual usual, boolean ofAsset) {
        double times = usual.times(value);
        boolean above = value >= usual.level();
        boolean side = spec.side() == Side.BOTH || (spec.side() == Side.ABOVE) == above;
        if (!side || times <= (subject.firing() ? spec.clear() : spec.spreads())) {
            return Finding.FINE;
        }
        return new Finding.Wrong(
                spec.metric() + " is " + Detector.figure(value) + ", " + Detector.figure(times)
                        + " times its usual spread "
                        + (above ? "above" : "below") + " the " + Detector.figure(usual.level()) + " that "
                        + usual.when()
                        + (ofAsset ? "" : " in its group"),
                Map.of(
                        "metric", spec.metric(),
                        "value", value,
                        "at", at.toInstant().toString(),
                        "usual", usual.level(),
                        "spread", usual.spread(),
                        "spreads", times,
                        "allowed", spec.spreads(),
                        "baselineOf", ofAsset ? "asset" : "group",
                        "when", usual.when() + " (" + spec.zone() + ")"));
    }

    @Override
    public String text() {
        return spec.metric() + " more than " + Detector.figure(spec.spreads()) + " spreads "
                + (spec.side() == Side.BOTH ? "from" : spec.side() == Side.ABOVE ? "above" : "below") + " its "
                + (spec.of() == Of.ASSET ? "" : "group's ") + "baseline";
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
            return "baseline";
        }

        @Override
        public Condition read(FieldReader reader) {
            Double spreads = reader.decimal("spreads");
            Double clear = reader.decimal("clear");
            double most = spreads == null ? 4 : spreads;
            if (most < 1 || most > 1_000) {
                reader.problem("spreads", "must be from 1 to 1000, found " + most);
            }
            if (clear != null && (clear < 0 || clear > most)) {
                reader.problem(
                        "clear",
                        "must be from 0 to spreads (" + most + "), or the alert would never be over; found " + clear);
            }
            return new BaselineCondition(
                    new Spec(
                            reader.requiredText("metric"),
                            most,
                            clear == null ? most * 0.75 : clear,
                            reader.choice("side", Side.class, Side.BOTH),
                            reader.choice("of", Of.class, Of.ASSET),
                            zone(reader),
                            reader.duration("staleAfter", GRACE, Duration.ofSeconds(1), Duration.ofDays(7))),
                    store,
                    room,
                    telemetry::aggregate);
        }

        private static ZoneId zone(FieldReader reader) {
            String zone = reader.text("timeZone", "UTC");
            try {
                return ZoneId.of(zone);
            } catch (DateTimeException unknown) {
                reader.problem("timeZone", "must be a time zone such as Europe/Berlin, found \"" + zone + "\"");
                return ZoneId.of("UTC");
            }
        }
    }
}

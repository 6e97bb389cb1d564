package dev.muster.telemetry.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.Severity;
import dev.muster.protocol.Uplink;
import dev.muster.telemetry.questdb.QuestDbStore;
import dev.muster.telemetry.store.MetricKind;
import dev.muster.telemetry.store.Retention;
import dev.muster.telemetry.store.Row;
import dev.muster.telemetry.store.TelemetryStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class IntakeTest {
    private static final AssetId TRUCK = new AssetId("truck-1");
    private static final long NOW = 1_795_435_200_000L;
    private static final int LIMIT = 3;
    private static final TypeSchema VEHICLE = new TypeSchema(
            "vehicle",
            Map.of(
                    "speed", new TypeSchema.Metric(MetricKind.NUMBER, false, 0.0, 100.0, "m/s"),
                    "gear", new TypeSchema.Metric(MetricKind.NUMBER, true, null, null, ""),
                    "door.open", new TypeSchema.Metric(MetricKind.BOOLEAN, false, null, null, "")),
            LIMIT,
            Duration.ofSeconds(90),
            new Retention(30, 20, 90, 10, 90, 730),
            Map.of(Severity.DEBUG, 0.25, Severity.TRACE, 0.0));

    @TempDir
    Path folder = Path.of(".");

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final RefusedReport refused = new RefusedReport(meters);
    private long fullUntil;
    private TelemetryStore store = unset();
    private Intake intake = unset();
    private long offset = 100;

    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"}) // set before every test
    private static <T> T unset() {
        return (T) null;
    }

    @BeforeEach
    void open() {
        store = QuestDbStore.open(folder, Retention.STANDARD, false, Clock.systemUTC());
        intake = new Intake(
                store,
                asset -> asset.equals(TRUCK) ? Optional.of(VEHICLE) : Optional.empty(),
                refused,
                new LogSampling(meters, (asset, at) -> asset.equals(TRUCK) && at < fullUntil),
                Lateness.STANDARD);
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void keepsWhatTheTypeDeclares() {
        Row.Sample row = only(telemetry(NOW - 5, Map.of("speed", 12.5, "gear", 3.0, "door.open", true)));

        assertThat(row.ts()).isEqualTo(NOW - 5);
        assertThat(row.assetType()).isEqualTo("vehicle");
        assertThat(row.values()).isEqualTo(Map.of("speed", 12.5, "gear", 3.0, "door.open", true));
        assertThat(refused.entries()).isEmpty();
    }

    @Test
    void addsUndeclaredMetricsUpToTheLimitOfTheTypeAndCountsTheRest() {
        Map<String, Object> values = new LinkedHashMap<>();
        for (int i = 0; i < 10; i++) {
            values.put("extra" + i, (double) i);
        }
        values.put("speed", 1.0);

        Row.Sample row = only(telemetry(NOW, values));

        assertThat(row.values()).hasSize(LIMIT + 1).containsEntry("speed", 1.0);
        assertThat(refused.entries()).hasSize(7).allSatisfy(entry -> {
            assertThat(entry.reason()).isEqualTo(Reason.UNDECLARED_LIMIT);
            assertThat(entry.asset()).isEqualTo(TRUCK);
            assertThat(entry.count()).isEqualTo(1);
        });
        assertThat(refused.count(Reason.UNDECLARED_LIMIT)).isEqualTo(7);
        // The room is taken by those who came first, also for later messages.
        assertThat(only(telemetry(NOW + 1, values)).values().keySet())
                .isEqualTo(row.values().keySet());
    }

    @Test
    void refusesAMillionNamesWithoutRememberingThem() {
        for (int i = 0; i < RefusedReport.MAX_ENTRIES + 500; i++) {
            rows(telemetry(NOW, Map.of("m" + i, 1.0)));
        }
        assertThat(store.metrics("vehicle")).hasSize(3 + LIMIT);
        assertThat(refused.entries()).hasSize(RefusedReport.MAX_ENTRIES);
        assertThat(refused.count(Reason.UNDECLARED_LIMIT)).isEqualTo(RefusedReport.MAX_ENTRIES + 500 - LIMIT);
    }

    @Test
    void refusesAValueOfTheWrongKindAndKeepsTheOthers() {
        Row.Sample row = only(telemetry(NOW, Map.of("speed", "fast", "gear", 2.5, "door.open", false)));

        assertThat(row.values()).isEqualTo(Map.of("door.open", false));
        assertThat(refused.count(Reason.WRONG_KIND)).isEqualTo(2);
    }

    @Test
    void anUndeclaredMetricKeepsTheKindInWhichItCameFirst() {
        assertThat(only(telemetry(NOW, Map.of("extra", "text"))).values()).isEqualTo(Map.of("extra", "text"));
        assertThat(rows(telemetry(NOW + 1, Map.of("extra", 1.0)))).isEmpty();
        assertThat(refused.entries()).extracting(RefusedReport.Entry::reason).containsExactly(Reason.WRONG_KIND);
    }

    @Test
    void storesAValueBeyondItsBoundsAndSaysSo() {
        assertThat(only(telemetry(NOW, Map.of("speed", 500.0))).values()).isEqualTo(Map.of("speed", 500.0));
        assertThat(refused.entries()).singleElement().satisfies(entry -> {
            assertThat(entry.reason()).isEqualTo(Reason.OUT_OF_BOUNDS);
            assertThat(entry.detail()).contains("500.0").contains("0.0 to 100.0");
        });
    }

    @Test
    void anEventTimeAheadOfTheClockBecomesTheReceiveTime() {
        Row.Sample row = only(telemetry(NOW + Duration.ofHours(1).toMillis(), Map.of("speed", 1.0)));

        assertThat(row.ts()).isEqualTo(NOW);
        assertThat(row.tie()).isNotZero();
        assertThat(refused.count(Reason.IN_THE_FUTURE)).isEqualTo(1);
    }

    @Test
    void anEventTimeBeyondTheRetentionIsCountedAndNotStored() {
        assertThat(intake.rows(
                        origin(), telemetry(NOW - Duration.ofDays(31).toMillis(), Map.of("speed", 1.0)), Lane.LATE))
                .isEmpty();
        assertThat(refused.count(Reason.TOO_OLD)).isEqualTo(1);
    }

    @Test
    void everyKindIsBoundedToTheReceiveTimeWhenItsClockIsAhead() {
        long ahead = NOW + Duration.ofHours(1).toMillis();
        for (Uplink uplink : everyKind(ahead)) {
            assertThat(rows(uplink)).extracting(Row::ts).as("%s", uplink).containsExactly(NOW);
        }
        assertThat(refused.entries())
                .extracting(RefusedReport.Entry::subject, RefusedReport.Entry::reason)
                .containsExactly(
                        tuple("events", Reason.IN_THE_FUTURE),
                        tuple("logs", Reason.IN_THE_FUTURE),
                        tuple("position", Reason.IN_THE_FUTURE),
                        tuple("telemetry", Reason.IN_THE_FUTURE));
    }

    @Test
    void whatIsLateOrAheadIsInTheLateLaneAloneAndTheRestOfItsMessageIsNot() {
        long justInTime = NOW - Lateness.STANDARD.after().toMillis();
        for (Uplink uplink : everyKind(justInTime)) {
            assertThat(rows(uplink)).hasSize(1);
            assertThat(intake.rows(origin(), uplink, Lane.LATE)).isEmpty();
            assertThat(Lateness.STANDARD.concerns(uplink, NOW)).isFalse();
        }
        for (Uplink uplink : everyKind(justInTime - 1)) {
            assertThat(rows(uplink)).isEmpty();
            assertThat(intake.rows(origin(), uplink, Lane.LATE))
                    .extracting(Row::ts)
                    .containsExactly(justInTime - 1);
            assertThat(Lateness.STANDARD.concerns(uplink, NOW)).isTrue();
        }
        long inStep = NOW + Lateness.IN_STEP.toMillis();
        for (Uplink uplink : everyKind(inStep)) {
            assertThat(rows(uplink)).extracting(Row::ts).containsExactly(inStep);
            assertThat(intake.rows(origin(), uplink, Lane.LATE)).isEmpty();
        }
        for (long ahead : new long[] {inStep + 1, NOW + EventTime.MAX_AHEAD.toMillis()}) {
            for (Uplink uplink : everyKind(ahead)) {
                assertThat(rows(uplink)).isEmpty();
                assertThat(intake.rows(origin(), uplink, Lane.LATE))
                        .extracting(Row::ts)
                        .containsExactly(ahead);
                assertThat(Lateness.STANDARD.concerns(uplink, NOW)).isTrue();
            }
        }
        for (Uplink uplink : everyKind(NOW + EventTime.MAX_AHEAD.toMillis() + 1)) {
            assertThat(Lateness.STANDARD.concerns(uplink, NOW)).isFalse();
        }
        Uplink both = new Uplink.Telemetry(List.of(
                new Uplink.Reading(justInTime - 1, Map.of("speed", 1.0)),
                new Uplink.Reading(null, Map.of("speed", 2.0)),
                new Uplink.Reading(justInTime, Map.of("speed", 3.0))));
        assertThat(rows(both)).extracting(Row::ts).containsExactly(NOW, justInTime);
        assertThat(intake.rows(origin(), both, Lane.LATE)).extracting(Row::ts).containsExactly(justInTime - 1);
    }

    private static List<Uplink> everyKind(long ts) {
        return List.of(
                telemetry(ts, Map.of("speed", 1.0)),
                new Uplink.Positions(List.of(new Uplink.Fix(ts, 52.5, 13.4, null, null, null, null, null))),
                new Uplink.Events(List.of(new Uplink.Event(ts, "door", Severity.WARN, null, Map.of()))),
                new Uplink.Logs(List.of(new Uplink.LogRecord(ts, Severity.INFO, "up", Map.of()))));
    }

    @Test
    void eachKindIsKeptForTheDaysThatTheTypeSays() {
        int[] days = {30, 20, 90, 10};
        for (int i = 0; i < days.length; i++) {
            long limit = NOW - Duration.ofDays(days[i]).toMillis();
            assertThat(intake.rows(origin(), everyKind(limit).get(i), Lane.LATE))
                    .hasSize(1);
            assertThat(intake.rows(origin(), everyKind(limit - 1).get(i), Lane.LATE))
                    .isEmpty();
        }
        assertThat(refused.count(Reason.TOO_OLD)).isEqualTo(4);
    }

    @Test
    void countsTelemetryOfAnAssetThatIsNotRegistered() {
        assertThat(intake.rows(
                        new Intake.Origin(new AssetId("ghost"), 1, NOW),
                        telemetry(NOW, Map.of("speed", 1.0)),
                        Lane.ON_TIME))
                .isEmpty();
        assertThat(refused.count(Reason.UNKNOWN_ASSET)).isEqualTo(1);
    }

    @Test
    void theSameMessageIsTheSameKeyAndOtherMetricsAreAnother() {
        Row.Sample first = only(telemetry(NOW, Map.of("speed", 1.0, "gear", 1.0)));
        Row.Sample again = only(telemetry(NOW, Map.of("gear", 1.0, "speed", 1.0)));
        Row.Sample other = only(telemetry(NOW, Map.of("gear", 1.0)));

        assertThat(again.names()).isEqualTo(first.names());
        assertThat(again.tie()).isEqualTo(first.tie()).isZero();
        assertThat(other.names()).isNotEqualTo(first.names());
    }

    @Test
    void messagesWithoutATimeAreToldApartByTheirPlaceInTheJournal() {
        Uplink.Telemetry bare = telemetry(null, Map.of("speed", 1.0));
        Intake.Origin here = new Intake.Origin(TRUCK, 5, NOW);
        Row.Sample first = (Row.Sample) intake.rows(here, bare, Lane.ON_TIME).getFirst();
        Row.Sample replayed = (Row.Sample) intake.rows(here, bare, Lane.ON_TIME).getFirst();
        Row.Sample next = (Row.Sample) intake.rows(new Intake.Origin(TRUCK, 6, NOW), bare, Lane.ON_TIME)
                .getFirst();

        assertThat(first.ts()).isEqualTo(NOW);
        assertThat(replayed).isEqualTo(first);
        assertThat(next.tie()).isNotEqualTo(first.tie());
    }

    @Test
    void logsAndEventsAreToldApartByTheirContent() {
        Uplink.LogRecord line = new Uplink.LogRecord(NOW, Severity.INFO, "up", Map.of("n", 1));
        List<Row> lines =
                rows(new Uplink.Logs(List.of(line, line, new Uplink.LogRecord(NOW, Severity.INFO, "down", Map.of()))));
        assertThat(lines).hasSize(3);
        assertThat(hash(lines.get(1))).isEqualTo(hash(lines.get(0)));
        assertThat(hash(lines.get(2))).isNotEqualTo(hash(lines.get(0)));

        Uplink.Event event = new Uplink.Event(NOW, "door", Severity.WARN, null, Map.of("side", "left"));
        List<Row> events = rows(new Uplink.Events(List.of(event)));
        assertThat(events).singleElement().isInstanceOfSatisfying(Row.Happening.class, happening -> {
            assertThat(happening.message()).isNull();
            assertThat(happening.data()).isEqualTo("{\"side\":\"left\"}");
        });
    }

    @Test
    void keepsTheShareOfEachSeverityThatTheTypeWantsAndCountsTheRest() {
        List<Uplink.LogRecord> lines = new ArrayList<>();
        for (int i = 0; i < 4_000; i++) {
            Severity severity = i % 4 == 0 ? Severity.TRACE : i % 4 == 1 ? Severity.INFO : Severity.DEBUG;
            lines.add(new Uplink.LogRecord(NOW - i, severity, "line " + i, Map.of()));
        }
        List<Row> kept = rows(new Uplink.Logs(lines));

        Map<Severity, Long> counts = kept.stream()
                .collect(Collectors.groupingBy(row -> ((Row.LogLine) row).severity(), Collectors.counting()));
        assertThat(counts).containsOnlyKeys(Severity.INFO, Severity.DEBUG).containsEntry(Severity.INFO, 1_000L);
        assertThat(counts.get(Severity.DEBUG)).isBetween(430L, 570L);
        assertThat(sampled("trace")).isEqualTo(1_000);
        assertThat(sampled("debug")).isEqualTo(2_000 - counts.getOrDefault(Severity.DEBUG, 0L));
        assertThat(rows(new Uplink.Logs(lines))).as("again").isEqualTo(kept);

        fullUntil = NOW + 1;
        assertThat(rows(new Uplink.Logs(lines)))
                .as("while full logs are wanted")
                .hasSize(4_000);
        fullUntil = NOW;
        assertThat(rows(new Uplink.Logs(lines))).as("after their end").isEqualTo(kept);
    }

    private double sampled(String severity) {
        return meters.get("muster.telemetry.logs.sampled")
                .tags("type", "vehicle", "severity", severity)
                .counter()
                .count();
    }

    @Test
    void logLinesAboutAnAssetCarryItsId() {
        Logger logger = (Logger) LoggerFactory.getLogger(RefusedReport.class);
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        logger.addAppender(lines);
        try {
            rows(telemetry(NOW, Map.of("speed", "fast")));
            rows(telemetry(NOW, Map.of("speed", "fast")));
        } finally {
            logger.detachAppender(lines);
        }
        assertThat(lines.list).singleElement().satisfies(line -> {
            assertThat(line.getMDCPropertyMap()).containsEntry("asset", "truck-1");
            assertThat(line.getFormattedMessage()).contains("speed").contains("number");
        });
    }

    private static long hash(Row row) {
        return ((Row.Hashed) row).hash();
    }

    private List<Row> rows(Uplink uplink) {
        return intake.rows(origin(), uplink, Lane.ON_TIME);
    }

    private Row.Sample only(Uplink.Telemetry telemetry) {
        return (Row.Sample) assertThat(rows(telemetry)).singleElement().actual();
    }

    private Intake.Origin origin() {
        return new Intake.Origin(TRUCK, offset++, NOW);
    }

    private static Uplink.Telemetry telemetry(@Nullable Long ts, Map<String, Object> values) {
        return new Uplink.Telemetry(List.of(new Uplink.Reading(ts, values)));
    }
}

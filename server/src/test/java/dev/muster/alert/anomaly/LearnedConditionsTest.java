package dev.muster.alert.anomaly;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.alert.rule.Condition;
import dev.muster.alert.rule.Finding;
import dev.muster.alert.rule.Moment;
import dev.muster.alert.rule.Subject;
import dev.muster.platform.testing.TestDatabase;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.Presence;
import dev.muster.telemetry.store.TelemetryStore.Bucket;
import dev.muster.telemetry.store.TelemetryStore.SeriesQuery;
import dev.muster.telemetry.store.TelemetryStore.Value;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;

/** Conditions that learn, over readings kept in memory and models kept in PostgreSQL. */
class LearnedConditionsTest {
    /** A Monday. */
    private static final Instant BEGIN = Instant.parse("2026-10-05T00:00:00Z");

    private static final Duration STEP = Duration.ofMinutes(5);

    private final DataSource database = TestDatabase.fresh();
    private final JdbcClient jdbc = JdbcClient.create(database);
    private final ModelStore store = new ModelStore(jdbc, new DataSourceTransactionManager(database));
    private final SeriesRoom room = new SeriesRoom(100);
    private final Map<String, TreeMap<Long, Double>> readings = new HashMap<>();
    private final Random random = new Random(31);
    private int asked;

    LearnedConditionsTest() {
        jdbc.sql("insert into alert_object (kind, name, spec, managers, created, updated, resource_version)"
                        + " values ('AlertRule', 'hot', '{}', '{}', now(), now(), 1)")
                .update();
    }

    @Test
    void aBaselineIsUnknownThenTheGroupsThenTheAssetsOwn() {
        fill("pump-1", 28);
        fill("pump-2", 28);
        Instant now = BEGIN.plus(Duration.ofDays(29)).plus(Duration.ofHours(14));
        Condition alone = baseline(4);
        put("new-1", now, 200);
        assertThat(alone.judge(List.of(subject("new-1")), moment(now)))
                .containsExactly(new Finding.Unknown(
                        "learning what temperature shows at 14:00: neither the asset nor its group was seen"
                                + " on three days at this hour"));

        Condition condition = baseline(4);
        put("pump-1", now, 200);
        List<Finding> findings =
                condition.judge(List.of(subject("pump-1"), subject("pump-2"), subject("new-1")), moment(now));

        assertThat(says(findings.get(0))).startsWith("temperature is 200.0, ").endsWith(" that weekdays at 14:00 show");
        assertThat(findings.get(1)).isInstanceOf(Finding.Unknown.class);
        assertThat(says(findings.get(2))).endsWith(" that weekdays at 14:00 show in its group");
    }

    @Test
    void whatIsUsualAtNoonIsWrongAtMidnight() {
        fill("pump-1", 28);
        Condition condition = baseline(4);
        Instant noon = BEGIN.plus(Duration.ofDays(28)).plus(Duration.ofHours(12));
        put("pump-1", noon, 60);
        assertThat(condition.judge(List.of(subject("pump-1")), moment(noon))).containsExactly(Finding.FINE);
        Instant midnight = BEGIN.plus(Duration.ofDays(29));
        put("pump-1", midnight, 60);
        assertThat(says(condition
                        .judge(List.of(subject("pump-1")), moment(midnight))
                        .getFirst()))
                .contains("above the");
    }

    @Test
    void anAnomalyIsToldWithItsReasonWhileItLastsAndIsOverAfterwards() {
        fill("pump-1", 16);
        Condition condition = anomaly();
        List<String> said = new ArrayList<>();
        Instant start = BEGIN.plus(Duration.ofDays(16));
        for (int step = 0; step < 60; step++) {
            Instant now = start.plus(STEP.multipliedBy(step));
            Finding finding =
                    condition.judge(List.of(subject("pump-1")), moment(now)).getFirst();
            said.add(
                    finding instanceof Finding.Wrong wrong
                            ? wrong.says()
                            : finding instanceof Finding.Fine ? "fine" : "unknown");
            put("pump-1", now, usual(now) + (step >= 20 && step < 24 ? 60 : 0));
        }
        assertThat(said.subList(1, 20)).containsOnly("fine");
        assertThat(said.get(21))
                .startsWith("temperature ")
                .contains(" times its usual ", "(since 2026-10-21T01:40:00Z)");
        assertThat(said.subList(50, 60)).containsOnly("fine");
    }

    @Test
    void goesOnAfterARestartWithoutReadingItsHistoryAgain() {
        fill("pump-1", 16);
        AnomalyCondition before = anomaly();
        Instant start = BEGIN.plus(Duration.ofDays(16));
        before.judge(List.of(subject("pump-1")), moment(start));
        put("pump-1", start, 40);
        before.judge(List.of(subject("pump-1")), moment(start.plus(Duration.ofHours(2))));
        asked = 0;

        AnomalyCondition after = anomaly();
        Finding finding = after.judge(
                        List.of(subject("pump-1")),
                        moment(start.plus(Duration.ofHours(2).plus(STEP))))
                .getFirst();

        assertThat(finding).isInstanceOf(Finding.Unknown.class);
        assertThat(asked).as("steps read after the restart").isLessThanOrEqualTo(2);
    }

    @Test
    void refusesMoreSeriesThanThereIsRoomFor() {
        SeriesRoom small = new SeriesRoom(2);
        AnomalyCondition condition = new AnomalyCondition(
                new AnomalyCondition.Spec("temperature", 0.55, STEP, STEP), store, small, this::aggregate);
        List<Finding> findings =
                condition.judge(List.of(subject("pump-1"), subject("pump-2"), subject("pump-3")), moment(BEGIN));
        assertThat(findings.get(2))
                .isEqualTo(new Finding.Unknown(
                        "is not learned: 2 series are learned, the most that anomaly-max-series allows"));
    }

    @Test
    void modelsOfADeletedRuleAreForgotten() {
        fill("pump-1", 2);
        anomaly().judge(List.of(subject("pump-1")), moment(BEGIN.plus(Duration.ofDays(2))));
        store.save("hot", "x", Map.of("pump-1", new ModelStore.Model(BEGIN, new byte[100])), List.of());
        assertThat(store.load("hot", "x", 10)).hasSize(1);

        jdbc.sql("delete from alert_object").update();
        store.clean();

        assertThat(store.load("hot", "x", 10)).isEmpty();
    }

    private BaselineCondition baseline(double spreads) {
        return new BaselineCondition(
                new BaselineCondition.Spec(
                        "temperature",
                        spreads,
                        spreads,
                        BaselineCondition.Side.BOTH,
                        BaselineCondition.Of.ASSET,
                        ZoneId.of("UTC"),
                        Duration.ofMinutes(5)),
                store,
                room,
                this::aggregate);
    }

    private AnomalyCondition anomaly() {
        return new AnomalyCondition(
                new AnomalyCondition.Spec("temperature", Detector.USUAL_THRESHOLD, STEP, STEP.multipliedBy(3)),
                store,
                room,
                this::aggregate);
    }

    private static String says(Finding finding) {
        return finding instanceof Finding.Wrong wrong ? wrong.says() : finding.toString();
    }

    private double usual(Instant time) {
        double hour = time.getEpochSecond() % 86_400 / 3_600.0;
        return 40 + 20 * Math.sin((hour - 6) * Math.PI / 12) + random.nextGaussian();
    }

    private void fill(String asset, int days) {
        for (Instant at = BEGIN; at.isBefore(BEGIN.plus(Duration.ofDays(days))); at = at.plus(STEP)) {
            put(asset, at, usual(at));
        }
    }

    private void put(String asset, Instant at, double value) {
        readings.computeIfAbsent(asset, _ -> new TreeMap<>()).put(at.toEpochMilli(), value);
    }

    private Map<String, List<Bucket>> aggregate(SeriesQuery query, Duration step) {
        TreeMap<Long, List<Double>> steps = new TreeMap<>();
        readings.getOrDefault(query.asset().value(), new TreeMap<>())
                .subMap(query.from(), query.to())
                .forEach((ts, value) -> steps.computeIfAbsent(ts - ts % step.toMillis(), _ -> new ArrayList<>())
                        .add(value));
        asked += steps.size();
        List<Bucket> buckets = new ArrayList<>();
        steps.forEach((ts, values) -> buckets.add(new Bucket(
                ts,
                values.stream().min(Double::compare).orElseThrow(),
                values.stream().max(Double::compare).orElseThrow(),
                values.stream().mapToDouble(Double::doubleValue).average().orElseThrow(),
                values.getLast(),
                values.size())));
        return Map.of("temperature", buckets);
    }

    private Moment moment(Instant now) {
        return new Moment("hot", now, (type, assets, metrics) -> {
            Map<AssetId, Map<String, Value>> found = new HashMap<>();
            for (AssetId asset : assets) {
                Map.Entry<Long, Double> newest =
                        readings.getOrDefault(asset.value(), new TreeMap<>()).floorEntry(now.toEpochMilli());
                if (newest != null) {
                    found.put(asset, Map.of("temperature", new Value(newest.getKey(), newest.getValue())));
                }
            }
            return found;
        });
    }

    private static Subject subject(String id) {
        return new Subject(
                new Asset(
                        new AssetId(id),
                        "pump",
                        Map.of(),
                        "",
                        "",
                        "",
                        "",
                        Lifecycle.ACTIVE,
                        Presence.ONLINE,
                        BEGIN,
                        null,
                        null,
                        Map.of(),
                        null,
                        BEGIN,
                        BEGIN,
                        1),
                false);
    }
}

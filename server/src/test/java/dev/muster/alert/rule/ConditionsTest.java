package dev.muster.alert.rule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.Presence;
import dev.muster.registry.document.FieldReader;
import dev.muster.registry.document.Problem;
import dev.muster.telemetry.store.TelemetryStore.Value;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** CEL, rates and the hysteresis of common causes against what is true, each with a bug that has to be found. */
class ConditionsTest {
    private static final Instant START = Instant.parse("2026-11-26T08:00:00Z");

    private static Asset asset(int number, @Nullable Integer drift) {
        return new Asset(
                new AssetId("pi-" + number),
                "pi",
                Map.of("gateway", "gw-1"),
                "",
                "",
                "",
                "",
                Lifecycle.ACTIVE,
                Presence.ONLINE,
                START,
                START,
                null,
                Map.of(),
                drift,
                START,
                START,
                1);
    }

    private static Condition read(ConditionKind kind, String json) {
        List<Problem> problems = new ArrayList<>();
        FieldReader reader = FieldReader.of("c", JsonMapper.shared().readTree(json), problems);
        Condition condition = kind.read(reader);
        reader.finish();
        assertThat(problems).isEmpty();
        return condition;
    }

    private static Finding judge(Condition condition, Asset asset, @Nullable Value value, Instant now) {
        Readings readings =
                (type, assets, metrics) -> value == null ? Map.of() : Map.of(asset.id(), Map.of("x", value));
        return condition
                .judge(List.of(new Subject(asset, false)), new Moment("r", now, readings))
                .getFirst();
    }

    /** All that drift, load and age can be, against a truth table written here. */
    private static void checkExpression(UnaryOperator<Finding> bug) {
        Condition condition =
                read(new Expression.Kind(), "{\"cel\":\"asset.drift > 0 && metrics.x > 0.9\",\"staleAfter\":\"1m\"}");
        for (Integer drift : new Integer[] {null, 0, 1}) {
            for (Double load : new Double[] {null, 0.5, 0.95}) {
                for (int age : List.of(0, 60, 61)) {
                    Value value = load == null
                            ? null
                            : new Value(START.minusSeconds(age).toEpochMilli(), load);
                    Boolean drifts = drift == null ? null : Boolean.valueOf(drift > 0);
                    Boolean loaded = load == null || age > 60 ? null : Boolean.valueOf(load > 0.9);
                    // as CEL has it: one part that is false is an answer, whatever the other part is
                    String truth = Boolean.FALSE.equals(drifts) || Boolean.FALSE.equals(loaded)
                            ? "Fine"
                            : drifts == null || loaded == null ? "Unknown" : "Wrong";
                    assertThat(bug.apply(judge(condition, asset(1, drift), value, START))
                                    .getClass()
                                    .getSimpleName())
                            .as("drift %s, load %s, %s s old", drift, load, age)
                            .isEqualTo(truth);
                }
            }
        }
    }

    @Test
    void whatIsNotKnownIsNoAnswerOfAnExpression() {
        checkExpression(finding -> finding);
        assertThatThrownBy(
                        () -> checkExpression(finding -> finding instanceof Finding.Unknown ? Finding.FINE : finding))
                .isInstanceOf(AssertionError.class);
    }

    @Test
    void whatAnExpressionLacksIsNamed() {
        Asset asset = asset(1, null);
        assertThat(judge(
                        read(new Expression.Kind(), "{\"cel\":\"asset.clockOffset > 3.0 || asset.drift > 0\"}"),
                        asset,
                        null,
                        START))
                .isEqualTo(new Finding.Unknown("the asset has no clockOffset, drift"));
        assertThat(judge(read(new Expression.Kind(), "{\"cel\":\"metrics.x > 3.0\"}"), asset, null, START))
                .isEqualTo(new Finding.Unknown("no fresh value of x"));
    }

    /** Only what an expression names of an asset is made for it; one that looks at the asset as a whole sees all of it. */
    @Test
    void anExpressionSeesTheWholeAssetHoweverItLooksAtIt() {
        Asset asset = asset(1, 1);
        for (String truth : List.of(
                "asset.drift == 1",
                "asset['drift'] == 1",
                "has(asset.drift) && !has(asset.certificateExpires)",
                "'drift' in asset && 'owner' in asset && !('certificateExpires' in asset)",
                "asset.exists(field, field == 'drift') && asset.type != ''",
                "['drift'].all(field, asset[field] == 1)",
                "[asset].exists(one, one.drift == 1)",
                "[1].all(asset, asset == 1)")) {
            assertThat(judge(read(new Expression.Kind(), "{\"cel\":\"" + truth + "\"}"), asset, null, START))
                    .as(truth)
                    .isInstanceOf(Finding.Wrong.class);
        }
    }

    /** The documents of the twin: asked for only when named, unknown when they are not there, shown with what was wrong. */
    @Test
    void anExpressionReadsWhatIsDesiredAndReported() {
        Asset asset = asset(1, 0);
        Condition condition = read(
                new Expression.Kind(),
                "{\"cel\":\"desired.config.mode != reported.config['mode'] && reported.config.limits.exists(l, l > 2.5)"
                        + " && has(reported.config.spare) && reported.config.spare == null\"}");
        Documents twin = new Documents(
                "{'config': {'mode': 'eco'}, 'software': {}}",
                "{'config': {'mode': 'sport', 'limits': [1, 3], 'spare': null}, 'software': {}}");
        assertThat(twin.judge(condition, asset))
                .isInstanceOfSatisfying(
                        Finding.Wrong.class,
                        wrong -> assertThat(wrong.inputs())
                                .containsEntry("desired.config.mode", "eco")
                                .containsEntry("reported.config.mode", "sport")
                                .containsEntry("reported.config.limits", "[1,3]"));
        assertThat(new Documents("{'config': {'mode': 'eco'}}", "{'config': {'mode': 'eco'}}").judge(condition, asset))
                .isEqualTo(Finding.FINE);
        assertThat(new Documents("{'config': {'mode': 'eco'}}", null).judge(condition, asset))
                .isEqualTo(new Finding.Unknown("the asset has not reported"));
        assertThat(new Documents("", twin.reported).judge(condition, asset))
                .isEqualTo(new Finding.Unknown(
                        "its desired document has more than 32768 characters, which are not read" + " for a rule"));
        assertThat(new Documents("{'config': {}}", twin.reported).judge(condition, asset))
                .as("nothing is said of its mode")
                .isInstanceOf(Finding.Unknown.class);

        Documents unasked = new Documents(null, null);
        assertThat(unasked.judge(read(new Expression.Kind(), "{\"cel\":\"asset.type == 'desired'\"}"), asset))
                .isEqualTo(Finding.FINE);
        assertThat(unasked.asked).isZero();
    }

    /** Of one asset; null when there is none, empty when it is too large. */
    private static final class Documents implements Readings {
        private final @Nullable String desired;
        private final @Nullable String reported;
        private int asked;

        Documents(@Nullable String desired, @Nullable String reported) {
            this.desired = desired;
            this.reported = reported;
        }

        Finding judge(Condition condition, Asset asset) {
            return condition
                    .judge(List.of(new Subject(asset, false)), new Moment("r", START, this))
                    .getFirst();
        }

        @Override
        public Map<AssetId, Map<String, Value>> latest(
                String type, Collection<AssetId> assets, Collection<String> metrics) {
            return Map.of();
        }

        @Override
        public Map<AssetId, Optional<JsonNode>> desired(Collection<AssetId> assets) {
            return of(assets, desired);
        }

        @Override
        public Map<AssetId, Optional<JsonNode>> reported(Collection<AssetId> assets) {
            return of(assets, reported);
        }

        private Map<AssetId, Optional<JsonNode>> of(Collection<AssetId> assets, @Nullable String document) {
            asked++;
            return document == null
                    ? Map.of()
                    : Map.of(
                            assets.iterator().next(),
                            document.isEmpty()
                                    ? Optional.empty()
                                    : Optional.of(JsonMapper.shared().readTree(document.replace('\'', '"'))));
        }
    }

    /** A value that grows steadily and trembles: only its growth over the window counts. */
    private static void checkRate(Condition condition, double perMinute, boolean wrong) {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        Asset asset = asset(1, 0);
        for (int second = 0; second <= 3_600; second += 10) {
            Instant now = START.plusSeconds(second);
            double value = perMinute * second / 60 + random.nextDouble() * 4;
            Finding finding = judge(condition, asset, new Value(now.toEpochMilli(), value), now);
            if (second < 300) {
                assertThat(finding).as("seed %s, second %s", seed, second).isInstanceOf(Finding.Unknown.class);
            } else if (second >= 600) {
                assertThat(finding instanceof Finding.Wrong)
                        .as("seed %s, second %s: %s", seed, second, finding)
                        .isEqualTo(wrong);
            }
        }
    }

    private static Condition rate(Duration over) {
        return new Rate("x", over, Duration.ofMinutes(1), new Bound(10.0, null, 10));
    }

    @Test
    void aRateIsThatOfItsWindowAndNotOfTheNewestTwoValues() {
        checkRate(rate(Duration.ofMinutes(10)), 11, true);
        checkRate(rate(Duration.ofMinutes(10)), 9, false);
        assertThatThrownBy(() -> checkRate(rate(Duration.ofSeconds(10)), 9, false))
                .as("compares neighbours")
                .isInstanceOf(AssertionError.class);
    }

    @Test
    void aCounterThatBeginsAnewIsNoGrowth() {
        Condition condition = rate(Duration.ofMinutes(10));
        Asset asset = asset(1, 0);
        Finding last = Finding.FINE;
        for (int minute = 0; minute <= 30; minute++) {
            Instant now = START.plus(Duration.ofMinutes(minute));
            last = judge(condition, asset, new Value(now.toEpochMilli(), minute < 20 ? minute * 5.0 : 0), now);
            assertThat(last).as("minute %s", minute).isNotInstanceOf(Finding.Wrong.class);
        }
        assertThat(last).isEqualTo(Finding.FINE);
    }

    /** How often the cause of a gateway begins while around half of its 20 assets are wrong. */
    private static int begins(boolean forgets, Random random) {
        Set<CommonCauses.Key> firing = Set.of();
        int begins = 0;
        for (int round = 0; round < 200; round++) {
            int wrong = 8 + random.nextInt(5);
            CommonCauses causes = new CommonCauses(List.of("gateway"), 0.5, 5);
            for (int i = 0; i < 20; i++) {
                causes.add(asset(i, 0), i < wrong, false);
            }
            List<CommonCauses.Found> found = causes.find(forgets ? Set.of() : firing);
            Set<CommonCauses.Key> now =
                    Set.copyOf(found.stream().map(CommonCauses.Found::key).toList());
            begins += firing.isEmpty() && !now.isEmpty() ? 1 : 0;
            firing = now;
        }
        return begins;
    }

    @Test
    void aCauseThatFiresDoesNotComeAndGoAtItsThreshold() {
        long seed = new Random().nextLong();
        assertThat(begins(false, new Random(seed))).as("seed %s", seed).isEqualTo(1);
        assertThat(begins(true, new Random(seed)))
                .as("seed %s: forgets that it fires", seed)
                .isGreaterThan(5);
        CommonCauses causes = new CommonCauses(List.of("gateway"), 0.5, 5);
        for (int i = 0; i < 20; i++) {
            causes.add(asset(i, 0), i < 4, false);
        }
        assertThat(causes.find(Set.of(new CommonCauses.Key("gateway", "gw-1"))))
                .as("below half of the share it is over")
                .isEmpty();
    }
}

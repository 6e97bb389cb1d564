package dev.muster.registry.selector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.Presence;
import dev.muster.registry.selector.Selector.Verdict;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SelectorsTest {
    private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");
    private static final Asset ASSET = new Asset(
            new AssetId("pos-1"),
            "pos",
            Map.of("region", "eu", "floor", "3"),
            "",
            "",
            "",
            "",
            Lifecycle.ACTIVE,
            Presence.ONLINE,
            NOW.minusSeconds(60),
            null,
            null,
            Map.of("app", "1.4.2"),
            2,
            NOW.minusSeconds(3600),
            NOW.minusSeconds(3600),
            1);

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Selectors selectors = new Selectors(meters);

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            value = {
                "asset.type == 'pos' && asset.labels.region == 'eu' && asset.presence == 'online' # SELECTED",
                "asset.labels.absent == 'eu' # UNDECIDED",
                "!(asset.labels.absent == 'eu') # UNDECIDED",
                "asset.labels.absent == 'eu' || asset.type == 'pos' # SELECTED",
                "asset.labels.absent == 'eu' && asset.type == 'car' # NOT_SELECTED",
                "has(asset.labels.absent) # NOT_SELECTED",
                "asset.owner == '' && !has(asset.owner) # SELECTED",
                "asset.lastSeen < now # UNDECIDED",
                "!has(asset.lastSeen) && asset.created < now - duration('30m') # SELECTED",
                "int(asset.labels.floor) >= 3 # SELECTED",
                "int(asset.labels.region) >= 3 # UNDECIDED",
                "asset.labels.exists(key, key.startsWith('reg')) # SELECTED",
                "asset.software.app.atLeast('1.4.2') && !asset.software.app.atLeast('1.10') # SELECTED",
                "asset.software.os.atLeast('1.4.2') # UNDECIDED",
            })
    void decides(String expression, Verdict verdict) {
        assertThat(selectors.compile(expression).evaluate(ASSET, NOW)).isEqualTo(verdict);
    }

    @Test
    void countsWhatCouldNotBeDecided() {
        assertThat(selectors.compile("asset.labels.absent == 'x'").matches(ASSET, NOW))
                .isFalse();

        assertThat(meters.counter("muster.selector.errors").count()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            value = {
                "asset.lables.region == 'eu' # at character 6: undefined field 'lables'",
                "asset.labels.floor == 3 # at character 20: found no matching overload for '_==_' applied to '(string, int)'",
                "asset.type # at character 6: expected type 'bool' but found 'string'",
                "asset.type == # at character 14: ",
                "nothing == 'x' # at character 1: undeclared reference to 'nothing'",
            })
    void saysWhereAndWhyATextIsNoSelector(String expression, String reason) {
        assertThat(selectors.problem(expression))
                .hasValueSatisfying(problem -> assertThat(problem).startsWith("selector is not valid: " + reason));
    }

    @Test
    void refusesASelectorThatIsTooLong() {
        String tooLong = "asset.id == '" + "x".repeat(Selectors.MAX_CODE_POINTS) + "'";

        assertThatThrownBy(() -> selectors.compile(tooLong))
                .isInstanceOf(SelectorException.class)
                .hasMessageContaining("at most " + Selectors.MAX_CODE_POINTS);
    }

    @Test
    void refusesASelectorThatIsTooDeep() {
        assertThat(selectors.problem("(".repeat(2_000) + "true" + ")".repeat(2_000)))
                .isPresent();
    }

    @Test
    void refusesASelectorWithTooManyNodes() {
        String wide = IntStream.range(0, Selectors.MAX_NODES)
                .mapToObj(i -> "1")
                .collect(Collectors.joining(",", "1 in [", "]"));

        assertThat(selectors.problem(wide)).isPresent();
    }

    @Test
    void stopsAnEvaluationThatWouldTakeTooLong() {
        String list = "[1,2,3,4,5,6,7,8,9,10,11,12]";
        String selector = list + ".all(a, " + list + ".all(b, " + list + ".all(c, a + b + c > 0)))";

        assertThat(selectors.compile(selector).evaluate(ASSET, NOW)).isEqualTo(Verdict.UNDECIDED);
    }

    @Test
    void knowsWhatChangesByItself() {
        assertThat(selectors.compile("asset.presence == 'online'").isVolatile()).isTrue();
        assertThat(selectors.compile("asset.created < now - duration('1h')").isVolatile())
                .isTrue();
        assertThat(selectors.compile("asset.software.app == '1.4.2'").isVolatile())
                .isTrue();
        assertThat(selectors.compile("asset.drift > 0").isVolatile()).isTrue();
        assertThat(selectors
                        .compile("asset.type == 'pos' && has(asset.labels.region)")
                        .isVolatile())
                .isFalse();
    }

    @Test
    void asksPostgresForLabelsByTheFormThatIsIndexed() {
        assertThat(selectors
                        .compile("asset.labels.region == 'eu'")
                        .prefilter(NOW)
                        .condition())
                .isEqualTo(SqlCondition.of("(labels @> jsonb_build_object(?::text, ?::text))", "region", "eu"));
        assertThat(selectors
                        .compile("asset.software['muster-agent'] == '1.0'")
                        .prefilter(NOW)
                        .condition())
                .isEqualTo(
                        SqlCondition.of("(software @> jsonb_build_object(?::text, ?::text))", "muster-agent", "1.0"));
    }
}

package dev.muster.rollout.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.rollout.engine.Check.Answer;
import dev.muster.rollout.gate.GateExpressions.Compiled;
import dev.muster.slo.ErrorBudgets;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.support.StaticListableBeanFactory;

class GateExpressionsTest {
    private static final ErrorBudgets POS_ONLY = new ErrorBudgets() {
        @Override
        public boolean knows(String slo) {
            return slo.equals("pos");
        }

        @Override
        public Optional<Budget> of(String slo, Instant now) {
            return Optional.empty();
        }
    };
    private static final Set<String> LATENCY = Set.of("latency");

    private final GateExpressions expressions = with(null);

    @Test
    void saysYesAndNoOfWhatIsKnown() {
        Map<String, Object> values = Map.of("wave.failed", 2L, "wave.successRate", 0.98, "metrics.latency.change", 0.2);
        assertThat(ask("wave.failed <= 2 && wave.successRate >= 0.98", values)).isEqualTo(new Answer.Holds());
        assertThat(ask("metrics.latency.change < 0.1", values)).isEqualTo(new Answer.Fails());
        assertThat(ask("wave.failed < 1.5", values))
                .as("whole numbers and others compare")
                .isEqualTo(new Answer.Fails());
    }

    @Test
    void whatIsNotKnownIsNoAnswerUnlessTheRestDecides() {
        Map<String, Object> values = Map.of(
                "wave.failed",
                2L,
                "metrics.latency.samples",
                3L,
                "metrics.latency.note",
                "3 assets have it, 10 are needed");
        assertThat(ask("metrics.latency.pHigher > 0.05", values))
                .isEqualTo(
                        new Answer.Unknown("metrics.latency.pHigher (3 assets have it, 10 are needed) is not known"));
        assertThat(ask("wave.failed < 5 || metrics.latency.pHigher > 0.05", values))
                .isEqualTo(new Answer.Holds());
        assertThat(ask("metrics.latency.pHigher > 0.05 && wave.failed < 1", values))
                .isEqualTo(new Answer.Fails());
        assertThat(ask("wave.restarts == 0", values)).isEqualTo(new Answer.Unknown("wave.restarts is not known"));
    }

    @Test
    void aBadOneIsRefusedWithTheCharacterAtWhichItGoesWrong() {
        assertThat(refusal("wave.faild == 0")).startsWith("at character 5: undefined field 'faild'");
        assertThat(refusal("wave.failed == 'x'")).startsWith("at character 13: found no matching overload");
        assertThat(refusal("wave.failed")).contains("expected type 'bool' but found 'int'");
        assertThat(refusal("metrics.speed.mean > 1.0")).startsWith("at character 8: undefined field 'speed'");
        assertThat(refusal("wave.failed == 0 &&")).startsWith("at character ");
        assertThat(refusal("wave.failed == 0 && ".repeat(2_000) + "true")).isNotEmpty();
    }

    @Test
    void anErrorBudgetIsRefusedWhereNobodyKeepsOneOrThatOneIsNotKnown() {
        String check = "wave.failed == 0 && slo.pos.burnRate < 2.0";
        assertThat(refusal(check)).startsWith("at character 21: asks for an error budget, and this server keeps none");
        GateExpressions kept = with(POS_ONLY);
        assertThat(kept.compile(check, LATENCY)).isInstanceOf(Compiled.Ready.class);
        assertThat(kept.compile("slo.web.burnRate < 2.0", LATENCY))
                .isEqualTo(new Compiled.Refused("at character 1: asks for the SLO web, which does not exist"));
        assertThat(ready(kept, check).condition().test(Map.of("wave.failed", 0L)))
                .as("a budget that is not known")
                .isEqualTo(new Answer.Unknown("slo.pos.burnRate is not known"));
        assertThat(ready(kept, check).condition().test(Map.of("wave.failed", 0L, "slo.pos.burnRate", 0.5)))
                .isEqualTo(new Answer.Holds());
    }

    @Test
    void saysWhichValuesAreToBeMeasured() {
        assertThat(ready(expressions, "wave.restarts <= 1 && metrics.latency.change < 0.1")
                        .mentioned())
                .containsExactlyInAnyOrder("wave.restarts", "metrics.latency.change");
    }

    private Answer ask(String source, Map<String, Object> values) {
        return ready(expressions, source).condition().test(values);
    }

    private static Compiled.Ready ready(GateExpressions expressions, String source) {
        Compiled compiled = expressions.compile(source, LATENCY);
        assertThat(compiled).isInstanceOf(Compiled.Ready.class);
        return (Compiled.Ready) compiled;
    }

    private String refusal(String source) {
        Compiled compiled = expressions.compile(source, LATENCY);
        assertThat(compiled).isInstanceOf(Compiled.Refused.class);
        return ((Compiled.Refused) compiled).why();
    }

    private static GateExpressions with(@Nullable ErrorBudgets budgets) {
        StaticListableBeanFactory beans = new StaticListableBeanFactory();
        if (budgets != null) {
            beans.addBean("budgets", budgets);
        }
        return new GateExpressions(beans.getBeanProvider(ErrorBudgets.class));
    }
}

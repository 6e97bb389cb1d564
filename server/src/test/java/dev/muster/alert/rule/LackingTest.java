package dev.muster.alert.rule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.runtime.CelEvaluationException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class LackingTest {
    private static final List<String> NAMES = List.of("asset.drift", "metrics.a", "metrics.b", "metrics['c d']");

    /** What random expressions over random values really come to, by CEL. */
    private record Outcome(int lacking, int failed, int decided) {}

    private static Outcome heldAgainstEvaluation(long seed, UnaryOperator<Lacking> bug) throws Exception {
        Random random = new Random(seed);
        int lacking = 0;
        int failed = 0;
        int decided = 0;
        for (int i = 0; i < 400; i++) {
            String source = condition(random, 3);
            CelAbstractSyntaxTree ast = Expression.COMPILER.compile(source).getAst();
            var program = Expression.RUNTIME.createProgram(ast);
            Lacking told = bug.apply(Lacking.of(ast.getExpr(), Expression.NAMED));
            for (int which = 0; which < 1 << NAMES.size(); which++) {
                Map<String, Object> asset = new HashMap<>();
                Map<String, Object> metrics = new HashMap<>();
                put(asset, "drift", which, 1, random);
                put(metrics, "a", which, 2, random);
                put(metrics, "b", which, 4, random);
                put(metrics, "c d", which, 8, random);
                boolean isSo =
                        told.isSo((variable, name) -> (variable.equals("asset") ? asset : metrics).containsKey(name));
                try {
                    program.eval(Map.of("asset", asset, "metrics", metrics, "now", Instant.EPOCH));
                    assertThat(isSo)
                            .as("seed %s: %s of %s, %s is decided", seed, source, asset, metrics)
                            .isFalse();
                    decided++;
                } catch (CelEvaluationException fails) {
                    failed++;
                    lacking += isSo ? 1 : 0;
                }
            }
        }
        return new Outcome(lacking, failed, decided);
    }

    private static void put(Map<String, Object> to, String name, int which, int bit, Random random) {
        if ((which & bit) != 0) {
            to.put(name, random.nextInt(-2, 3));
        }
    }

    private static String condition(Random random, int depth) {
        String name = NAMES.get(random.nextInt(NAMES.size()));
        if (depth == 0) {
            return name + " > " + random.nextInt(-2, 3);
        }
        String one = condition(random, depth - 1);
        String other = condition(random, random.nextInt(depth));
        return switch (random.nextInt(10)) {
            case 0, 1 -> "(" + one + " || " + other + ")";
            case 2, 3 -> "(" + one + " && " + other + ")";
            case 4 -> "(" + one + " ? " + other + " : " + condition(random, depth - 1) + ")";
            case 5 -> "!(" + one + ")";
            case 6 -> "has(" + NAMES.get(random.nextInt(3)) + ") == (" + one + ")";
            case 7 -> name + " == " + NAMES.get(random.nextInt(NAMES.size()));
            case 8 -> "[" + name + ", 1].exists(x, x > 0 && " + other + ")";
            default -> name + " + " + NAMES.get(random.nextInt(NAMES.size())) + " in [0, 1]";
        };
    }

    @Test
    void whatCannotBeDecidedIsToldAndNothingElse() throws Exception {
        Outcome outcome = heldAgainstEvaluation(System.nanoTime(), told -> told);
        System.out.println(outcome);
        assertThat(outcome.decided()).isPositive();
        // it need not know all, but a good part
        assertThat(outcome.lacking()).isGreaterThan(outcome.failed() / 3);
    }

    @Test
    void oneThatTellsTooMuchIsFound() {
        assertThatThrownBy(() ->
                        heldAgainstEvaluation(7, told -> names -> told.isSo(names) || !names.has("metrics", "a")))
                .isInstanceOf(AssertionError.class);
    }

    @Test
    void aVariableOfALoopIsNotTheOneOutside() throws Exception {
        CelAbstractSyntaxTree ast = Expression.COMPILER
                .compile("[{'drift': 1}].all(asset, asset.drift == 1)")
                .getAst();
        assertThat(Lacking.of(ast.getExpr(), Expression.NAMED).isSo((variable, name) -> false))
                .isFalse();
    }
}

package dev.muster.rollout.gate;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelValidationException;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.navigation.CelNavigableExpr;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import dev.cel.common.types.StructTypeReference;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import dev.cel.runtime.Program;
import dev.muster.registry.selector.Selectors;
import dev.muster.rollout.engine.Check;
import dev.muster.slo.ErrorBudgets;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/**
 * Compiles gates: CEL over one {@code wave}, the {@code metrics} that the gate compares, and {@code slo}; type-checked and bounded in size
 * and cost like selectors. A value that is not known is an error of that part of the expression, and an error of the whole is no answer.
 */
@Component
public final class GateExpressions {
    static final StructType WAVE = struct(
            "muster.Wave",
            Map.ofEntries(
                    Map.entry("name", SimpleType.STRING),
                    Map.entry("targets", SimpleType.INT),
                    Map.entry("succeeded", SimpleType.INT),
                    Map.entry("failed", SimpleType.INT),
                    Map.entry("unreachable", SimpleType.INT),
                    Map.entry("indeterminate", SimpleType.INT),
                    Map.entry("samples", SimpleType.INT),
                    Map.entry("successRate", SimpleType.DOUBLE),
                    Map.entry("failureRate", SimpleType.DOUBLE),
                    Map.entry("failureRateUpper95", SimpleType.DOUBLE),
                    Map.entry("restarts", SimpleType.INT),
                    Map.entry("errorRate", SimpleType.DOUBLE),
                    Map.entry("online", SimpleType.DOUBLE),
                    Map.entry("freshness", SimpleType.DOUBLE)));
    static final StructType METRIC = struct(
            "muster.ComparedMetric",
            Map.of(
                    "samples", SimpleType.INT,
                    "baselineSamples", SimpleType.INT,
                    "mean", SimpleType.DOUBLE,
                    "baseline", SimpleType.DOUBLE,
                    "change", SimpleType.DOUBLE,
                    "pHigher", SimpleType.DOUBLE,
                    "pLower", SimpleType.DOUBLE));
    static final StructType BUDGET =
            struct("muster.ErrorBudget", Map.of("remaining", SimpleType.DOUBLE, "burnRate", SimpleType.DOUBLE));

    private static final String SLO = "slo";
    private static final int CACHED = 500;

    private final ObjectProvider<ErrorBudgets> budgets;
    private final Map<List<Object>, Compiled> compiled = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<List<Object>, Compiled> eldest) {
            return size() > CACHED;
        }
    };

    GateExpressions(ObjectProvider<ErrorBudgets> budgets) {
        this.budgets = budgets;
    }

    /** What came of an expression. */
    public sealed interface Compiled {
        /** @param mentioned the values that it asks for, such as {@code wave.restarts}, {@code metrics.latency.change} */
        record Ready(Check.Condition condition, Set<String> mentioned) implements Compiled {}

        /** @param why where and what */
        record Refused(String why) implements Compiled {}
    }

    /** @param metrics the names of what the gate compares */
    public Compiled compile(String source, Set<String> metrics) {
        List<Object> key = List.of(source, new TreeSet<>(metrics));
        synchronized (compiled) {
            Compiled known = compiled.get(key);
            if (known != null) {
                return known;
            }
        }
        Compiled fresh = compileFresh(source, metrics);
        synchronized (compiled) {
            compiled.put(key, fresh);
        }
        return fresh;
    }

    private Compiled compileFresh(String source, Set<String> metrics) {
        Map<String, CelType> compared = new TreeMap<>();
        metrics.forEach(name -> compared.put(name, StructTypeReference.create(METRIC.name())));
        StructType all = struct("muster.ComparedMetrics", compared);
        CelTypeProvider types = provider(WAVE, METRIC, BUDGET, all);
        CelCompiler compiler = CelCompilerFactory.standardCelCompilerBuilder()
                .setOptions(Selectors.OPTIONS)
                .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                .setTypeProvider(types)
                .addVar("wave", StructTypeReference.create(WAVE.name()))
                .addVar("metrics", StructTypeReference.create(all.name()))
                .addVar(SLO, MapType.create(SimpleType.STRING, StructTypeReference.create(BUDGET.name())))
                .setResultType(SimpleType.BOOL)
                .build();
        CelRuntime runtime = CelRuntimeFactory.plannerRuntimeBuilder()
                .setOptions(Selectors.OPTIONS)
                .setTypeProvider(types)
                .build();
        try {
            CelAbstractSyntaxTree ast = compiler.compile(source).getAst();
            Set<String> mentioned = mentioned(ast);
            Optional<String> refused = budgetProblem(ast, mentioned);
            return refused.isPresent()
                    ? new Compiled.Refused(refused.get())
                    : new Compiled.Ready(new Condition(runtime.createProgram(ast), all, mentioned), mentioned);
        } catch (CelValidationException invalid) {
            return new Compiled.Refused(invalid.getErrors().stream()
                    .findFirst()
                    .map(issue -> at(
                                    issue.getSourceLocation().getLine(),
                                    issue.getSourceLocation().getColumn())
                            + issue.getMessage())
                    .orElse("is not valid"));
        } catch (CelEvaluationException invalid) {
            return new Compiled.Refused("cannot be prepared: " + invalid.getMessage());
        }
    }

    private static String at(int line, int column) {
        return (line > 1 ? "line " + line + ", " : "") + "at character " + (column + 1) + ": ";
    }

    /** Only what is kept can be asked for, and it has to be named. */
    private Optional<String> budgetProblem(CelAbstractSyntaxTree ast, Set<String> mentioned) {
        ErrorBudgets kept = budgets.getIfAvailable();
        for (CelNavigableExpr node : nodes(ast)) {
            CelExpr expr = node.expr();
            if (expr.getKind() == CelExpr.ExprKind.Kind.IDENT
                    && expr.ident().name().equals(SLO)) {
                String where =
                        "at character " + (ast.getSource().getPositionsMap().getOrDefault(expr.id(), 0) + 1) + ": ";
                if (kept == null) {
                    return Optional.of(
                            where + "asks for an error budget, and this server keeps none: it has no SLOs yet;"
                                    + " ask for values of the wave or for metrics");
                }
                Optional<String> name = mentioned.stream()
                        .filter(each -> each.startsWith(SLO + "."))
                        .map(each -> each.substring(SLO.length() + 1, each.lastIndexOf('.')))
                        .filter(each -> !kept.knows(each))
                        .findFirst();
                if (name.isPresent()) {
                    return Optional.of(where + "asks for the SLO " + name.get() + ", which does not exist");
                }
            }
        }
        return Optional.empty();
    }

    private static List<CelNavigableExpr> nodes(CelAbstractSyntaxTree ast) {
        return CelNavigableAst.fromAst(ast).getRoot().allNodes().toList();
    }

    private static Set<String> mentioned(CelAbstractSyntaxTree ast) {
        Set<String> paths = new LinkedHashSet<>();
        for (CelNavigableExpr node : nodes(ast)) {
            String path = path(node.expr());
            if (path != null && path.contains(".")) {
                paths.add(path);
            }
        }
        paths.removeIf(path -> paths.stream().anyMatch(other -> other.startsWith(path + ".")));
        return paths;
    }

    /** {@code wave.failed} of a chain of fields that begins with a variable; null of anything else. */
    private static @Nullable String path(CelExpr expr) {
        return switch (expr.getKind()) {
            case IDENT -> expr.ident().name();
            case SELECT -> {
                String before = path(expr.select().operand());
                yield before == null ? null : before + "." + expr.select().field();
            }
            case CALL -> indexed(expr);
            default -> null;
        };
    }

    /** {@code slo["vans-uptime"]}: names with a hyphen are no identifiers. */
    private static @Nullable String indexed(CelExpr expr) {
        List<CelExpr> of = expr.call().args();
        if (!expr.call().function().equals("_[_]") || of.size() != 2) {
            return null;
        }
        String before = path(of.getFirst());
        boolean isName = of.getLast().getKind() == CelExpr.ExprKind.Kind.CONSTANT
                && of.getLast().constant().getKind() == dev.cel.common.ast.CelConstant.Kind.STRING_VALUE;
        return before == null || !isName
                ? null
                : before + "." + of.getLast().constant().stringValue();
    }

    private record Condition(Program program, StructType metrics, Set<String> mentioned) implements Check.Condition {
        @Override
        public Check.Answer test(Map<String, Object> values) {
            try {
                Object result = program.eval(Map.of(
                        "wave",
                        new GateValue(WAVE, "wave.", values),
                        "metrics",
                        new GateValue(metrics, "metrics.", values),
                        SLO,
                        GateValue.budgets(values)));
                return Boolean.TRUE.equals(result) ? new Check.Answer.Holds() : new Check.Answer.Fails();
            } catch (CelEvaluationException unknown) {
                List<String> missing = mentioned.stream()
                        .filter(name -> !values.containsKey(name))
                        .map(name -> name + note(name, values))
                        .toList();
                return new Check.Answer.Unknown(
                        missing.isEmpty()
                                ? String.valueOf(unknown.getMessage())
                                : String.join(", ", missing) + (missing.size() == 1 ? " is" : " are") + " not known");
            }
        }

        private static String note(String name, Map<String, Object> values) {
            Object note = values.get(name.substring(0, name.lastIndexOf('.')) + ".note");
            return note == null ? "" : " (" + note + ")";
        }
    }

    private static StructType struct(String name, Map<String, ? extends CelType> fields) {
        ImmutableMap<String, CelType> types = ImmutableMap.copyOf(fields);
        return StructType.create(
                name, ImmutableSet.copyOf(types.keySet()), field -> Optional.ofNullable(types.get(field)));
    }

    private static CelTypeProvider provider(StructType... structs) {
        ImmutableMap<String, CelType> byName =
                Stream.of(structs).collect(ImmutableMap.toImmutableMap(StructType::name, struct -> (CelType) struct));
        return new CelTypeProvider() {
            @Override
            public ImmutableCollection<CelType> types() {
                return ImmutableList.copyOf(byName.values());
            }

            @Override
            public Optional<CelType> findType(String name) {
                return Optional.ofNullable(byName.get(name));
            }
        };
    }
}

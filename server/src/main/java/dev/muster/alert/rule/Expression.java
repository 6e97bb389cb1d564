package dev.muster.alert.rule;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelValidationException;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import dev.cel.runtime.Program;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.document.FieldReader;
import dev.muster.registry.selector.Selectors;
import dev.muster.telemetry.store.TelemetryStore.Value;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * CEL over {@code asset} (the twin as selectors see it: labels, presence, software, drift, certificateExpires,
 * clockOffset, …; of that only what the expression names is made for each asset), the documents {@code desired} and {@code reported}, {@code metrics} and {@code now}. What is absent is an error of that part of the expression, and an error of the whole is no answer; metrics older than
 * {@code staleAfter} are absent.
 */
record Expression(
        String source,
        Program program,
        Lacking lacking,
        Set<String> facts,
        Set<String> lookedAt,
        TwinInCel documents,
        Set<String> metrics,
        Duration staleAfter)
        implements Condition {
    static final String METRICS = "metrics";
    static final List<String> NAMED = List.of("asset", METRICS);
    /** In seconds; of the newest report. */
    private static final String CLOCK_OFFSET = "clockOffset";

    static final CelCompiler COMPILER = CelCompilerFactory.standardCelCompilerBuilder()
            .setOptions(Selectors.OPTIONS)
            .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
            .addVar("asset", MapType.create(SimpleType.STRING, SimpleType.DYN))
            .addVar(TwinInCel.DESIRED, MapType.create(SimpleType.STRING, SimpleType.DYN))
            .addVar(TwinInCel.REPORTED, MapType.create(SimpleType.STRING, SimpleType.DYN))
            .addVar(METRICS, MapType.create(SimpleType.STRING, SimpleType.DYN))
            .addVar("now", SimpleType.TIMESTAMP)
            .setResultType(SimpleType.BOOL)
            .build();
    static final CelRuntime RUNTIME = CelRuntimeFactory.plannerRuntimeBuilder()
            .setOptions(Selectors.OPTIONS)
            .build();
    private static final Set<String> FIELDS = Set.of(
            "id",
            "type",
            "labels",
            "owner",
            "region",
            "site",
            "hardware",
            "lifecycle",
            "presence",
            "presenceSince",
            "lastSeen",
            "certificateExpires",
            "software",
            "drift",
            CLOCK_OFFSET);
    private static final Set<String> PRESENCE = Set.of("presence", "presenceSince");
    /** They change seldom, and by people. */
    private static final Set<String> AS_TODAY = Set.of("labels", "owner", "region", "site", "hardware", "lifecycle");

    private static final Set<String> NOT_KEPT =
            Set.of("lastSeen", "certificateExpires", "software", "drift", CLOCK_OFFSET);

    @Override
    public List<Finding> judge(List<Subject> subjects, Moment moment) {
        int atOnce = documents.isNone() ? subjects.size() : TwinInCel.AT_ONCE;
        List<Finding> findings = new ArrayList<>(subjects.size());
        for (int i = 0; i < subjects.size(); i += atOnce) {
            findings.addAll(judgePart(subjects.subList(i, Math.min(subjects.size(), i + atOnce)), moment));
        }
        return findings;
    }

    private List<Finding> judgePart(List<Subject> subjects, Moment moment) {
        List<AssetId> assets =
                subjects.stream().map(subject -> subject.asset().id()).toList();
        Map<AssetId, Map<String, Value>> newest =
                metrics.isEmpty() ? Map.of() : Newest.of(subjects, metrics, moment.readings());
        Map<AssetId, Double> offsets =
                facts.contains(CLOCK_OFFSET) ? moment.readings().clockOffsets(assets) : Map.of();
        TwinInCel.Documents read = documents.read(moment.readings(), assets);
        return subjects.stream()
                .map(subject -> judge(
                        subject.asset(),
                        offsets.get(subject.asset().id()),
                        read,
                        newest.getOrDefault(subject.asset().id(), Map.of()),
                        moment.now()))
                .toList();
    }

    private Finding judge(
            Asset asset, @Nullable Double offset, TwinInCel.Documents read, Map<String, Value> newest, Instant now) {
        Map<String, Object> fresh = new TreeMap<>();
        newest.forEach((metric, value) -> {
            if (metrics.contains(metric) && value.ts() >= now.minus(staleAfter).toEpochMilli()) {
                fresh.put(metric, value.value());
            }
        });
        Map<String, Object> twin = fields(asset);
        Optional.ofNullable(offset).ifPresent(seconds -> twin.put(CLOCK_OFFSET, seconds));
        if (lacking.isSo((variable, name) -> (variable.equals(METRICS) ? fresh : twin).containsKey(name))) {
            return unknown(asset, fresh, read, "the asset has no " + String.join(", ", absent(facts, twin)));
        }
        try {
            Map<String, Object> variables = documents.values(read, asset.id());
            variables.putAll(Map.of("asset", twin, METRICS, fresh, "now", now));
            Object result = program.eval(variables);
            if (!Boolean.TRUE.equals(result)) {
                return Finding.FINE;
            }
            Map<String, Object> inputs = new HashMap<>(fresh);
            inputs.putAll(documents.inputs(read, asset.id()));
            inputs.put("expression", source);
            facts.forEach(fact -> Optional.ofNullable(twin.get(fact))
                    .ifPresent(
                            value -> inputs.put("asset." + fact, value instanceof Instant at ? at.toString() : value)));
            return new Finding.Wrong(fresh.isEmpty() ? source : source + " with " + fresh, inputs);
        } catch (CelEvaluationException unknown) {
            return unknown(asset, fresh, read, String.valueOf(unknown.getMessage()));
        }
    }

    /** @param otherwise why, when neither metrics nor documents are missing */
    private Finding unknown(Asset asset, Map<String, Object> fresh, TwinInCel.Documents read, String otherwise) {
        List<String> missing = absent(metrics, fresh);
        return new Finding.Unknown(
                missing.isEmpty()
                        ? documents.missing(read, asset.id()).orElse(otherwise)
                        : "no fresh value of " + String.join(", ", missing));
    }

    private static List<String> absent(Set<String> names, Map<String, Object> from) {
        return names.stream().filter(name -> !from.containsKey(name)).sorted().toList();
    }

    private Map<String, Object> fields(Asset asset) {
        Map<String, Object> fields = new HashMap<>();
        for (String field : lookedAt) {
            Object value = field(asset, field);
            if (value != null) {
                fields.put(field, value);
            }
        }
        return fields;
    }

    /** @return null when the asset has none, and of what does not come out of the registry */
    private static @Nullable Object field(Asset asset, String name) {
        return switch (name) {
            case "id" -> asset.id().value();
            case "type" -> asset.type();
            case "labels" -> asset.labels();
            case "owner" -> asset.owner();
            case "region" -> asset.region();
            case "site" -> asset.site();
            case "hardware" -> asset.hardware();
            case "lifecycle" -> asset.lifecycle().wire();
            case "presence" -> asset.presence().wire();
            case "presenceSince" -> asset.presenceSince();
            case "software" -> asset.software();
            case "lastSeen" -> asset.lastSeen();
            case "certificateExpires" -> asset.certificateExpires();
            case "drift" -> asset.drift() == null ? null : Long.valueOf(asset.drift());
            case CLOCK_OFFSET -> null;
            default -> throw new IllegalArgumentException("asset has no field " + name);
        };
    }

    @Override
    public String text() {
        return source;
    }

    @Override
    public Reads reads() {
        List<String> lost = facts.stream().filter(NOT_KEPT::contains).sorted().toList();
        if (!documents.isNone()) {
            return new Reads.NotKept(
                    "of what is desired and reported only the newest is known, not what it was at each moment");
        }
        if (!lost.isEmpty()) {
            return new Reads.NotKept("of asset." + String.join(", asset.", lost)
                    + " only the present value is known, not what it was at each moment");
        }
        return new Reads.Kept(
                metrics,
                staleAfter,
                facts.stream().anyMatch(PRESENCE::contains),
                facts.stream().filter(AS_TODAY::contains).sorted().toList());
    }

    /** Whether nothing is done with a variable but to name fields of it. */
    private static boolean isOnlyNamed(CelAbstractSyntaxTree ast, String variable) {
        List<CelExpr> nodes = CelNavigableAst.fromAst(ast)
                .getRoot()
                .allNodes()
                .map(node -> node.expr())
                .toList();
        return nodes.stream().filter(node -> is(node, variable)).count()
                == nodes.stream().filter(node -> named(node, variable) != null).count();
    }

    /** Of {@code metrics.speed} and {@code metrics["speed"]}. */
    private static Set<String> mentioned(CelAbstractSyntaxTree ast, String variable) {
        return CelNavigableAst.fromAst(ast)
                .getRoot()
                .allNodes()
                .map(node -> named(node.expr(), variable))
                .flatMap(name -> Optional.ofNullable(name).stream())
                .collect(Collectors.toUnmodifiableSet());
    }

    /** The name of a variable's value that an expression is, as {@code speed} of {@code metrics.speed}; null when it is none. */
    static @Nullable String named(CelExpr expr, String variable) {
        if (expr.getKind() == CelExpr.ExprKind.Kind.SELECT && is(expr.select().operand(), variable)) {
            return expr.select().field();
        }
        if (expr.getKind() == CelExpr.ExprKind.Kind.CALL
                && expr.call().function().equals("_[_]")
                && is(expr.call().args().getFirst(), variable)
                && expr.call().args().get(1).getKind() == CelExpr.ExprKind.Kind.CONSTANT
                && expr.call().args().get(1).constant().getKind() == dev.cel.common.ast.CelConstant.Kind.STRING_VALUE) {
            return expr.call().args().get(1).constant().stringValue();
        }
        return null;
    }

    private static boolean is(CelExpr expr, String variable) {
        return expr.getKind() == CelExpr.ExprKind.Kind.IDENT
                && expr.ident().name().equals(variable);
    }

    @Component
    static final class Kind implements ConditionKind {
        @Override
        public String key() {
            return "expression";
        }

        @Override
        public Condition read(FieldReader reader) {
            String source = reader.requiredText("cel");
            Duration stale =
                    reader.duration("staleAfter", Threshold.STALE_AFTER, Duration.ofSeconds(1), Duration.ofDays(7));
            try {
                CelAbstractSyntaxTree ast = COMPILER.compile(source).getAst();
                Set<String> facts = mentioned(ast, "asset");
                facts.stream()
                        .filter(field -> !FIELDS.contains(field))
                        .findFirst()
                        .ifPresent(field -> reader.problem(
                                "cel",
                                "asset has no field " + field + "; it has "
                                        + String.join(
                                                ", ", FIELDS.stream().sorted().toList())));
                return new Expression(
                        source,
                        RUNTIME.createProgram(ast),
                        Lacking.of(ast.getExpr(), NAMED),
                        facts,
                        isOnlyNamed(ast, "asset") ? facts : FIELDS,
                        TwinInCel.of(ast),
                        mentioned(ast, METRICS),
                        stale);
            } catch (CelValidationException invalid) {
                reader.problem(
                        "cel",
                        invalid.getErrors().stream()
                                .findFirst()
                                .map(issue -> "at character "
                                        + (issue.getSourceLocation().getColumn() + 1) + ": " + issue.getMessage())
                                .orElse("is not valid"));
            } catch (CelEvaluationException invalid) {
                reader.problem("cel", "cannot be prepared: " + invalid.getMessage());
            }
            return new Threshold("", new Bound(0.0, null, 0), stale); // never used: there is a problem
        }
    }
}

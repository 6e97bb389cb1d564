package dev.muster.registry.selector;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableList;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOptions;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructTypeReference;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Compiles selectors: CEL expressions over one {@code asset} and {@code now}, type-checked and bounded in size and cost.
 *
 * @see <a href="https://github.com/google/cel-spec/blob/master/doc/langdef.md">CEL language definition</a>
 */
@Component
public class Selectors {
    public static final int MAX_CODE_POINTS = 16_384;
    static final int MAX_NODES = 5_000;
    static final int MAX_DEPTH = 100;
    /** All comprehensions of one evaluation together. */
    static final int MAX_ITERATIONS = 1_000;

    static final int MAX_REGEX_PROGRAM = 500;
    private static final int CACHED = 500;
    /** {@code version.atLeast('1.4.0')}: by {@link VersionOrder}, where a comparison of texts would put 1.10 before 1.9. */
    static final String AT_LEAST = "atLeast";

    private static final String AT_LEAST_OVERLOAD = "version_at_least_version";

    /** Bounds in size and cost, for every expression that people write. */
    public static final CelOptions OPTIONS = CelOptions.current()
            .maxExpressionCodePointSize(MAX_CODE_POINTS)
            .maxParseExpressionNodeCount(MAX_NODES)
            .maxParseRecursionDepth(MAX_DEPTH)
            .maxParseErrorRecoveryLimit(10)
            .comprehensionMaxIterations(MAX_ITERATIONS)
            .maxRegexProgramSize(MAX_REGEX_PROGRAM)
            .enableHeterogeneousNumericComparisons(true)
            .build();

    private static final CelTypeProvider TYPES = new CelTypeProvider() {
        @Override
        public ImmutableCollection<CelType> types() {
            return ImmutableList.of(AssetValue.TYPE);
        }

        @Override
        public Optional<CelType> findType(String name) {
            return name.equals(AssetValue.TYPE.name()) ? Optional.of(AssetValue.TYPE) : Optional.empty();
        }
    };

    private final CelCompiler compiler = CelCompilerFactory.standardCelCompilerBuilder()
            .setOptions(OPTIONS)
            .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
            .setTypeProvider(TYPES)
            .addVar("asset", StructTypeReference.create(AssetValue.TYPE.name()))
            .addVar("now", SimpleType.TIMESTAMP)
            .addFunctionDeclarations(CelFunctionDecl.newFunctionDeclaration(
                    AT_LEAST,
                    CelOverloadDecl.newMemberOverload(
                            AT_LEAST_OVERLOAD, SimpleType.BOOL, SimpleType.STRING, SimpleType.STRING)))
            .setResultType(SimpleType.BOOL)
            .build();

    private final CelRuntime runtime = CelRuntimeFactory.plannerRuntimeBuilder()
            .setOptions(OPTIONS)
            .setTypeProvider(TYPES)
            .addFunctionBindings(CelFunctionBinding.fromOverloads(
                    AT_LEAST,
                    CelFunctionBinding.from(
                            AT_LEAST_OVERLOAD,
                            String.class,
                            String.class,
                            (version, least) -> VersionOrder.INSTANCE.compare(version, least) >= 0)))
            .build();

    private final Map<String, Selector> compiled = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Selector> eldest) {
            return size() > CACHED;
        }
    };

    private final Function<Constants, SqlTranslator> translators;
    private final Counter errors;

    @Autowired
    public Selectors(MeterRegistry meters) {
        this(meters, SqlTranslator::new);
    }

    Selectors(MeterRegistry meters, Function<Constants, SqlTranslator> translators) {
        this.translators = translators;
        this.errors = Counter.builder("muster.selector.errors")
                .description("Assets for which a selector could not be decided")
                .register(meters);
    }

    /** @throws SelectorException when the text is not a selector */
    public Selector compile(String source) {
        synchronized (compiled) {
            Selector known = compiled.get(source);
            if (known != null) {
                return known;
            }
        }
        Selector fresh = compileFresh(source);
        synchronized (compiled) {
            compiled.put(source, fresh);
        }
        return fresh;
    }

    /** Why a text is not a selector; empty when it is one. */
    public Optional<String> problem(String source) {
        try {
            compile(source);
            return Optional.empty();
        } catch (SelectorException refused) {
            return Optional.of(String.valueOf(refused.getMessage()));
        }
    }

    private Selector compileFresh(String source) {
        if (source.codePointCount(0, source.length()) > MAX_CODE_POINTS) {
            throw new SelectorException("selector has " + source.length() + " characters, at most " + MAX_CODE_POINTS
                    + " are allowed; name the assets by a label instead");
        }
        try {
            CelAbstractSyntaxTree ast = compiler.compile(source).getAst();
            return new Selector(
                    source,
                    ast,
                    runtime.createProgram(ast),
                    Constants.compile(ast, runtime),
                    translators,
                    errors::increment);
        } catch (CelValidationException invalid) {
            throw new SelectorException("selector is not valid: " + firstError(invalid), invalid);
        } catch (CelEvaluationException invalid) {
            throw new SelectorException("selector cannot be prepared: " + invalid.getMessage(), invalid);
        }
    }

    /** Where, and what: without the drawing of arrows, which only makes sense in a fixed-width window. */
    private static String firstError(CelValidationException invalid) {
        return invalid.getErrors().stream()
                .findFirst()
                .map(issue -> "at character " + (issue.getSourceLocation().getColumn() + 1) + ": " + issue.getMessage())
                .orElse("unknown reason");
    }
}

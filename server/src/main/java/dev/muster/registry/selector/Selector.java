package dev.muster.registry.selector;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.Program;
import dev.muster.registry.Asset;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** A compiled selector: which assets it selects, decided in memory or narrowed by SQL. */
public final class Selector {
    private final String source;
    private final CelAbstractSyntaxTree ast;
    private final Program program;
    private final Map<Long, Program> constants;
    private final Function<Constants, SqlTranslator> translators;
    private final Runnable error;
    private final List<SoftwareNeed> needs;
    private final Set<String> components;

    Selector(
            String source,
            CelAbstractSyntaxTree ast,
            Program program,
            Map<Long, Program> constants,
            Function<Constants, SqlTranslator> translators,
            Runnable error) {
        this.source = source;
        this.ast = ast;
        this.program = program;
        this.constants = constants;
        this.translators = translators;
        this.error = error;
        this.needs = SoftwareNeeds.of(ast.getExpr());
        this.components = Set.copyOf(SoftwareNeeds.components(ast.getExpr()));
    }

    /** What a selector says about one asset. */
    public enum Verdict {
        SELECTED,
        NOT_SELECTED,
        /** The evaluation was an error, for example because a label is absent; counts as not selected. */
        UNDECIDED
    }

    /**
     * The part that PostgreSQL can answer.
     *
     * @param condition holds at least for every selected asset
     * @param exact whether it holds for the selected assets only, so that {@link #matches} need not be asked
     */
    public record Prefilter(SqlCondition condition, boolean exact) {}

    public String source() {
        return source;
    }

    public boolean matches(Asset asset, Instant now) {
        return evaluate(asset, now) == Verdict.SELECTED;
    }

    public Verdict evaluate(Asset asset, Instant now) {
        try {
            Object result = program.eval(Map.of("asset", new AssetValue(asset), "now", now));
            return Boolean.TRUE.equals(result) ? Verdict.SELECTED : Verdict.NOT_SELECTED;
        } catch (CelEvaluationException undecided) {
            error.run();
            return Verdict.UNDECIDED;
        }
    }

    public Prefilter prefilter(Instant now) {
        SqlTranslator.Rows rows =
                translators.apply(Constants.at(now, constants)).rows(ast.getExpr(), true);
        return new Prefilter(rows.orTrue(), rows.exact());
    }

    /** The assets for which it is an error, when PostgreSQL can tell them exactly. */
    public Optional<SqlCondition> undecided(Instant now) {
        SqlTranslator translator = translators.apply(Constants.at(now, constants));
        SqlTranslator.Rows selected = translator.rows(ast.getExpr(), true);
        SqlTranslator.Rows others = translator.rows(ast.getExpr(), false);
        return selected.exact() && others.exact() ? Optional.of(translator.errors(ast.getExpr())) : Optional.empty();
    }

    /** Whether the answer can change without a change of the asset's declared part: by time, by presence, by a report. */
    public boolean isVolatile() {
        return Mentions.anyOf(
                ast.getExpr(),
                "now",
                "presence",
                "presenceSince",
                "lastSeen",
                "certificateExpires",
                "software",
                "drift");
    }

    /** Versions of components that every selected asset runs. */
    public List<SoftwareNeed> needs() {
        return needs;
    }

    /** Components whose version it looks at. */
    public Set<String> components() {
        return components;
    }

    @Override
    public String toString() {
        return source;
    }
}

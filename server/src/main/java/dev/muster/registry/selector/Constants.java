package dev.muster.registry.selector;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelExpr;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.Program;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The values of those sub-expressions that are the same for every asset, worked out by CEL itself. */
final class Constants {
    private static final String NOW = "now";

    /** @param value {@code null} when the evaluation is an error */
    record Evaluated(@Nullable Object value) {}

    private final Map<Long, Program> programs;
    private final Instant now;

    private Constants(Map<Long, Program> programs, Instant now) {
        this.programs = programs;
        this.now = now;
    }

    /** A program for every sub-expression that does not depend on the asset and is not inside another such one. */
    static Map<Long, Program> compile(CelAbstractSyntaxTree ast, CelRuntime runtime) throws CelEvaluationException {
        Map<Long, Program> programs = new HashMap<>();
        compile(ast.getExpr(), ast, runtime, programs);
        return Map.copyOf(programs);
    }

    static Constants at(Instant now, Map<Long, Program> programs) {
        return new Constants(programs, now);
    }

    /** {@code null} when the value depends on the asset. */
    @Nullable Evaluated of(CelExpr node) {
        Program program = programs.get(node.id());
        if (program == null) {
            return null;
        }
        try {
            return new Evaluated(program.eval(Map.of(NOW, now)));
        } catch (CelEvaluationException error) {
            return new Evaluated(null);
        }
    }

    private static void compile(
            CelExpr node, CelAbstractSyntaxTree ast, CelRuntime runtime, Map<Long, Program> programs)
            throws CelEvaluationException {
        if (isConstant(node)) {
            programs.put(
                    node.id(),
                    runtime.createProgram(CelAbstractSyntaxTree.newCheckedAst(
                            node, ast.getSource(), ast.getReferenceMap(), ast.getTypeMap())));
            return;
        }
        for (CelExpr child : children(node)) {
            compile(child, ast, runtime, programs);
        }
    }

    /** A comprehension is not looked into: its variables would look like constants. */
    private static boolean isConstant(CelExpr node) {
        return switch (node.getKind()) {
            case CONSTANT -> true;
            case IDENT -> node.ident().name().equals(NOW);
            case CALL, LIST, SELECT -> children(node).stream().allMatch(Constants::isConstant);
            case MAP, STRUCT, COMPREHENSION, NOT_SET -> false;
        };
    }

    private static List<CelExpr> children(CelExpr node) {
        return switch (node.getKind()) {
            case CALL ->
                Stream.concat(node.call().target().stream(), node.call().args().stream())
                        .toList();
            case LIST -> node.list().elements();
            case SELECT -> List.of(node.select().operand());
            case CONSTANT, IDENT, MAP, STRUCT, COMPREHENSION, NOT_SET -> List.of();
        };
    }
}

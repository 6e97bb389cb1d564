package dev.muster.alert.rule;

import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.CelCall;
import java.util.List;
import java.util.stream.Stream;

/**
 * Tells of an expression that it cannot be decided for want of a name, without evaluating it: that would end in an exception for each of
 * a million assets, and those cost many times what the answer does. Where it says so evaluation is sure to fail; where it does not it may
 * fail all the same.
 */
@FunctionalInterface
interface Lacking {
    /** What is there, of {@code variable.name} and {@code variable["name"]}. */
    @FunctionalInterface
    interface Names {
        boolean has(String variable, String name);
    }

    boolean isSo(Names names);

    Lacking NOTHING = names -> false;

    /** @param variables those of which {@link Names} knows */
    static Lacking of(CelExpr expr, List<String> variables) {
        for (String variable : variables) {
            String name = Expression.named(expr, variable);
            if (name != null) {
                return expr.getKind() == CelExpr.ExprKind.Kind.SELECT
                                && expr.select().testOnly()
                        ? NOTHING
                        : names -> !names.has(variable, name);
            }
        }
        return switch (expr.getKind()) {
            case SELECT -> of(expr.select().operand(), variables);
            case CALL -> call(expr.call(), variables);
            case LIST -> any(expr.list().elements().stream(), variables);
            case COMPREHENSION -> of(expr.comprehension().iterRange(), variables);
            default -> NOTHING;
        };
    }

    private static Lacking call(CelCall call, List<String> variables) {
        List<CelExpr> args = call.args();
        return switch (call.function()) {
            // what one side lacks the other may decide
            case "_||_", "_&&_" -> both(of(args.get(0), variables), of(args.get(1), variables));
            case "_?_:_" ->
                either(of(args.get(0), variables), both(of(args.get(1), variables), of(args.get(2), variables)));
            // the runtime takes a condition that failed for a value that equals nothing
            case "_==_", "_!=_" ->
                any(
                        args.stream()
                                .filter(arg -> arg.getKind() != CelExpr.ExprKind.Kind.CALL || isNamed(arg, variables)),
                        variables);
            case "@not_strictly_false" -> NOTHING;
            default -> any(Stream.concat(call.target().stream(), args.stream()), variables);
        };
    }

    private static boolean isNamed(CelExpr expr, List<String> variables) {
        return variables.stream().anyMatch(variable -> Expression.named(expr, variable) != null);
    }

    private static Lacking any(Stream<CelExpr> parts, List<String> variables) {
        return parts.map(part -> of(part, variables)).reduce(NOTHING, Lacking::either);
    }

    private static Lacking either(Lacking one, Lacking other) {
        if (one == NOTHING || other == NOTHING) {
            return one == NOTHING ? other : one;
        }
        return names -> one.isSo(names) || other.isSo(names);
    }

    private static Lacking both(Lacking one, Lacking other) {
        return one == NOTHING || other == NOTHING ? NOTHING : names -> one.isSo(names) && other.isSo(names);
    }
}

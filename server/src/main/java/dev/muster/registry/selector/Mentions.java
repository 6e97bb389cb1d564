package dev.muster.registry.selector;

import dev.cel.common.ast.CelExpr;
import java.util.Set;
import java.util.stream.Stream;

/** Looks for names in an expression; may find one too many, never one too few. */
final class Mentions {
    private Mentions() {}

    static boolean anyOf(CelExpr node, String... names) {
        Set<String> wanted = Set.of(names);
        return nodes(node).anyMatch(each -> switch (each.getKind()) {
            case IDENT -> wanted.contains(each.ident().name());
            case SELECT -> wanted.contains(each.select().field());
            default -> false;
        });
    }

    /** Itself and all beneath it. */
    static Stream<CelExpr> nodes(CelExpr node) {
        Stream<CelExpr> children = switch (node.getKind()) {
            case CALL -> Stream.concat(node.call().target().stream(), node.call().args().stream());
            case LIST -> node.list().elements().stream();
            case SELECT -> Stream.of(node.select().operand());
            case MAP -> node.map().entries().stream().flatMap(entry -> Stream.of(entry.key(), entry.value()));
            case STRUCT -> node.struct().entries().stream().map(CelExpr.CelStruct.Entry::value);
            case COMPREHENSION ->
                Stream.of(
                        node.comprehension().iterRange(),
                        node.comprehension().accuInit(),
                        node.comprehension().loopCondition(),
                        node.comprehension().loopStep(),
                        node.comprehension().result());
            case CONSTANT, IDENT, NOT_SET -> Stream.empty();
        };
        return Stream.concat(Stream.of(node), children.flatMap(Mentions::nodes));
    }
}

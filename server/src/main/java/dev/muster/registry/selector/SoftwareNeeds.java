package dev.muster.registry.selector;

import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Finds what an expression has to do with the software of an asset. */
final class SoftwareNeeds {
    private SoftwareNeeds() {}

    /** Those that no selected asset is without: of an alternative, neither side is one. */
    static List<SoftwareNeed> of(CelExpr node) {
        if (node.getKind() != CelExpr.ExprKind.Kind.CALL) {
            return List.of();
        }
        CelExpr.CelCall call = node.call();
        List<CelExpr> arguments = call.args();
        return switch (call.function()) {
            case "_&&_" ->
                arguments.stream().flatMap(each -> of(each).stream()).distinct().toList();
            case "_==_" ->
                need(arguments.get(0), arguments.get(1), true)
                        .or(() -> need(arguments.get(1), arguments.get(0), true))
                        .stream()
                        .toList();
            case Selectors.AT_LEAST ->
                call.target().flatMap(version -> need(version, arguments.getFirst(), false)).stream()
                        .toList();
            default -> List.of();
        };
    }

    private static Optional<SoftwareNeed> need(CelExpr version, CelExpr least, boolean exactly) {
        return component(version)
                .flatMap(component -> text(least).map(text -> new SoftwareNeed(component, text, exactly)));
    }

    /** Components that it names anywhere. */
    static Set<String> components(CelExpr node) {
        Set<String> components = new TreeSet<>();
        Mentions.nodes(node).flatMap(each -> component(each).stream()).forEach(components::add);
        return components;
    }

    /** {@code asset.software.app}, {@code asset.software['app']}. */
    private static Optional<String> component(CelExpr node) {
        return switch (node.getKind()) {
            case SELECT ->
                Stream.of(node.select())
                        .filter(select -> isSoftware(select.operand()))
                        .map(CelExpr.CelSelect::field)
                        .findFirst();
            case CALL ->
                Stream.of(node.call())
                        .filter(call -> call.function().equals("_[_]")
                                && isSoftware(call.args().get(0)))
                        .flatMap(call -> text(call.args().get(1)).stream())
                        .findFirst();
            default -> Optional.empty();
        };
    }

    private static boolean isSoftware(CelExpr node) {
        return node.getKind() == CelExpr.ExprKind.Kind.SELECT
                && node.select().field().equals(AssetField.SOFTWARE.celName())
                && node.select().operand().getKind() == CelExpr.ExprKind.Kind.IDENT
                && node.select().operand().ident().name().equals("asset");
    }

    private static Optional<String> text(CelExpr node) {
        return node.getKind() == CelExpr.ExprKind.Kind.CONSTANT
                        && node.constant().getKind() == CelConstant.Kind.STRING_VALUE
                ? Optional.of(node.constant().stringValue())
                : Optional.empty();
    }
}

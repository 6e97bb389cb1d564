package dev.muster.alert.rule;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.values.NullValue;
import dev.muster.protocol.AssetId;
import dev.muster.twin.view.TwinDocuments;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The documents {@code desired} and {@code reported} of the twin, as far as an expression names them.
 *
 * @param paths into them that the expression looks at, to be shown with what it found wrong
 */
record TwinInCel(boolean desired, boolean reported, List<List<String>> paths) {
    static final String DESIRED = "desired";
    static final String REPORTED = "reported";
    /** So many assets are looked at together: documents are large. */
    static final int AT_ONCE = 100;

    private static final int MAX_SHOWN = 10;
    private static final int MAX_TEXT = 200;

    static TwinInCel of(CelAbstractSyntaxTree ast) {
        Set<List<String>> paths = new HashSet<>();
        CelNavigableAst.fromAst(ast).getRoot().allNodes().forEach(node -> {
            List<String> path = path(node.expr());
            if (path != null) {
                paths.add(path);
            }
        });
        Set<String> roots = new HashSet<>();
        paths.forEach(path -> roots.add(path.getFirst()));
        return new TwinInCel(
                roots.contains(DESIRED),
                roots.contains(REPORTED),
                paths.stream()
                        .filter(path -> path.size() > 1 && paths.stream().noneMatch(longer -> isWithin(path, longer)))
                        .sorted((one, other) -> String.join(".", one).compareTo(String.join(".", other)))
                        .limit(MAX_SHOWN)
                        .toList());
    }

    private static boolean isWithin(List<String> path, List<String> longer) {
        return longer.size() > path.size() && longer.subList(0, path.size()).equals(path);
    }

    /** Of {@code reported.config.mode} and {@code reported["config"].mode}; null of anything else. */
    private static @Nullable List<String> path(CelExpr expr) {
        if (expr.getKind() == CelExpr.ExprKind.Kind.IDENT) {
            String name = expr.ident().name();
            return name.equals(DESIRED) || name.equals(REPORTED) ? List.of(name) : null;
        }
        CelExpr within = null;
        String field = null;
        if (expr.getKind() == CelExpr.ExprKind.Kind.SELECT) {
            within = expr.select().operand();
            field = expr.select().field();
        } else if (expr.getKind() == CelExpr.ExprKind.Kind.CALL
                && expr.call().function().equals("_[_]")
                && expr.call().args().get(1).getKind() == CelExpr.ExprKind.Kind.CONSTANT
                && expr.call().args().get(1).constant().getKind() == CelConstant.Kind.STRING_VALUE) {
            within = expr.call().args().getFirst();
            field = expr.call().args().get(1).constant().stringValue();
        }
        List<String> before = within == null ? null : path(within);
        if (before == null || field == null) {
            return null;
        }
        List<String> path = new ArrayList<>(before);
        path.add(field);
        return path;
    }

    boolean isNone() {
        return !desired && !reported;
    }

    /** Those of some assets. */
    record Documents(Map<AssetId, Optional<JsonNode>> desired, Map<AssetId, Optional<JsonNode>> reported) {
        static final Documents NONE = new Documents(Map.of(), Map.of());
    }

    Documents read(Readings readings, Collection<AssetId> assets) {
        return isNone()
                ? Documents.NONE
                : new Documents(
                        desired ? readings.desired(assets) : Map.of(), reported ? readings.reported(assets) : Map.of());
    }

    /** As CEL has them. */
    Map<String, Object> values(Documents documents, AssetId asset) {
        Map<String, Object> values = new TreeMap<>();
        Optional<JsonNode> wanted = documents.desired().getOrDefault(asset, Optional.empty());
        wanted.ifPresent(document -> values.put(DESIRED, value(document)));
        Optional<JsonNode> said = documents.reported().getOrDefault(asset, Optional.empty());
        said.ifPresent(document -> values.put(REPORTED, value(document)));
        return values;
    }

    /** Why one of them is not there; empty when all that are asked for are. */
    Optional<String> missing(Documents documents, AssetId asset) {
        if (desired && documents.desired().getOrDefault(asset, Optional.empty()).isEmpty()) {
            return Optional.of(
                    documents.desired().containsKey(asset) ? tooLarge(DESIRED) : "nothing is desired of the asset");
        }
        if (reported
                && documents.reported().getOrDefault(asset, Optional.empty()).isEmpty()) {
            return Optional.of(
                    documents.reported().containsKey(asset) ? tooLarge(REPORTED) : "the asset has not reported");
        }
        return Optional.empty();
    }

    private static String tooLarge(String document) {
        return "its " + document + " document has more than " + TwinDocuments.MAX_CHARACTERS
                + " characters, which are not read for a rule";
    }

    /** What the expression looked at: {@code reported.config.mode} and its value. */
    Map<String, Object> inputs(Documents documents, AssetId asset) {
        Map<String, Object> inputs = new TreeMap<>();
        for (List<String> path : paths) {
            JsonNode at = (path.getFirst().equals(DESIRED) ? documents.desired() : documents.reported())
                    .getOrDefault(asset, Optional.empty())
                    .orElse(null);
            for (int i = 1; i < path.size() && at != null; i++) {
                at = at.get(path.get(i));
            }
            if (at != null) {
                String text = at.isString() ? at.asString() : at.toString();
                inputs.put(
                        String.join(".", path), text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT) + "…");
            }
        }
        return inputs;
    }

    private static Object value(JsonNode json) {
        if (json.isObject()) {
            Map<String, Object> fields = new LinkedHashMap<>();
            json.forEachEntry((name, field) -> fields.put(name, value(field)));
            return fields;
        }
        if (json.isArray()) {
            List<Object> items = new ArrayList<>();
            json.forEach(item -> items.add(value(item)));
            return items;
        }
        if (json.isIntegralNumber() && json.canConvertToLong()) {
            return json.asLong();
        }
        return json.isNumber()
                ? json.asDouble()
                : json.isBoolean() ? json.asBoolean() : json.isNull() ? NullValue.NULL_VALUE : json.asString("");
    }
}

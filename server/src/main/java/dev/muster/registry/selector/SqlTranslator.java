package dev.muster.registry.selector;

import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.CelCall;
import dev.cel.common.ast.CelExpr.CelSelect;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.muster.registry.selector.Constants.Evaluated;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Translates a checked selector to SQL that keeps at least every asset it selects.
 *
 * <p>A sub-expression is true, false or an error. Negation is pushed down, so each node is asked for one of two things: the
 * rows where it is true, or the rows where it is false. A row where it is an error is in neither. What cannot be translated
 * becomes "any row", which a conjunction drops and a disjunction spreads. When nothing was dropped the answer is exact
 * and the evaluator need not look again.
 */
class SqlTranslator {
    /** Rows where the asked-for outcome holds; {@code null} for "any row". */
    record Rows(@Nullable SqlCondition condition, boolean exact) {
        static final Rows ANY = new Rows(null, false);

        static Rows exactly(SqlCondition condition) {
            return new Rows(condition, true);
        }

        Rows and(Rows other) {
            SqlCondition mine = condition;
            SqlCondition theirs = other.condition;
            SqlCondition both = mine == null ? theirs : theirs == null ? mine : mine.and(theirs);
            return new Rows(both, exact && other.exact);
        }

        Rows or(Rows other) {
            SqlCondition mine = condition;
            SqlCondition theirs = other.condition;
            return mine == null || theirs == null ? ANY : new Rows(mine.or(theirs), exact && other.exact);
        }

        SqlCondition orTrue() {
            return condition == null ? SqlCondition.TRUE : condition;
        }
    }

    /**
     * A text, instant or count of the asset that SQL can reach.
     *
     * @param nullable whether it can be absent, which is an error in CEL and NULL in SQL
     * @param entry where it is in a map such as the labels, {@code null} for any other field
     */
    record Operand(
            SqlCondition sql,
            AssetField.Kind kind,
            boolean nullable,
            @Nullable Entry entry) {
        /** One of the texts in a column. */
        record Entry(String column, String key) {}

        SqlCondition present() {
            return nullable ? new SqlCondition(sql.sql() + " is not null", sql.parameters()) : SqlCondition.TRUE;
        }
    }

    private static final Map<String, String> COMPARISONS =
            Map.of("_==_", "=", "_!=_", "<>", "_<_", "<", "_<=_", "<=", "_>_", ">", "_>=_", ">=");
    private static final Map<String, String> NEGATED =
            Map.of("=", "<>", "<>", "=", "<", ">=", "<=", ">", ">", "<=", ">=", "<");
    private static final Map<String, String> MIRRORED =
            Map.of("=", "=", "<>", "<>", "<", ">", "<=", ">=", ">", "<", ">=", "<=");

    private final Constants constants;

    SqlTranslator(Constants constants) {
        this.constants = constants;
    }

    /** The rows where {@code node} is true, or with {@code wanted} false those where it is false. */
    final Rows rows(CelExpr node, boolean wanted) {
        Evaluated constant = constants.of(node);
        if (constant != null) {
            return Rows.exactly(
                    Boolean.valueOf(wanted).equals(constant.value()) ? SqlCondition.TRUE : SqlCondition.FALSE);
        }
        return switch (node.getKind()) {
            case CALL -> call(node.call(), wanted);
            case SELECT -> node.select().testOnly() ? presence(node.select(), wanted) : Rows.ANY;
            default -> Rows.ANY;
        };
    }

    /** The rows where a node is an error; for one whose true and false rows are told exactly. */
    final SqlCondition errors(CelExpr node) {
        SqlCondition told = toldErrors(node);
        return told != null
                ? told
                : rows(node, true)
                        .orTrue()
                        .isNotTrue()
                        .and(rows(node, false).orTrue().isNotTrue());
    }

    /** In the fewest words: that a field is absent, that nothing can be; {@code null} when there is no shorter way to say it. */
    private @Nullable SqlCondition toldErrors(CelExpr node) {
        Evaluated constant = constants.of(node);
        if (constant != null) {
            return constant.value() instanceof Boolean ? SqlCondition.FALSE : null;
        }
        return switch (node.getKind()) {
            case CALL -> toldErrors(node.call());
            case SELECT -> node.select().testOnly() ? SqlCondition.FALSE : null;
            default -> null;
        };
    }

    private @Nullable SqlCondition toldErrors(CelCall call) {
        List<CelExpr> arguments = call.args();
        return switch (call.function()) {
            case "_&&_", "_||_" ->
                arguments.size() == 2 ? eitherErrs(arguments, call.function().equals("_||_")) : null;
            case "!_" -> errors(arguments.getFirst());
            case "@in" -> absence(arguments.get(0), arguments.get(1));
            case "startsWith", "endsWith", "contains" ->
                call.target().isPresent() && arguments.size() == 1
                        ? absence(call.target().get(), arguments.getFirst())
                        : null;
            default -> {
                if (!COMPARISONS.containsKey(call.function())) {
                    yield null;
                }
                SqlCondition left = absence(arguments.get(0), arguments.get(1));
                yield left != null ? left : absence(arguments.get(1), arguments.get(0));
            }
        };
    }

    /** An error on one side is none when the other side decides: false a conjunction, true a disjunction. */
    private SqlCondition eitherErrs(List<CelExpr> sides, boolean decides) {
        SqlCondition one = errors(sides.get(0));
        SqlCondition other = errors(sides.get(1));
        return unlessDecided(one, sides.get(1), decides).or(unlessDecided(other, sides.get(0), decides));
    }

    private SqlCondition unlessDecided(SqlCondition error, CelExpr by, boolean decides) {
        return error.equals(SqlCondition.FALSE)
                ? error
                : error.and(rows(by, decides).orTrue().isNotTrue());
    }

    /** Where a field that is held against a constant is absent; {@code null} when it is not that. */
    private @Nullable SqlCondition absence(CelExpr field, CelExpr with) {
        Operand operand = operand(field);
        Evaluated constant = constants.of(with);
        if (operand == null || constant == null || constant.value() == null) {
            return null;
        }
        return operand.nullable()
                ? new SqlCondition(
                        "(" + operand.sql().sql() + " is null)", operand.sql().parameters())
                : SqlCondition.FALSE;
    }

    private Rows call(CelCall call, boolean wanted) {
        List<CelExpr> arguments = call.args();
        return switch (call.function()) {
            case "_&&_" -> all(arguments, wanted, wanted);
            case "_||_" -> all(arguments, wanted, !wanted);
            case "!_" -> rows(arguments.getFirst(), !wanted);
            case "_?_:_" ->
                rows(arguments.get(0), true)
                        .and(rows(arguments.get(1), wanted))
                        .or(rows(arguments.get(0), false).and(rows(arguments.get(2), wanted)));
            case "@in" -> membership(arguments.get(0), arguments.get(1), wanted);
            case "startsWith", "endsWith", "contains" -> textFunction(call, wanted);
            default -> {
                String operator = COMPARISONS.get(call.function());
                yield operator == null
                        ? Rows.ANY
                        : comparison(arguments.get(0), wanted ? operator : negated(operator), arguments.get(1));
            }
        };
    }

    private Rows all(List<CelExpr> arguments, boolean wanted, boolean conjunction) {
        return arguments.stream()
                .map(argument -> rows(argument, wanted))
                .reduce(conjunction ? Rows::and : Rows::or)
                .orElse(Rows.ANY);
    }

    /** Rows where the comparison holds; a row where an operand is absent is NULL, hence in neither direction. */
    private Rows comparison(CelExpr left, String operator, CelExpr right) {
        Operand a = operand(left);
        Operand b = operand(right);
        if (a != null && b != null) {
            return a.kind() == b.kind() && (isEquality(operator) || a.kind() != AssetField.Kind.TEXT)
                    ? Rows.exactly(compared(a.sql(), operator, b.sql()))
                    : Rows.ANY;
        }
        Evaluated constant = constants.of(a == null ? left : right);
        Operand field = a == null ? b : a;
        if (field == null || constant == null) {
            return Rows.ANY;
        }
        if (constant.value() == null) {
            return Rows.exactly(SqlCondition.FALSE);
        }
        return comparedTo(field, a == null ? mirrored(operator) : operator, constant.value());
    }

    Rows comparedTo(Operand field, String operator, Object value) {
        if (field.kind() == AssetField.Kind.TEXT && value instanceof String text) {
            Operand.Entry entry = field.entry();
            if (entry != null && operator.equals("=") && isStorable(text)) {
                // the form that the index asset_labels serves
                return Rows.exactly(SqlCondition.of(
                        "(" + entry.column() + " @> jsonb_build_object(?::text, ?::text))", entry.key(), text));
            }
            boolean comparable = isEquality(operator) ? isStorable(text) : isBelowSurrogates(text);
            return comparable ? Rows.exactly(compared(field.sql(), operator, SqlCondition.of("?", text))) : Rows.ANY;
        }
        if (field.kind() == AssetField.Kind.INSTANT && value instanceof Instant instant && isMicroseconds(instant)) {
            return Rows.exactly(
                    compared(field.sql(), operator, SqlCondition.of("?", instant.atOffset(ZoneOffset.UTC))));
        }
        if (field.kind() == AssetField.Kind.COUNT && value instanceof Long count) {
            return Rows.exactly(compared(field.sql(), operator, SqlCondition.of("?", count)));
        }
        return Rows.ANY;
    }

    private Rows membership(CelExpr element, CelExpr container, boolean wanted) {
        AssetField texts = texts(container);
        if (texts != null) {
            Evaluated key = constants.of(element);
            return key != null && key.value() instanceof String text && isStorable(text)
                    ? keyPresence(texts, text, wanted)
                    : Rows.ANY;
        }
        Operand field = operand(element);
        Evaluated list = constants.of(container);
        if (field == null || field.kind() != AssetField.Kind.TEXT || list == null) {
            return Rows.ANY;
        }
        return list.value() instanceof List<?> values
                ? memberOf(field, values, wanted)
                : list.value() == null ? Rows.exactly(SqlCondition.FALSE) : Rows.ANY;
    }

    /** {@code NULL = any('{}')} is false and not NULL, so an absent key must be excluded by itself. */
    Rows memberOf(Operand field, List<?> values, boolean wanted) {
        String[] texts = values.stream()
                .filter(value -> value instanceof String text && isStorable(text))
                .toArray(String[]::new);
        SqlCondition member = applied(wanted ? "(%s = any(?))" : "(%s <> all(?))", field, (Object) texts);
        return Rows.exactly(field.present().and(member));
    }

    private Rows textFunction(CelCall call, boolean wanted) {
        if (call.target().isEmpty() || call.args().size() != 1) {
            return Rows.ANY;
        }
        Operand field = operand(call.target().get());
        Evaluated constant = constants.of(call.args().getFirst());
        if (field == null || field.kind() != AssetField.Kind.TEXT || constant == null) {
            return Rows.ANY;
        }
        if (constant.value() == null) {
            return Rows.exactly(SqlCondition.FALSE);
        }
        return constant.value() instanceof String text && isStorable(text)
                ? textFunction(field, call.function(), text, wanted)
                : Rows.ANY;
    }

    Rows textFunction(Operand field, String function, String text, boolean wanted) {
        SqlCondition holds = switch (function) {
            case "startsWith" -> applied("starts_with(%s, ?)", field, text);
            case "endsWith" -> applied("(right(%s, length(?)) = ?)", field, text, text);
            default -> applied("(strpos(%s, ?) > 0)", field, text);
        };
        return Rows.exactly(wanted ? holds : new SqlCondition("(not " + holds.sql() + ")", holds.parameters()));
    }

    private Rows presence(CelSelect select, boolean wanted) {
        AssetField texts = texts(select.operand());
        if (texts != null) {
            return isStorable(select.field()) ? keyPresence(texts, select.field(), wanted) : Rows.ANY;
        }
        AssetField field = isAsset(select.operand()) ? AssetField.BY_NAME.get(select.field()) : null;
        if (field == null) {
            return Rows.ANY;
        }
        String column = field.column();
        return Rows.exactly(SqlCondition.of(
                switch (field.kind()) {
                    case TEXT -> "(" + column + (wanted ? " <> '')" : " = '')");
                    case INSTANT, COUNT -> "(" + column + (wanted ? " is not null)" : " is null)");
                    case TEXTS -> "(" + column + (wanted ? " <> '{}')" : " = '{}')");
                }));
    }

    private static Rows keyPresence(AssetField texts, String key, boolean wanted) {
        return Rows.exactly(
                SqlCondition.of("((" + texts.column() + " ->> ?) is " + (wanted ? "not null)" : "null)"), key));
    }

    private @Nullable Operand operand(CelExpr node) {
        if (node.getKind() == Kind.SELECT && !node.select().testOnly()) {
            CelExpr of = node.select().operand();
            String name = node.select().field();
            AssetField texts = texts(of);
            if (texts != null) {
                return entry(texts, name);
            }
            AssetField field = isAsset(of) ? AssetField.BY_NAME.get(name) : null;
            return field == null || field.kind() == AssetField.Kind.TEXTS
                    ? null
                    : new Operand(
                            SqlCondition.of(field.column()), field.kind(), field.kind() != AssetField.Kind.TEXT, null);
        }
        if (node.getKind() == Kind.CALL && node.call().function().equals("_[_]")) {
            AssetField texts = texts(node.call().args().get(0));
            Evaluated key = constants.of(node.call().args().get(1));
            return texts != null && key != null && key.value() instanceof String text ? entry(texts, text) : null;
        }
        return null;
    }

    /** Collation "C" is the order and equality of bytes, whatever the database's own collation is. */
    private static @Nullable Operand entry(AssetField texts, String key) {
        String column = texts.column();
        return isStorable(key)
                ? new Operand(
                        SqlCondition.of("((" + column + " ->> ?) collate \"C\")", key),
                        AssetField.Kind.TEXT,
                        true,
                        new Operand.Entry(column, key))
                : null;
    }

    private static boolean isAsset(CelExpr node) {
        return node.getKind() == Kind.IDENT && node.ident().name().equals("asset");
    }

    /** The field of many texts that a node is; {@code null} when it is something else. */
    private static @Nullable AssetField texts(CelExpr node) {
        if (node.getKind() != Kind.SELECT
                || node.select().testOnly()
                || !isAsset(node.select().operand())) {
            return null;
        }
        AssetField field = AssetField.BY_NAME.get(node.select().field());
        return field != null && field.kind() == AssetField.Kind.TEXTS ? field : null;
    }

    private static SqlCondition compared(SqlCondition left, String operator, SqlCondition right) {
        List<Object> parameters = new ArrayList<>(left.parameters());
        parameters.addAll(right.parameters());
        return new SqlCondition("(" + left.sql() + " " + operator + " " + right.sql() + ")", parameters);
    }

    /** @param form with one %s for the operand, followed by one ? for each parameter */
    private static SqlCondition applied(String form, Operand operand, Object... more) {
        List<Object> parameters = new ArrayList<>(operand.sql().parameters());
        parameters.addAll(List.of(more));
        return new SqlCondition(form.formatted(operand.sql().sql()), parameters);
    }

    private static boolean isEquality(String operator) {
        return operator.equals("=") || operator.equals("<>");
    }

    private static String negated(String operator) {
        return NEGATED.getOrDefault(operator, operator);
    }

    private static String mirrored(String operator) {
        return MIRRORED.getOrDefault(operator, operator);
    }

    /** PostgreSQL has no NUL in text. */
    static boolean isStorable(String text) {
        return text.indexOf('\0') < 0;
    }

    /**
     * CEL for Java orders text by UTF-16 units, PostgreSQL by code points. Both agree on how any text compares with one that
     * has no unit from U+D800 on.
     */
    static boolean isBelowSurrogates(String text) {
        return isStorable(text) && text.chars().allMatch(unit -> unit < Character.MIN_SURROGATE);
    }

    private static boolean isMicroseconds(Instant instant) {
        return instant.getNano() % 1000 == 0;
    }
}

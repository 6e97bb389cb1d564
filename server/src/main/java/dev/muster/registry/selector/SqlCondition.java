package dev.muster.registry.selector;

import java.util.ArrayList;
import java.util.List;

/**
 * A condition over the table {@code asset} with its positional parameters.
 *
 * @param sql in brackets where it needs them, so that it can be combined; {@code ?} only for parameters
 */
public record SqlCondition(String sql, List<Object> parameters) {
    public static final SqlCondition TRUE = new SqlCondition("true", List.of());
    public static final SqlCondition FALSE = new SqlCondition("false", List.of());

    public SqlCondition {
        parameters = List.copyOf(parameters);
    }

    public static SqlCondition of(String sql, Object... parameters) {
        return new SqlCondition(sql, List.of(parameters));
    }

    public SqlCondition and(SqlCondition other) {
        if (equals(TRUE) || other.equals(FALSE)) {
            return other;
        }
        return other.equals(TRUE) || equals(FALSE) ? this : joined(" and ", other);
    }

    public SqlCondition or(SqlCondition other) {
        if (equals(FALSE) || other.equals(TRUE)) {
            return other;
        }
        return other.equals(FALSE) || equals(TRUE) ? this : joined(" or ", other);
    }

    public SqlCondition isNotTrue() {
        return new SqlCondition("((" + sql + ") is not true)", parameters);
    }

    private SqlCondition joined(String operator, SqlCondition other) {
        List<Object> both = new ArrayList<>(parameters);
        both.addAll(other.parameters);
        return new SqlCondition("(" + sql + operator + other.sql + ")", both);
    }
}

package dev.muster.telemetry.query;

import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code ?label=route=/login&label=code!=200}: labels that a series must have, or must not. */
record LabelFilter(Map<String, String> equal, Map<String, String> different) {
    static final int MAX_LABELS = 32;

    static LabelFilter of(@Nullable List<String> labels) {
        var filter = new LabelFilter(new HashMap<>(), new HashMap<>());
        if (labels == null) {
            return filter;
        }
        if (labels.size() > MAX_LABELS) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "label is given " + labels.size() + " times, at most " + MAX_LABELS + " are allowed");
        }
        for (String label : labels) {
            int equals = label.indexOf('=');
            if (equals < 1 || label.startsWith("!=")) {
                throw new Refusal(
                        ErrorCode.INVALID, "label must be name=value or name!=value, such as label=route=/login");
            }
            boolean not = label.charAt(equals - 1) == '!';
            (not ? filter.different : filter.equal)
                    .put(label.substring(0, not ? equals - 1 : equals), label.substring(equals + 1));
        }
        return filter;
    }

    /** A label that is missing is empty. */
    boolean matches(Map<String, String> labels) {
        return equal.entrySet().stream()
                        .allMatch(each -> labels.getOrDefault(each.getKey(), "").equals(each.getValue()))
                && different.entrySet().stream()
                        .noneMatch(
                                each -> labels.getOrDefault(each.getKey(), "").equals(each.getValue()));
    }
}

package dev.muster.alert.match;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A condition on one label, in Alertmanager's words: {@code severity="page"}, {@code site=~"hall-.+"}. A label that is absent has the
 * empty value; a regular expression is of the whole value, and runs in time linear to it (RE2).
 */
public final class Matcher {
    public static final int MAX_TEXT = 1_024;
    private static final int MAX_IN_LIST = 64;

    private final String name;
    private final String value;
    private final boolean isRegex;
    private final boolean isEqual;
    private final Pattern pattern;

    private Matcher(String name, String value, boolean isRegex, boolean isEqual, Pattern pattern) {
        this.name = name;
        this.value = value;
        this.isRegex = isRegex;
        this.isEqual = isEqual;
        this.pattern = pattern;
    }

    /** @throws MatcherException when the name is none or the value no regular expression */
    public static Matcher of(String name, String value, boolean isRegex, boolean isEqual) {
        if (name.isEmpty() || name.length() > MAX_TEXT || value.length() > MAX_TEXT) {
            throw new MatcherException("a matcher has a label's name, and name and value have at most " + MAX_TEXT
                    + " characters; found " + name.length() + " and " + value.length());
        }
        try {
            Pattern pattern = Pattern.compile(isRegex ? "^(?:" + value + ")$" : Pattern.quote(value));
            return new Matcher(name, value, isRegex, isEqual, pattern);
        } catch (PatternSyntaxException invalid) {
            throw new MatcherException("\"" + value + "\" is no regular expression: " + invalid.getDescription());
        }
    }

    public static Matcher equal(String name, String value) {
        return of(name, value, false, true);
    }

    /** One: {@code name="value"}, {@code name!=value}, {@code name=~"regex"}, {@code name!~regex}. */
    public static Matcher parse(String text) {
        List<Matcher> found = parseAll(text);
        if (found.size() != 1) {
            throw new MatcherException("\"" + text + "\" is not one matcher, such as severity=\"page\"");
        }
        return found.getFirst();
    }

    /** Any number, with commas between and braces around or not. */
    public static List<Matcher> parseAll(String text) {
        String stripped = text.strip();
        if (stripped.startsWith("{") && stripped.endsWith("}")) {
            stripped = stripped.substring(1, stripped.length() - 1).strip();
        }
        List<Matcher> found = new ArrayList<>();
        for (String each : split(stripped)) {
            if (!each.isBlank()) {
                found.add(one(each.strip()));
            }
        }
        if (found.size() > MAX_IN_LIST) {
            throw new MatcherException("there are " + found.size() + " matchers, at most " + MAX_IN_LIST);
        }
        return List.copyOf(found);
    }

    public static boolean all(List<Matcher> matchers, Map<String, String> labels) {
        return matchers.stream().allMatch(matcher -> matcher.matches(labels));
    }

    public boolean matches(Map<String, String> labels) {
        String found = labels.getOrDefault(name, "");
        return isEqual == (isRegex ? pattern.matches(found) : found.equals(value));
    }

    public String name() {
        return name;
    }

    public String value() {
        return value;
    }

    public boolean isRegex() {
        return isRegex;
    }

    public boolean isEqual() {
        return isEqual;
    }

    private static List<String> split(String text) {
        List<String> parts = new ArrayList<>();
        boolean quoted = false;
        int begin = 0;
        for (int i = 0; i < text.length(); i++) {
            char each = text.charAt(i);
            if (each == '\\' && quoted) {
                i++;
            } else if (each == '"') {
                quoted = !quoted;
            } else if (each == ',' && !quoted) {
                parts.add(text.substring(begin, i));
                begin = i + 1;
            }
        }
        if (quoted) {
            throw new MatcherException("a quote is not closed in \"" + text + "\"");
        }
        parts.add(text.substring(begin));
        return parts;
    }

    private static Matcher one(String text) {
        int end = 0;
        while (end < text.length()
                && (Character.isLetterOrDigit(text.charAt(end)) || "_:.-".indexOf(text.charAt(end)) >= 0)) {
            end++;
        }
        String name = text.substring(0, end);
        String rest = text.substring(end).strip();
        for (String operator : List.of("=~", "!~", "!=", "=")) {
            if (rest.startsWith(operator)) {
                return of(
                        name,
                        unquoted(rest.substring(operator.length()).strip()),
                        operator.endsWith("~"),
                        operator.startsWith("="));
            }
        }
        throw new MatcherException(
                "\"" + text + "\" is no matcher; allowed are name=value, name!=value, name=~regex, name!~regex");
    }

    private static String unquoted(String text) {
        if (text.length() < 2 || !text.startsWith("\"") || !text.endsWith("\"")) {
            return text;
        }
        StringBuilder plain = new StringBuilder();
        for (int i = 1; i < text.length() - 1; i++) {
            char each = text.charAt(i);
            if (each == '\\' && i + 1 < text.length() - 1) {
                char next = text.charAt(++i);
                switch (next) {
                    case '"', '\\' -> plain.append(next);
                    case 'n' -> plain.append('\n');
                    default -> plain.append(each).append(next);
                }
            } else {
                plain.append(each);
            }
        }
        return plain.toString();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Matcher that
                && name.equals(that.name)
                && value.equals(that.value)
                && isRegex == that.isRegex
                && isEqual == that.isEqual;
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, value, isRegex, isEqual);
    }

    @Override
    public String toString() {
        return name + (isEqual ? "=" : "!") + (isRegex ? "~" : isEqual ? "" : "=") + "\""
                + value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
    }
}

package dev.muster.registry.selector;

import dev.muster.registry.Asset;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * A selector as a test generates it: its text, and what it should say, worked out by hand.
 *
 * <p>Written from docs/selectors.md without the evaluator and the translator, so that the three can disagree. A value is true,
 * false or {@code null} for an error, and logic is that of SQL.
 */
sealed interface Term {
    String cel();

    @Nullable Boolean of(Asset asset, Instant now);

    /** What the term is made of, for the histogram. */
    Set<String> operators();

    private static Set<String> with(Set<String> some, String... more) {
        Set<String> all = new TreeSet<>(some);
        all.addAll(List.of(more));
        return all;
    }

    private static Set<String> with(Set<String> some, Set<String> others, String more) {
        Set<String> all = with(some, more);
        all.addAll(others);
        return all;
    }

    record Literal(boolean value) implements Term {
        @Override
        public String cel() {
            return Boolean.toString(value);
        }

        @Override
        public Boolean of(Asset asset, Instant now) {
            return value;
        }

        @Override
        public Set<String> operators() {
            return Set.of("literal");
        }
    }

    record And(Term left, Term right) implements Term {
        @Override
        public String cel() {
            return "(" + left.cel() + " && " + right.cel() + ")";
        }

        @Override
        public @Nullable Boolean of(Asset asset, Instant now) {
            Boolean a = left.of(asset, now);
            Boolean b = right.of(asset, now);
            if (Boolean.FALSE.equals(a) || Boolean.FALSE.equals(b)) {
                return false;
            }
            return a == null || b == null ? null : Boolean.TRUE;
        }

        @Override
        public Set<String> operators() {
            return with(left.operators(), right.operators(), "&&");
        }
    }

    record Or(Term left, Term right) implements Term {
        @Override
        public String cel() {
            return "(" + left.cel() + " || " + right.cel() + ")";
        }

        @Override
        public @Nullable Boolean of(Asset asset, Instant now) {
            Boolean a = left.of(asset, now);
            Boolean b = right.of(asset, now);
            if (Boolean.TRUE.equals(a) || Boolean.TRUE.equals(b)) {
                return true;
            }
            return a == null || b == null ? null : Boolean.FALSE;
        }

        @Override
        public Set<String> operators() {
            return with(left.operators(), right.operators(), "||");
        }
    }

    record Not(Term term) implements Term {
        @Override
        public String cel() {
            return "!(" + term.cel() + ")";
        }

        @Override
        public @Nullable Boolean of(Asset asset, Instant now) {
            Boolean value = term.of(asset, now);
            return value == null ? null : !value;
        }

        @Override
        public Set<String> operators() {
            return with(term.operators(), "!");
        }
    }

    record Choice(Term condition, Term then, Term otherwise) implements Term {
        @Override
        public String cel() {
            return "(" + condition.cel() + " ? " + then.cel() + " : " + otherwise.cel() + ")";
        }

        @Override
        public @Nullable Boolean of(Asset asset, Instant now) {
            Boolean value = condition.of(asset, now);
            return value == null ? null : value ? then.of(asset, now) : otherwise.of(asset, now);
        }

        @Override
        public Set<String> operators() {
            return with(with(condition.operators(), then.operators(), "?:"), otherwise.operators(), "?:");
        }
    }

    private static Map<String, String> texts(Asset asset, String map) {
        return switch (map) {
            case "labels" -> asset.labels();
            case "software" -> asset.software();
            default -> throw new IllegalStateException(map);
        };
    }

    /**
     * A text of the asset: a field, which is never absent, or a label or version, which may be.
     *
     * @param kind {@code field}, {@code labels} or {@code software}
     * @param key of a label or version
     */
    record Text(String cel, String kind, @Nullable String key) {
        @Nullable String of(Asset asset) {
            if (key != null) {
                return texts(asset, kind).get(key);
            }
            return switch (cel) {
                case "asset.id" -> asset.id().value();
                case "asset.type" -> asset.type();
                case "asset.owner" -> asset.owner();
                case "asset.region" -> asset.region();
                case "asset.site" -> asset.site();
                case "asset.hardware" -> asset.hardware();
                case "asset.lifecycle" -> asset.lifecycle().name().toLowerCase(java.util.Locale.ROOT);
                case "asset.presence" -> asset.presence().name().toLowerCase(java.util.Locale.ROOT);
                default -> throw new IllegalStateException(cel);
            };
        }
    }

    static boolean compare(String operator, int order) {
        return switch (operator) {
            case "==" -> order == 0;
            case "!=" -> order != 0;
            case "<" -> order < 0;
            case "<=" -> order <= 0;
            case ">" -> order > 0;
            case ">=" -> order >= 0;
            default -> throw new IllegalStateException(operator);
        };
    }

    record TextComparison(Text text, String operator, String constant, boolean mirrored) implements Term {
        @Override
        public String cel() {
            return mirrored
                    ? quoted(constant) + " " + operator + " " + text.cel()
                    : text.cel() + " " + operator + " " + quoted(constant);
        }

        @Override
        public @Nullable Boolean of(Asset asset, Instant now) {
            String value = text.of(asset);
            if (value == null) {
                return null;
            }
            int order = mirrored ? constant.compareTo(value) : value.compareTo(constant);
            return compare(operator, order);
        }

        @Override
        public Set<String> operators() {
            return Set.of(operator, text.kind(), mirrored ? "mirrored" : "plain");
        }
    }

    record TextPair(Text left, String operator, Text right) implements Term {
        @Override
        public String cel() {
            return left.cel() + " " + operator + " " + right.cel();
        }

        @Override
        public @Nullable Boolean of(Asset asset, Instant now) {
            String a = left.of(asset);
            String b = right.of(asset);
            return a == null || b == null ? null : compare(operator, a.compareTo(b));
        }

        @Override
        public Set<String> operators() {
            return Set.of("pair " + operator);
        }
    }

    /** A text function with a constant. */
    record TextFunction(Text text, String name, String constant) implements Term {
        private static final Map<String, BiPredicate<String, String>> MEANING =
                Map.of("startsWith", String::startsWith, "endsWith", String::endsWith, "contains", String::contains);

        @Override
        public String cel() {
            return text.cel() + "." + name + "(" + quoted(constant) + ")";
        }

        @Override
        public @Nullable Boolean of(Asset asset, Instant now) {
            String value = text.of(asset);
            return value == null
                    ? null
                    : Objects.requireNonNull(MEANING.get(name)).test(value, constant);
        }

        @Override
        public Set<String> operators() {
            return Set.of(name);
        }
    }

    record In(Text text, List<String> constants) implements Term {
        @Override
        public String cel() {
            return text.cel() + " in ["
                    + String.join(", ", constants.stream().map(Term::quoted).toList()) + "]";
        }

        @Override
        public @Nullable Boolean of(Asset asset, Instant now) {
            String value = text.of(asset);
            return value == null ? null : constants.contains(value);
        }

        @Override
        public Set<String> operators() {
            return Set.of(constants.isEmpty() ? "in []" : "in [...]");
        }
    }

    /** Whether a label or a version is there, in the forms that say so. */
    record HasKey(String map, String key, boolean asMembership) implements Term {
        @Override
        public String cel() {
            return asMembership ? quoted(key) + " in asset." + map : "has(asset." + map + "." + key + ")";
        }

        @Override
        public Boolean of(Asset asset, Instant now) {
            return texts(asset, map).containsKey(key);
        }

        @Override
        public Set<String> operators() {
            return Set.of(asMembership ? "in " + map : "has(" + map + ")");
        }
    }

    /** Whether a field is set. */
    record HasField(String name) implements Term {
        @Override
        public String cel() {
            return "has(asset." + name + ")";
        }

        @Override
        public Boolean of(Asset asset, Instant now) {
            return switch (name) {
                case "owner" -> !asset.owner().isEmpty();
                case "site" -> !asset.site().isEmpty();
                case "labels" -> !asset.labels().isEmpty();
                case "software" -> !asset.software().isEmpty();
                case "drift" -> asset.drift() != null;
                case "lastSeen" -> asset.lastSeen() != null;
                case "certificateExpires" -> asset.certificateExpires() != null;
                case "created" -> true;
                default -> throw new IllegalStateException(name);
            };
        }

        @Override
        public Set<String> operators() {
            return Set.of("has(field)");
        }
    }

    /** The count of differences against a number, which may be none that a count can be. */
    record CountComparison(String operator, int constant, boolean andAHalf, boolean mirrored) implements Term {
        @Override
        public String cel() {
            String number = andAHalf ? "dyn(" + constant + ".5)" : Integer.toString(constant);
            return mirrored ? number + " " + operator + " asset.drift" : "asset.drift " + operator + " " + number;
        }

        @Override
        public @Nullable Boolean of(Asset asset, Instant now) {
            Integer value = asset.drift();
            if (value == null) {
                return null;
            }
            int order = Double.compare(value, constant + (andAHalf ? 0.5 : 0));
            return compare(operator, mirrored ? -order : order);
        }

        @Override
        public Set<String> operators() {
            return Set.of((andAHalf ? "count and a half " : "count ") + operator, mirrored ? "mirrored" : "plain");
        }
    }

    /** An instant of the asset against the time of asking, less some hours. */
    record InstantComparison(String field, String operator, int hours, boolean mirrored) implements Term {
        @Override
        public String cel() {
            String moment = hours == 0 ? "now" : "now - duration('" + hours + "h')";
            return mirrored
                    ? "(" + moment + ") " + operator + " asset." + field
                    : "asset." + field + " " + operator + " (" + moment + ")";
        }

        @Override
        public @Nullable Boolean of(Asset asset, Instant now) {
            Instant value = instant(asset, field);
            if (value == null) {
                return null;
            }
            Instant moment = now.minus(Duration.ofHours(hours));
            return compare(operator, mirrored ? moment.compareTo(value) : value.compareTo(moment));
        }

        @Override
        public Set<String> operators() {
            return Set.of("instant " + operator, mirrored ? "mirrored" : "plain");
        }
    }

    record InstantPair(String left, String operator, String right) implements Term {
        @Override
        public String cel() {
            return "asset." + left + " " + operator + " asset." + right;
        }

        @Override
        public @Nullable Boolean of(Asset asset, Instant now) {
            Instant a = instant(asset, left);
            Instant b = instant(asset, right);
            return a == null || b == null ? null : compare(operator, a.compareTo(b));
        }

        @Override
        public Set<String> operators() {
            return Set.of("instant pair");
        }
    }

    /** Text against a number by way of {@code dyn}: never equal, and an error to order. */
    record Mixed(Text text, String operator, int constant) implements Term {
        @Override
        public String cel() {
            return "dyn(" + text.cel() + ") " + operator + " " + constant;
        }

        @Override
        public @Nullable Boolean of(Asset asset, Instant now) {
            if (text.of(asset) == null) {
                return null;
            }
            return switch (operator) {
                case "==" -> Boolean.FALSE;
                case "!=" -> Boolean.TRUE;
                default -> null;
            };
        }

        @Override
        public Set<String> operators() {
            return Set.of("mixed " + operator);
        }
    }

    /** A label read as a number, an error when it is none. */
    record Number(Text text, String operator, long constant) implements Term {
        @Override
        public String cel() {
            return "int(" + text.cel() + ") " + operator + " " + constant;
        }

        @Override
        public @Nullable Boolean of(Asset asset, Instant now) {
            String value = text.of(asset);
            if (value == null || !value.matches("-?[0-9]{1,15}")) {
                return null;
            }
            return compare(operator, Long.compare(Long.parseLong(value), constant));
        }

        @Override
        public Set<String> operators() {
            return Set.of("int()");
        }
    }

    record Matches(Text text, String regex) implements Term {
        @Override
        public String cel() {
            return text.cel() + ".matches(" + quoted(regex) + ")";
        }

        @Override
        public @Nullable Boolean of(Asset asset, Instant now) {
            String value = text.of(asset);
            return value == null
                    ? null
                    : java.util.regex.Pattern.compile(regex).matcher(value).find();
        }

        @Override
        public Set<String> operators() {
            return Set.of("matches");
        }
    }

    record Size(Text text, String operator, int constant) implements Term {
        @Override
        public String cel() {
            return "size(" + text.cel() + ") " + operator + " " + constant;
        }

        @Override
        public @Nullable Boolean of(Asset asset, Instant now) {
            String value = text.of(asset);
            return value == null
                    ? null
                    : compare(operator, Integer.compare(value.codePointCount(0, value.length()), constant));
        }

        @Override
        public Set<String> operators() {
            return Set.of("size");
        }
    }

    /** Whether any label or version has a value. */
    record AnyText(String map, String constant) implements Term {
        @Override
        public String cel() {
            return "asset." + map + ".exists(k, asset." + map + "[k] == " + quoted(constant) + ")";
        }

        @Override
        public Boolean of(Asset asset, Instant now) {
            return texts(asset, map).containsValue(constant);
        }

        @Override
        public Set<String> operators() {
            return Set.of("exists");
        }
    }

    private static @Nullable Instant instant(Asset asset, String field) {
        return switch (field) {
            case "created" -> asset.created();
            case "updated" -> asset.updated();
            case "presenceSince" -> asset.presenceSince();
            case "lastSeen" -> asset.lastSeen();
            case "certificateExpires" -> asset.certificateExpires();
            default -> throw new IllegalStateException(field);
        };
    }

    /** A CEL string literal. */
    static String quoted(String text) {
        StringBuilder literal = new StringBuilder("'");
        text.codePoints().forEach(point -> {
            if (point == '\'' || point == '\\') {
                literal.append('\\').appendCodePoint(point);
            } else if (point < 0x20) {
                literal.append("\\u%04x".formatted(point));
            } else {
                literal.appendCodePoint(point);
            }
        });
        return literal.append('\'').toString();
    }
}

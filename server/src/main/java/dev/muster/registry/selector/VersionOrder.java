package dev.muster.registry.selector;

import java.math.BigInteger;
import java.util.Comparator;

/**
 * Which of two versions is the later one: part by part, numbers as numbers, as people mean {@code 1.10} and {@code 1.9}. What
 * follows a hyphen is a version before the one without it ({@code 2.0-rc.1} before {@code 2.0}), what follows a plus does not count; the
 * order of <a href="https://semver.org/#spec-item-11">Semantic Versioning 2.0.0, item 11</a>, for versions of any number of parts.
 */
final class VersionOrder implements Comparator<String> {
    static final VersionOrder INSTANCE = new VersionOrder();

    private VersionOrder() {}

    @Override
    public int compare(String one, String other) {
        String a = withoutBuild(one);
        String b = withoutBuild(other);
        int release = compareParts(before(a, '-'), before(b, '-'), true);
        if (release != 0) {
            return release;
        }
        boolean preA = a.indexOf('-') >= 0;
        boolean preB = b.indexOf('-') >= 0;
        if (preA != preB) {
            return preA ? -1 : 1;
        }
        return preA ? compareParts(a.substring(a.indexOf('-') + 1), b.substring(b.indexOf('-') + 1), false) : 0;
    }

    private static String withoutBuild(String version) {
        String plain = before(version, '+');
        boolean marked = plain.length() > 1 && plain.charAt(0) == 'v' && isDigit(plain.charAt(1));
        return marked ? plain.substring(1) : plain;
    }

    private static String before(String text, char end) {
        int at = text.indexOf(end);
        return at < 0 ? text : text.substring(0, at);
    }

    /** @param padded whether parts that are missing count as 0; else the shorter comes first */
    private static int compareParts(String one, String other, boolean padded) {
        String[] a = one.split("\\.", -1);
        String[] b = other.split("\\.", -1);
        for (int i = 0; i < Math.max(a.length, b.length); i++) {
            if (!padded && (i >= a.length || i >= b.length)) {
                return Integer.compare(a.length, b.length);
            }
            int order = comparePart(i < a.length ? a[i] : "0", i < b.length ? b[i] : "0");
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }

    /** A number comes before a word. */
    private static int comparePart(String a, String b) {
        boolean numberA = isNumber(a);
        boolean numberB = isNumber(b);
        if (numberA && numberB) {
            return new BigInteger(a).compareTo(new BigInteger(b));
        }
        return numberA == numberB ? a.compareTo(b) : numberA ? -1 : 1;
    }

    private static boolean isNumber(String part) {
        return !part.isEmpty() && part.chars().allMatch(c -> isDigit((char) c));
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}

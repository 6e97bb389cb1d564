package dev.muster.protocol.tuf;

/** Patterns of delegated paths: {@code *} is any characters, {@code ?} is one, neither matches a slash (specification 4.5). */
final class PathPattern {
    private PathPattern() {}

    static boolean matches(String pattern, String path) {
        String[] patterns = pattern.split("/", -1);
        String[] segments = path.split("/", -1);
        if (patterns.length != segments.length) {
            return false;
        }
        for (int i = 0; i < patterns.length; i++) {
            if (!segmentMatches(patterns[i], segments[i])) {
                return false;
            }
        }
        return true;
    }

    /** Goes back to the last star only: linear in practice, quadratic at worst. */
    private static boolean segmentMatches(String pattern, String text) {
        int p = 0;
        int t = 0;
        int star = -1;
        int resume = 0;
        while (t < text.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                resume = t;
            } else if (p < pattern.length() && (pattern.charAt(p) == '?' || pattern.charAt(p) == text.charAt(t))) {
                p++;
                t++;
            } else if (star >= 0) {
                p = star + 1;
                t = ++resume;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }
}

package dev.muster.pki;

/**
 * Which asset ids a token may speak for or enrol: a text in which {@code *} stands for any characters and {@code ?} for one.
 *
 * <p>No regular expression, because a person writes it and an unauthenticated caller chooses what it is matched against.
 */
public record IdPattern(String text) {
    public static final int MAX_LENGTH = 64;

    public IdPattern {
        if (!text.matches("[A-Za-z0-9._*?-]{1," + MAX_LENGTH + "}")) {
            throw new IllegalArgumentException("id pattern must have 1 to " + MAX_LENGTH
                    + " characters out of letters, digits, . _ - and the wildcards * and ?");
        }
    }

    /** Greedy with one point to go back to: time is at most the product of both lengths. */
    public boolean matches(String id) {
        int p = 0;
        int i = 0;
        int star = -1;
        int resume = 0;
        while (i < id.length()) {
            if (p < text.length() && text.charAt(p) == '*') {
                star = p++;
                resume = i;
            } else if (p < text.length() && (text.charAt(p) == '?' || text.charAt(p) == id.charAt(i))) {
                p++;
                i++;
            } else if (star >= 0) {
                p = star + 1;
                i = ++resume;
            } else {
                return false;
            }
        }
        while (p < text.length() && text.charAt(p) == '*') {
            p++;
        }
        return p == text.length();
    }
}

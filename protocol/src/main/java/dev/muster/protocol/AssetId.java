package dev.muster.protocol;

import java.util.Optional;

/**
 * The owner's stable name of an asset: {@code [A-Za-z0-9][A-Za-z0-9._-]{0,63}}.
 *
 * <p>Safe in a topic, a path, a URN and a file name, so it is never escaped.
 */
public record AssetId(String value) implements Comparable<AssetId> {
    public static final int MAX_LENGTH = 64;
    public static final String PATTERN = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}";

    private static final SharedAssetIds SHARED = new SharedAssetIds(1 << 22);

    public AssetId {
        if (!isValid(value)) {
            throw new IllegalArgumentException("asset id \"" + shown(value) + "\" is not of the form " + PATTERN);
        }
    }

    public static Optional<AssetId> parse(String value) {
        return isValid(value) ? Optional.of(new AssetId(value)) : Optional.empty();
    }

    public static boolean isValid(String value) {
        int length = value.length();
        if (length == 0 || length > MAX_LENGTH || !isAlphanumeric(value.charAt(0))) {
            return false;
        }
        for (int i = 1; i < length; i++) {
            char c = value.charAt(i);
            if (!isAlphanumeric(c) && c != '.' && c != '_' && c != '-') {
                return false;
            }
        }
        return true;
    }

    private static boolean isAlphanumeric(char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    }

    /** The one object that all who keep an asset's id for long hold; this one, when nobody asked before. */
    public AssetId shared() {
        return SHARED.of(this);
    }

    /** Hostile input is cut before it reaches a message or a log. */
    private static String shown(String value) {
        String printable = value.replaceAll("[^\\x20-\\x7e]", "?");
        return printable.length() <= 80 ? printable : printable.substring(0, 80) + "…";
    }

    @Override
    public int compareTo(AssetId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}

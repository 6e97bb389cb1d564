package dev.muster.telemetry.questdb;

import dev.muster.telemetry.store.MetricNameException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Type and metric names as names of tables and columns.
 *
 * <p>Those are file names, compared without regard to case, and must not hold dots, slashes and the like. Lower-case
 * letters, digits and {@code _} stay, every other byte of the UTF-8 form becomes {@code $} and two hexadecimal digits: the
 * way back is unique, no two names meet, and a prefix keeps metrics apart from our own columns.
 */
final class Names {
    static final String TABLE_PREFIX = "telemetry_";
    /** The number is left out of the first generation's. */
    private static final Pattern GENERATION = Pattern.compile("telemetry([2-9]|[1-9][0-9]+)?_(.+)");

    static final String COLUMN_PREFIX = "m_";
    /** Files of a column have suffixes beside, and a file name has 255 bytes at most. */
    static final int MAX_LENGTH = 200;

    /** In front of a table's name: the table of its late rows. */
    private static final String LATE_PREFIX = "late_";

    private static final HexFormat HEX = HexFormat.of();

    private Names() {}

    static String table(String type) {
        return table(TABLE_PREFIX, type);
    }

    /** @param generation from 1 */
    static String table(String type, int generation) {
        return generation == 1 ? table(type) : table("telemetry" + generation + "_", type);
    }

    /** 0 when the table does not hold metrics of an asset type in time. */
    static int generation(String table) {
        Matcher matcher = GENERATION.matcher(table);
        if (!matcher.matches()) {
            return 0;
        }
        return matcher.group(1) == null ? 1 : Integer.parseInt(matcher.group(1));
    }

    static String table(String prefix, String type) {
        return encode(prefix, type, "asset type");
    }

    /** The table that keeps the late rows of another. */
    static String late(String table) {
        return LATE_PREFIX + table;
    }

    static boolean isLate(String table) {
        return table.startsWith(LATE_PREFIX);
    }

    static String column(String metric) {
        return encode(COLUMN_PREFIX, metric, "metric");
    }

    /** Null when the column does not hold a metric. */
    static @org.jspecify.annotations.Nullable String metric(String column) {
        return column.startsWith(COLUMN_PREFIX) ? decode(column.substring(COLUMN_PREFIX.length())) : null;
    }

    /** Null when the table does not hold an asset type. */
    static @org.jspecify.annotations.Nullable String type(String table) {
        Matcher matcher = GENERATION.matcher(table);
        return matcher.matches() ? decode(matcher.group(2)) : null;
    }

    private static String encode(String prefix, String name, String what) {
        StringBuilder encoded = new StringBuilder(prefix);
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            if ((b >= 'a' && b <= 'z') || (b >= '0' && b <= '9') || b == '_') {
                encoded.append((char) b);
            } else {
                HEX.toHexDigits(encoded.append('$'), b);
            }
        }
        if (name.isEmpty() || encoded.length() > MAX_LENGTH) {
            throw new MetricNameException("cannot store " + what + " \"" + shown(name)
                    + "\": its name takes " + encoded.length() + " characters in the store, allowed are " + MAX_LENGTH
                    + " (capital letters and signs count three, and " + prefix.length() + " are ours)");
        }
        return encoded.toString();
    }

    private static String decode(String encoded) {
        byte[] bytes = new byte[encoded.length()];
        int length = 0;
        for (int i = 0; i < encoded.length(); i++) {
            char c = encoded.charAt(i);
            if (c == '$') {
                bytes[length++] = (byte) HexFormat.fromHexDigits(encoded, i + 1, i + 3);
                i += 2;
            } else {
                bytes[length++] = (byte) c;
            }
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    private static String shown(String name) {
        String printable = name.replaceAll("[^\\x20-\\x7e]", "?");
        return printable.length() <= 40 ? printable : printable.substring(0, 40) + "…";
    }
}

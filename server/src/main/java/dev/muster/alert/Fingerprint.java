package dev.muster.alert;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SortedMap;
import java.util.regex.Pattern;

/**
 * The identity of an alert: a hash of its labels, the same that Alertmanager computes (64-bit FNV-1a over names and values in the
 * order of the names, each followed by a byte 255), as 16 hexadecimal digits.
 *
 * @see <a href="https://github.com/prometheus/common/blob/main/model/labelset.go">LabelSet.Fingerprint</a>
 */
public final class Fingerprint {
    private static final long OFFSET = 0xcbf29ce484222325L;
    private static final long PRIME = 0x100000001b3L;
    private static final byte SEPARATOR = (byte) 255;
    private static final Pattern TEXT = Pattern.compile("[0-9a-f]{16}");

    private Fingerprint() {}

    public static String of(SortedMap<String, String> labels) {
        long hash = OFFSET;
        for (Map.Entry<String, String> label : labels.entrySet()) {
            hash = add(add(hash, label.getKey()), label.getValue());
        }
        return "%016x".formatted(hash);
    }

    public static boolean isOne(String text) {
        return TEXT.matcher(text).matches();
    }

    private static long add(long hash, String text) {
        for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
            hash = add(hash, each);
        }
        return add(hash, SEPARATOR);
    }

    private static long add(long hash, byte next) {
        return (hash ^ (next & 0xff)) * PRIME;
    }
}

package dev.muster.gateway.signal;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a labelled series is; name and labels tell it from others.
 *
 * @param labels in the order of their names
 * @param unit empty when it is not known
 */
public record Series(String name, Map<String, String> labels, Kind kind, String unit) {
    public static final int MAX_NAME_LENGTH = 256;
    public static final int MAX_LABELS = 64;
    public static final int MAX_LABEL_NAME_LENGTH = 128;
    public static final int MAX_LABEL_LENGTH = 1024;

    /** {@link #ordinal} is stored and never changes. */
    public enum Kind {
        UNKNOWN,
        GAUGE,
        /** Grows, and begins again at a restart. */
        COUNTER,
        /** What was added since the sample before. */
        DELTA
    }

    public Series {
        labels = Collections.unmodifiableMap(new TreeMap<>(labels));
    }

    /** Why it is not kept; null when it is. */
    public @Nullable String problem() {
        if (name.isEmpty() || name.length() > MAX_NAME_LENGTH) {
            return "a metric has a name of " + name.length() + " characters, 1 to " + MAX_NAME_LENGTH + " are allowed";
        }
        if (labels.size() > MAX_LABELS) {
            return "metric " + name + " has " + labels.size() + " labels, at most " + MAX_LABELS + " are allowed";
        }
        for (Map.Entry<String, String> label : labels.entrySet()) {
            if (label.getKey().isEmpty() || label.getKey().length() > MAX_LABEL_NAME_LENGTH) {
                return "metric " + name + " has a label name of "
                        + label.getKey().length() + " characters, 1 to " + MAX_LABEL_NAME_LENGTH + " are allowed";
            }
            if (label.getValue().length() > MAX_LABEL_LENGTH) {
                return "metric " + name + " has the label " + label.getKey() + " of "
                        + label.getValue().length() + " characters, at most " + MAX_LABEL_LENGTH + " are allowed";
            }
        }
        return null;
    }
}

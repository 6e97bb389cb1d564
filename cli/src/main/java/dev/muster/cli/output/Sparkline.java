package dev.muster.cli.output;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A series in one line of block characters; a gap is a space. */
public final class Sparkline {
    private static final String LEVELS = "▁▂▃▄▅▆▇█";

    private Sparkline() {}

    /** @param width at most so many characters; longer series are averaged */
    public static String of(List<@Nullable Double> values, int width) {
        double low = Double.MAX_VALUE;
        double high = -Double.MAX_VALUE;
        for (Double value : values) {
            if (value != null) {
                low = Math.min(low, value);
                high = Math.max(high, value);
            }
        }
        int characters = Math.min(width, values.size());
        StringBuilder line = new StringBuilder(characters);
        for (int i = 0; i < characters; i++) {
            int from = (int) ((long) i * values.size() / characters);
            int to = Math.max(from + 1, (int) ((long) (i + 1) * values.size() / characters));
            line.append(character(mean(values.subList(from, to)), low, high));
        }
        return line.toString();
    }

    private static char character(double value, double low, double high) {
        if (Double.isNaN(value)) {
            return ' ';
        }
        double share = high > low ? (value - low) / (high - low) : 0.5;
        return LEVELS.charAt((int) Math.min(LEVELS.length() - 1, Math.floor(share * LEVELS.length())));
    }

    private static double mean(List<@Nullable Double> values) {
        double sum = 0;
        int count = 0;
        for (Double value : values) {
            if (value != null) {
                sum += value;
                count++;
            }
        }
        return count == 0 ? Double.NaN : sum / count;
    }
}

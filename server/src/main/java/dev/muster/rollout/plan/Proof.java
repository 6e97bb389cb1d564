package dev.muster.rollout.plan;

import java.util.Locale;

/** What a wave can show: no failure among so many bounds the share of assets that would fail, with 95 % confidence. */
public final class Proof {
    private static final double MISSED = 0.05;

    private Proof() {}

    /** The largest share of failures under which no failure among {@code samples} is no rarer than one in twenty; exact. */
    public static double bound(int samples) {
        return samples == 0 ? 1 : 1 - Math.pow(MISSED, 1.0 / samples);
    }

    /** How many without a failure bound the share below {@code share}. */
    public static int needed(double share) {
        return (int) Math.ceil(Math.log(MISSED) / Math.log1p(-share));
    }

    /** For people. */
    public static String sentence(String wave, int samples) {
        double bound = bound(samples);
        double next = bound > 0.1 ? 0.1 : bound > 0.05 ? 0.05 : bound > 0.01 ? 0.01 : 0.001;
        String proves =
                "no failure among the %d of wave %s shows that fewer than %s of the assets would fail, with 95%% confidence"
                        .formatted(samples, wave, percent(bound));
        String rule = samples >= 30 ? " (about 3 in " + samples + ")" : "";
        return proves + rule + "; for fewer than " + percent(next) + " it takes " + needed(next);
    }

    private static String percent(double share) {
        String text = String.format(Locale.ROOT, "%.2f", 100 * share);
        return text.replaceFirst("\\.?0+$", "") + "%";
    }
}

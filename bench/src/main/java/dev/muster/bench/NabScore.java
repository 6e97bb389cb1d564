package dev.muster.bench;

import dev.muster.bench.NabCorpus.Series;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * NAB's scoring: Lavin and Ahmad, "Evaluating Real-time Anomaly Detection Algorithms – the Numenta Anomaly Benchmark" (2015), with the
 * details of the scorer of version 1.1. The first min(15 %, 750) rows do not count; in a window only the earliest detection counts, the
 * more the earlier; outside, each costs more the farther it is behind the last window.
 */
final class NabScore {
    /** @param falsePositive what a detection outside of all windows costs at most */
    record Profile(String name, double truePositive, double falseNegative, double falsePositive) {
        static final Profile STANDARD = new Profile("standard", 1, 1, 0.11);
        static final Profile LOW_FP = new Profile("reward-low-fp", 1, 1, 0.22);
        static final Profile LOW_FN = new Profile("reward-low-fn", 1, 2, 0.11);
        static final List<Profile> ALL = List.of(STANDARD, LOW_FP, LOW_FN);
    }

    /** Scores of one detector for each row of a series. */
    record Scored(Series series, double[] scores) {}

    /** Of one series at one threshold. */
    record Raw(double score, int tp, int tn, int fp, int fn) {}

    private NabScore() {}

    static int probation(int rows) {
        return (int) Math.min(Math.floor(0.15 * rows), 750);
    }

    static Raw raw(Scored scored, Profile profile, double threshold) {
        Series series = scored.series();
        double[] worth = worth(series, profile);
        double[] best = new double[series.starts().length];
        Arrays.fill(best, -profile.falseNegative());
        double outside = 0;
        int tp = 0;
        int tn = 0;
        int fp = 0;
        int fn = 0;
        for (int row = probation(worth.length); row < worth.length; row++) {
            int window = window(series, row);
            boolean detected = scored.scores()[row] >= threshold;
            if (window >= 0 && detected) {
                best[window] = Math.max(best[window], worth[row]);
                tp++;
            } else if (window >= 0) {
                fn++;
            } else if (detected) {
                outside += worth[row];
                fp++;
            } else {
                tn++;
            }
        }
        return new Raw(outside + Arrays.stream(best).sum(), tp, tn, fp, fn);
    }

    /** 100 for a detector that finds all windows at their first row and nothing else, 0 for one that finds nothing. */
    static double normalised(double raw, int windows, Profile profile) {
        double nothing = -windows * profile.falseNegative();
        return 100 * (raw - nothing) / (windows * profile.truePositive() - nothing);
    }

    static int windows(List<Scored> all) {
        return all.stream().mapToInt(each -> each.series().starts().length).sum();
    }

    static double total(List<Scored> all, Profile profile, double threshold) {
        double raw = all.stream()
                .mapToDouble(each -> raw(each, profile, threshold).score())
                .sum();
        return normalised(raw, windows(all), profile);
    }

    /** The threshold with the best sum over all series, as NAB looks for it. */
    static double bestThreshold(List<Scored> all, Profile profile) {
        record Point(double score, int series, int row) {}
        List<Point> points = new ArrayList<>();
        List<double[]> worth = new ArrayList<>();
        List<double[]> best = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            Series series = all.get(i).series();
            double[] scores = all.get(i).scores();
            worth.add(worth(series, profile));
            double[] missed = new double[series.starts().length];
            Arrays.fill(missed, -profile.falseNegative());
            best.add(missed);
            for (int row = probation(scores.length); row < scores.length; row++) {
                if (scores[row] > 0) {
                    points.add(new Point(scores[row], i, row));
                }
            }
        }
        points.sort(Comparator.comparingDouble(Point::score).reversed());
        double sum = 0;
        double most = 0;
        double threshold = 1.1;
        for (int i = 0; i < points.size(); i++) {
            Point point = points.get(i);
            int window = window(all.get(point.series()).series(), point.row());
            double gain = worth.get(point.series())[point.row()];
            if (window < 0) {
                sum += gain;
            } else if (gain > best.get(point.series())[window]) {
                sum += gain - best.get(point.series())[window];
                best.get(point.series())[window] = gain;
            }
            boolean last = i + 1 == points.size() || points.get(i + 1).score() < point.score();
            if (last && sum > most) {
                most = sum;
                threshold = point.score();
            }
        }
        return threshold;
    }

    private static double[] worth(Series series, Profile profile) {
        double[] worth = new double[series.values().length];
        double atStart = sigmoid(-1);
        for (int row = 0; row < worth.length; row++) {
            int window = window(series, row);
            if (window >= 0) {
                double width = series.ends()[window] - series.starts()[window] + 1.0;
                worth[row] = sigmoid(-(series.ends()[window] - row + 1) / width) / atStart * profile.truePositive();
            } else {
                worth[row] = sigmoid(behind(series, row)) * profile.falsePositive();
            }
        }
        return worth;
    }

    /** How far behind the last window, in its widths; 3 before the first. */
    private static double behind(Series series, int row) {
        double behind = 3;
        for (int i = 0; i < series.ends().length && series.ends()[i] < row; i++) {
            behind = (row - series.ends()[i]) / (double) (series.ends()[i] - series.starts()[i]);
        }
        return behind;
    }

    private static int window(Series series, int row) {
        for (int i = 0; i < series.starts().length; i++) {
            if (row >= series.starts()[i] && row <= series.ends()[i]) {
                return i;
            }
        }
        return -1;
    }

    private static double sigmoid(double position) {
        return position >= 3 ? -1 : 2 / (1 + Math.exp(5 * position)) - 1;
    }
}

package dev.muster.bench;

/**
 * The simplest of NAB's published detectors, here to check the scorer: how unlikely a value is under the mean and deviation of the last
 * 6,400 values, which move on by ten values at a time.
 */
final class WindowedGaussian {
    private static final int WINDOW = 6_400;
    private static final int STEP = 10;

    private WindowedGaussian() {}

    static double[] scores(double[] values) {
        double[] scores = new double[values.length];
        int from = 0;
        int to = 0;
        double mean = 0;
        double deviation = 1;
        for (int row = 0; row < values.length; row++) {
            scores[row] = row == 0 ? 0 : 1 - beyond(Math.abs(values[row] - mean) / deviation);
            if (row < WINDOW || (row - WINDOW + 1) % STEP == 0) {
                to = row + 1;
                from = Math.max(0, to - WINDOW);
                mean = 0;
                for (int i = from; i < to; i++) {
                    mean += values[i];
                }
                mean /= to - from;
                double squares = 0;
                for (int i = from; i < to; i++) {
                    squares += (values[i] - mean) * (values[i] - mean);
                }
                deviation = Math.sqrt(squares / (to - from));
                deviation = deviation == 0 ? 0.000001 : deviation;
            }
        }
        return scores;
    }

    /** The upper tail of the normal distribution (Abramowitz and Stegun 7.1.5 near 0, a continued fraction farther out). */
    private static double beyond(double deviations) {
        double x = deviations / Math.sqrt(2);
        if (x > 6) {
            return 0;
        }
        double erfc;
        if (x < 2) {
            double sum = x;
            double term = x;
            for (int n = 1; n < 60; n++) {
                term *= -x * x / n;
                sum += term / (2 * n + 1);
            }
            erfc = 1 - 2 / Math.sqrt(Math.PI) * sum;
        } else {
            double fraction = 0;
            for (int n = 60; n >= 1; n--) {
                fraction = n / 2.0 / (x + fraction);
            }
            erfc = Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + fraction);
        }
        return erfc / 2;
    }
}

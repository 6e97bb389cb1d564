package dev.muster.rollout.engine;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * One-sided tests that ask for no distribution. Each answers how probable a difference as large as the one that was seen would be if
 * there were none.
 *
 * <p>Exact for few samples without ties; else the normal approximation with corrections for ties and continuity.
 */
public final class Significance {
    private static final int EXACT_PAIRS = 50;
    private static final int EXACT_GROUP = 25;

    private Significance() {}

    /** Ranks of absolute values or values, equal ones share the mean of theirs. */
    private record Ranked(double[] ranks, double ties, boolean tied) {}

    /**
     * The rank-sum test of Mann and Whitney (Ann. Math. Stat. 18, 1947): that values like {@code some} tend to be higher than values like
     * {@code others}.
     */
    public static double higher(double[] some, double[] others) {
        int n = some.length;
        int m = others.length;
        double[] all = Arrays.copyOf(some, n + m);
        System.arraycopy(others, 0, all, n, m);
        Ranked ranked = rank(all);
        double sum = IntStream.range(0, n).mapToDouble(i -> ranked.ranks()[i]).sum();
        double u = sum - n * (n + 1) / 2.0;
        if (!ranked.tied() && n <= EXACT_GROUP && m <= EXACT_GROUP) {
            return exactRankSum(n, m, (int) Math.round(u));
        }
        double mean = n * (double) m / 2;
        double size = n + m;
        double variance = n * (double) m / 12 * (size + 1 - ranked.ties() / (size * (size - 1)));
        return variance == 0 ? 1 : upperTail((u - mean - 0.5) / Math.sqrt(variance));
    }

    /** The signed-rank test of Wilcoxon (Biometrics 1, 1945): that differences of pairs tend to be above zero; zeros do not count. */
    public static double above(double[] differences) {
        double[] counted = Arrays.stream(differences).filter(each -> each != 0).toArray();
        int n = counted.length;
        if (n == 0) {
            return 1;
        }
        Ranked ranked = rank(Arrays.stream(counted).map(Math::abs).toArray());
        double positive = IntStream.range(0, n)
                .filter(i -> counted[i] > 0)
                .mapToDouble(i -> ranked.ranks()[i])
                .sum();
        if (!ranked.tied() && n <= EXACT_PAIRS) {
            return exactSignedRank(n, (int) Math.round(positive));
        }
        double mean = n * (n + 1.0) / 4;
        double variance = n * (n + 1.0) * (2.0 * n + 1) / 24 - ranked.ties() / 48;
        return variance == 0 ? 1 : upperTail((positive - mean - 0.5) / Math.sqrt(variance));
    }

    /**
     * Fisher's exact test: that the share of {@code hits} in {@code of} is higher than that of {@code otherHits} in {@code otherOf}.
     */
    public static double moreOften(int hits, int of, int otherHits, int otherOf) {
        int all = of + otherOf;
        int marked = hits + otherHits;
        double whole = choose(all, marked);
        double sum = 0;
        for (int k = hits; k <= Math.min(of, marked); k++) {
            if (marked - k <= otherOf) {
                sum += Math.exp(choose(of, k) + choose(otherOf, marked - k) - whole);
            }
        }
        return Math.min(1, sum);
    }

    /** How many of all ways to deal the ranks give at least this U, by counting. */
    private static double exactRankSum(int n, int m, int u) {
        // ways[j][s]: to take j of the ranks seen so far with a sum of s, counted from the smallest possible
        double[][] ways = new double[n + 1][n * m + 1];
        ways[0][0] = 1;
        for (int rank = 1; rank <= n + m; rank++) {
            for (int j = Math.min(n, rank); j >= 1; j--) {
                int more = rank - j; // beyond the smallest sum of j ranks
                if (more <= m) {
                    for (int s = n * m; s >= more; s--) {
                        ways[j][s] += ways[j - 1][s - more];
                    }
                }
            }
        }
        double total = Arrays.stream(ways[n]).sum();
        return IntStream.rangeClosed(Math.max(0, u), n * m)
                        .mapToDouble(s -> ways[n][s])
                        .sum()
                / total;
    }

    private static double exactSignedRank(int n, int positive) {
        int most = n * (n + 1) / 2;
        double[] share = new double[most + 1];
        share[0] = 1;
        for (int rank = 1; rank <= n; rank++) {
            for (int sum = most; sum >= 0; sum--) {
                share[sum] = (share[sum] + (sum >= rank ? share[sum - rank] : 0)) / 2;
            }
        }
        return IntStream.rangeClosed(positive, most)
                .mapToDouble(sum -> share[sum])
                .sum();
    }

    private static Ranked rank(double[] values) {
        Integer[] order = IntStream.range(0, values.length).boxed().toArray(Integer[]::new);
        Arrays.sort(order, (a, b) -> Double.compare(values[a], values[b]));
        double[] ranks = new double[values.length];
        double ties = 0;
        boolean tied = false;
        for (int from = 0; from < order.length; ) {
            int to = from + 1;
            while (to < order.length && values[order[to]] == values[order[from]]) {
                to++;
            }
            for (int i = from; i < to; i++) {
                ranks[order[i]] = (from + to + 1) / 2.0;
            }
            double equal = to - from;
            ties += equal * equal * equal - equal;
            tied |= equal > 1;
            from = to;
        }
        return new Ranked(ranks, ties, tied);
    }

    /** The logarithm of the number of ways to choose. */
    private static double choose(int of, int some) {
        double sum = 0;
        int fewer = Math.min(some, of - some);
        for (int i = 1; i <= fewer; i++) {
            sum += Math.log((of - fewer + i) / (double) i);
        }
        return sum;
    }

    /** Of the normal distribution, within 1.2e-7 of its value (Press et al., Numerical Recipes, 6.2). */
    static double upperTail(double z) {
        double x = Math.abs(z) / Math.sqrt(2);
        double t = 1 / (1 + 0.5 * x);
        double tail = t
                * Math.exp(
                        -x * x
                                - 1.26551223
                                + t
                                        * (1.00002368
                                                + t
                                                        * (0.37409196
                                                                + t
                                                                        * (0.09678418
                                                                                + t
                                                                                        * (-0.18628806
                                                                                                + t
                                                                                                        * (0.27886807
                                                                                                                + t
                                                                                                                        * (-1.13520398
                                                                                                                                + t
                                                                                                                                        * (1.48851587
                                                                                                                                                + t
                                                                                                                                                        * (-0.82215223
                                                                                                                                                                + t
                                                                                                                                                                        * 0.17087277)))))))))
                / 2;
        return z >= 0 ? tail : 1 - tail;
    }
}

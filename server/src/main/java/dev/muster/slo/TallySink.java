package dev.muster.slo;

/** Takes what assets contributed to an indicator; one that is given several times contributed the sum. */
@FunctionalInterface
public interface TallySink {
    void add(String asset, Tally tally);
}

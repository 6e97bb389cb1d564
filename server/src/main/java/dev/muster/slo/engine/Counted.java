package dev.muster.slo.engine;

/** Good and bad of a window. */
public record Counted(double good, double bad) {
    public double total() {
        return good + bad;
    }
}

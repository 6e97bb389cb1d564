package dev.muster.simulator;

/** {@code muster simulator}. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        throw new IllegalArgumentException("muster simulator takes no arguments yet, found " + args.length);
    }
}

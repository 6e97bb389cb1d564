package dev.muster.bench;

/** {@code muster bench}. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        throw new IllegalArgumentException("muster bench takes no arguments yet, found " + args.length);
    }
}

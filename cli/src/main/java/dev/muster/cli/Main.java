package dev.muster.cli;

/** {@code muster cli}. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        throw new IllegalArgumentException("muster cli takes no arguments yet, found " + args.length);
    }
}

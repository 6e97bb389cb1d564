package dev.muster.main;

/** {@code muster server}: starts the control plane. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        throw new IllegalArgumentException("muster server takes no arguments yet, found " + args.length);
    }
}

package dev.muster.cli;

import dev.muster.cli.command.Verbs;

/** {@code muster VERB …}. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.exit(Verbs.run(Terminal.ofProcess(System.getenv()), args));
    }
}

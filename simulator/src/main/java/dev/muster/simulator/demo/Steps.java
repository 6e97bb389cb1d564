package dev.muster.simulator.demo;

import java.io.PrintStream;
import java.util.Locale;

/** What the demonstration prints: headings with the seconds since its start, commands as one would type them, what they say. */
final class Steps {
    private final PrintStream out;
    private final long started = System.nanoTime();

    Steps(PrintStream out) {
        this.out = out;
    }

    long seconds() {
        return (System.nanoTime() - started) / 1_000_000_000;
    }

    synchronized void heading(String text) {
        out.println();
        out.println(String.format(Locale.ROOT, "%4d s  %s", seconds(), text));
        out.flush();
    }

    synchronized void tell(String text) {
        out.println(String.format(Locale.ROOT, "%4d s    %s", seconds(), text));
        out.flush();
    }

    synchronized void command(String text) {
        out.println("        $ " + text);
        out.flush();
    }

    synchronized void said(String text) {
        out.println(text.isBlank() ? "" : "          " + text);
        out.flush();
    }

    synchronized void plain(String text) {
        out.println(text);
        out.flush();
    }
}

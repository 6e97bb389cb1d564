package dev.muster.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Where a command reads and writes.
 *
 * @param interactive a person watches standard output: colours, progress bars and cutting to the width make sense
 * @param width columns; tables of an interactive terminal are cut to it
 */
public record Terminal(
        InputStream in,
        PrintStream out,
        PrintStream err,
        boolean interactive,
        boolean colours,
        int width,
        Map<String, String> environment) {
    private static final int USUAL_WIDTH = 120;

    public static Terminal ofProcess(Map<String, String> environment) {
        boolean interactive = System.console() != null && System.console().isTerminal();
        PrintStream out = new PrintStream(
                new java.io.BufferedOutputStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), 1 << 14),
                interactive,
                StandardCharsets.UTF_8);
        boolean colours =
                interactive && !environment.containsKey("NO_COLOR") && !"dumb".equals(environment.get("TERM"));
        return new Terminal(System.in, out, System.err, interactive, colours, width(environment), environment);
    }

    private static int width(Map<String, String> environment) {
        try {
            int columns = Integer.parseInt(environment.getOrDefault("COLUMNS", ""));
            return Math.max(columns, 20);
        } catch (NumberFormatException e) {
            return USUAL_WIDTH;
        }
    }

    /** The line that somebody types; empty when there is none. */
    public String answer() {
        try {
            String answer = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)).readLine();
            return answer == null ? "" : answer;
        } catch (IOException e) {
            throw new CommandFailed(ExitCode.FAILED, "cannot read an answer: " + e.getMessage());
        }
    }

    public String bold(String text) {
        return colours ? "\u001b[1m" + text + "\u001b[0m" : text;
    }

    public String coloured(Colour colour, String text) {
        return colours ? "\u001b[" + colour.code + "m" + text + "\u001b[0m" : text;
    }

    /** Colours of states; never the only signal. */
    public enum Colour {
        GREEN(32),
        YELLOW(33),
        RED(31),
        GREY(90);

        private final int code;

        Colour(int code) {
            this.code = code;
        }
    }
}

package dev.muster.cli;

import dev.muster.cli.output.ControlGuard;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
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
    private static final Path STANDARD_OUTPUT = Path.of("/proc/self/fd/1");
    private static final Path STANDARD_ERROR = Path.of("/proc/self/fd/2");

    public static Terminal ofProcess(Map<String, String> environment) {
        boolean interactive = System.console() != null && System.console().isTerminal();
        OutputStream raw = new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 14);
        // A pipe and a file get what there is, to the byte.
        OutputStream seen = interactive || isTerminal(STANDARD_OUTPUT) ? new ControlGuard(raw, "") : raw;
        PrintStream out = new PrintStream(seen, interactive, StandardCharsets.UTF_8);
        PrintStream err = interactive || isTerminal(STANDARD_ERROR)
                ? new PrintStream(new ControlGuard(System.err, "\r"), true, StandardCharsets.UTF_8)
                : System.err;
        boolean colours =
                interactive && !environment.containsKey("NO_COLOR") && !"dumb".equals(environment.get("TERM"));
        return new Terminal(System.in, out, err, interactive, colours, width(environment), environment);
    }

    /** Also when standard input is none, which a console wants to be one as well; where there is no /proc, nobody knows. */
    private static boolean isTerminal(Path descriptor) {
        try {
            String device = Files.readSymbolicLink(descriptor).toString();
            return device.startsWith("/dev/pts/") || device.startsWith("/dev/tty") || device.equals("/dev/console");
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    private static int width(Map<String, String> environment) {
        try {
            int columns = Integer.parseInt(environment.getOrDefault("COLUMNS", ""));
            return Math.max(columns, 20);
        } catch (NumberFormatException e) {
            return USUAL_WIDTH;
        }
    }

    /** Asks a person; only a yes is one. */
    public boolean agrees(String question) {
        return answer(question + " [y/N] ").toLowerCase(Locale.ROOT).matches("y|yes");
    }

    /** The line that somebody types when asked, without the spaces around it; empty when there is none. */
    public String answer(String question) {
        err.print(question);
        err.flush();
        return answer().strip();
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

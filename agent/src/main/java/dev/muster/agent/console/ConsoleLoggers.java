package dev.muster.agent.console;

import java.io.PrintStream;
import java.text.MessageFormat;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;

/**
 * Loggers that write a line to standard error: with the time, or with the level as the journal of systemd wants it. The
 * logging of the JDK would cost memory and be configured elsewhere.
 */
public final class ConsoleLoggers extends System.LoggerFinder {
    private static final PrintStream OUT = System.err;
    private static final boolean JOURNAL = System.getenv("JOURNAL_STREAM") != null;
    private static volatile System.Logger.Level threshold = System.Logger.Level.INFO;

    /** For the service loader. */
    public ConsoleLoggers() {}

    /** Of the agent's own loggers; those of libraries speak from WARNING on. */
    public static void level(System.Logger.Level level) {
        threshold = level;
    }

    @Override
    public System.Logger getLogger(String name, Module module) {
        return new Console(name, name.startsWith("dev.muster"));
    }

    private record Console(String name, boolean own) implements System.Logger {
        @Override
        public String getName() {
            return name;
        }

        @Override
        public boolean isLoggable(Level level) {
            Level least = own ? threshold : Level.WARNING;
            return level.getSeverity() >= least.getSeverity() && level != Level.OFF;
        }

        @Override
        public void log(
                Level level, @Nullable ResourceBundle bundle, @Nullable String message, @Nullable Throwable thrown) {
            if (isLoggable(level)) {
                print(level, String.valueOf(message));
                if (thrown != null) {
                    thrown.printStackTrace(OUT);
                }
            }
        }

        @Override
        public void log(
                Level level, @Nullable ResourceBundle bundle, @Nullable String format, @Nullable Object... parameters) {
            if (isLoggable(level)) {
                boolean plain = format == null || parameters == null || parameters.length == 0;
                print(level, plain ? String.valueOf(format) : MessageFormat.format(format, parameters));
            }
        }

        private static void print(Level level, String message) {
            // Whatever a server or a file put into it, it stays one line.
            String line = message.replaceAll("[\\p{Cntrl}&&[^\t]]", " ");
            OUT.println(JOURNAL ? "<" + syslog(level) + ">" + line : time() + " " + level + " " + line);
        }

        private static String time() {
            return Instant.now().truncatedTo(ChronoUnit.MILLIS).toString();
        }

        private static int syslog(Level level) {
            return switch (level) {
                case ERROR -> 3;
                case WARNING -> 4;
                case INFO -> 6;
                case ALL, TRACE, DEBUG, OFF -> 7;
            };
        }
    }
}

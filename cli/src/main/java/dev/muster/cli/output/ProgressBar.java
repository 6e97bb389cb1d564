package dev.muster.cli.output;

import dev.muster.cli.Terminal;
import java.util.Locale;

/** A bar on standard error of an interactive terminal; nothing when piped. */
public final class ProgressBar {
    private static final int WIDTH = 30;

    private final Terminal terminal;
    private final String title;
    private boolean shown;

    public ProgressBar(Terminal terminal, String title) {
        this.terminal = terminal;
        this.title = title;
    }

    /** @param total 0 when not known */
    public void show(long done, long total) {
        if (!terminal.interactive()) {
            return;
        }
        String text;
        if (total > 0) {
            int filled = (int) Math.min(WIDTH, done * WIDTH / total);
            text = String.format(
                    Locale.ROOT, "%s [%s%s] %d/%d", title, "#".repeat(filled), " ".repeat(WIDTH - filled), done, total);
        } else {
            text = title + " " + done;
        }
        terminal.err().print("\r" + (text.length() < terminal.width() ? text : done + "/" + total) + "\u001b[K");
        terminal.err().flush();
        shown = true;
    }

    /** Makes room for another line. */
    public void clear() {
        if (shown) {
            terminal.err().print("\r\u001b[K");
            shown = false;
        }
    }

    public void end() {
        if (shown) {
            terminal.err().println();
            shown = false;
        }
    }
}

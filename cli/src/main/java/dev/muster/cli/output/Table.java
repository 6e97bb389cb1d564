package dev.muster.cli.output;

import dev.muster.cli.Terminal;
import java.util.List;

/**
 * Prints rows in aligned columns. Widths come from the first rows, so that a long list is shown while it still comes in;
 * on an interactive terminal the widest columns are cut to its width.
 */
public final class Table {
    private static final int GAP = 2;
    private static final int NARROWEST = 8;

    private final Terminal terminal;
    private final List<String> titles;
    private int[] widths = new int[0];

    public Table(Terminal terminal, List<String> titles) {
        this.terminal = terminal;
        this.titles = List.copyOf(titles);
    }

    public void print(List<List<String>> rows) {
        if (widths.length == 0) {
            widths = widths(rows);
            terminal.out().println(terminal.bold(line(titles)));
        }
        rows.forEach(row -> terminal.out().println(line(row)));
        terminal.out().flush();
    }

    private int[] widths(List<List<String>> rows) {
        int[] needed = titles.stream().mapToInt(Table::columns).toArray();
        for (List<String> row : rows) {
            for (int i = 0; i < needed.length; i++) {
                needed[i] = Math.max(needed[i], columns(row.get(i)));
            }
        }
        if (terminal.interactive()) {
            shrink(needed, terminal.width());
        }
        return needed;
    }

    private static void shrink(int[] widths, int available) {
        int total = (widths.length - 1) * GAP;
        for (int width : widths) {
            total += width;
        }
        while (total > available) {
            int widest = 0;
            for (int i = 1; i < widths.length; i++) {
                widest = widths[i] > widths[widest] ? i : widest;
            }
            if (widths[widest] <= NARROWEST) {
                return;
            }
            widths[widest]--;
            total--;
        }
    }

    private String line(List<String> cells) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < cells.size(); i++) {
            String cell = terminal.interactive() ? cut(cells.get(i), widths[i]) : printable(cells.get(i));
            line.append(cell);
            if (i < cells.size() - 1) {
                line.append(" ".repeat(Math.max(0, widths[i] - columns(cell)) + GAP));
            }
        }
        return line.toString().stripTrailing();
    }

    private static String cut(String cell, int width) {
        String text = printable(cell);
        return columns(text) <= width
                ? text
                : text.substring(0, text.offsetByCodePoints(0, Math.max(0, width - 1))) + "…";
    }

    private static int columns(String text) {
        return text.codePointCount(0, text.length());
    }

    /** What assets and people wrote must not move the cursor: a line, in which what would is seen. */
    public static String printable(String text) {
        StringBuilder clean = null;
        for (int i = 0; i < text.length(); i++) {
            char given = text.charAt(i);
            char shown = Character.isWhitespace(given) && given < ' ' ? ' ' : Visible.of(given);
            if (shown != given) {
                clean = clean == null ? new StringBuilder(text) : clean;
                clean.setCharAt(i, shown);
            }
        }
        return clean == null ? text : clean.toString();
    }
}

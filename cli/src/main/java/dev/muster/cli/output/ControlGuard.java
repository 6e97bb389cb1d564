package dev.muster.cli.output;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * What goes to a terminal in UTF-8, with control characters shown instead of obeyed: what assets and people wrote cannot move
 * the cursor, change the title or answer for the operator. Tabs, line ends, colours, and what {@code obeyed} names pass.
 */
public final class ControlGuard extends FilterOutputStream {
    private static final int ESCAPE = 0x1b;
    /** First byte of the controls from U+0080 to U+009F, and of what looks like letters behind them. */
    private static final int SECOND_HALF = 0xc2;

    private static final int LONGEST = 16;

    private final String obeyed;
    private final StringBuilder held = new StringBuilder();
    private boolean half;

    /** @param obeyed characters that are obeyed beside tab and line end: a carriage return, for a line that is written anew */
    public ControlGuard(OutputStream terminal, String obeyed) {
        super(terminal);
        this.obeyed = obeyed;
    }

    @Override
    public void write(int given) throws IOException {
        int value = given & 0xff;
        if (half) {
            half = false;
            secondHalf(value);
        } else if (!held.isEmpty()) {
            sequence(value);
        } else if (value == ESCAPE) {
            held.append((char) ESCAPE);
        } else if (value == SECOND_HALF) {
            half = true;
        } else if (value >= ' ' && value != 0x7f || value == '\n' || value == '\t' || obeyed.indexOf(value) >= 0) {
            out.write(value);
        } else {
            show((char) value);
        }
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        for (int i = offset; i < offset + length; i++) {
            write(bytes[i]);
        }
    }

    private void secondHalf(int value) throws IOException {
        if (value < 0xa0) {
            show((char) value);
        } else {
            out.write(SECOND_HALF);
            out.write(value);
        }
    }

    /** Of escape sequences, colours pass as they are, and the end of a line is erased where a line is written anew. */
    private void sequence(int value) throws IOException {
        boolean opens = held.length() == 1 && value == '[';
        boolean goesOn = held.length() > 1 && (value >= '0' && value <= '9' || value == ';');
        boolean ends = held.length() > 1 && (value == 'm' || value == 'K' && !obeyed.isEmpty());
        if ((opens || goesOn) && held.length() < LONGEST) {
            held.append((char) value);
            return;
        }
        String begun = held.toString();
        held.setLength(0);
        if (ends) {
            out.write((begun + (char) value).getBytes(StandardCharsets.US_ASCII));
        } else {
            show((char) ESCAPE);
            out.write(begun.substring(1).getBytes(StandardCharsets.US_ASCII));
            write(value);
        }
    }

    private void show(char control) throws IOException {
        out.write(String.valueOf(Visible.of(control)).getBytes(StandardCharsets.UTF_8));
    }
}

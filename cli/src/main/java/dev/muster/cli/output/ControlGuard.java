package dev.muster.cli.output;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * What goes to a terminal in UTF-8, with control characters shown instead of obeyed: what assets and people wrote cannot move
 * the cursor, change the title, turn the direction of the text or answer for the operator. Tabs, line ends, the colours of this
 * program, and what {@code obeyed} names pass.
 */
public final class ControlGuard extends FilterOutputStream {
    private static final int ESCAPE = 0x1b;
    /** First byte of the controls from U+0080 to U+009F, and of what looks like letters behind them. */
    private static final int SECOND_HALF = 0xc2;

    /** First byte of the general punctuation, U+2000 to U+203F and U+2040 to U+207F, and of much else. */
    private static final int PUNCTUATION = 0xe2;

    /** Bold, italic, underlined, the colours that are readable on any ground, and their ends; none that hides a text. */
    private static final Pattern COLOURS =
            Pattern.compile("\\x1b\\[(?:COLOUR(?:;COLOUR)*)?m".replace("COLOUR", "(?:[0134]|2[1-4]|3[1-69]|90)"));

    private static final int LONGEST = 16;

    private final String obeyed;
    /** An escape sequence, as far as it has come. */
    private final StringBuilder held = new StringBuilder();
    /** A character of several bytes, as far as it has come; 0 when none has. */
    private int begun;

    private boolean returned;

    /** @param obeyed characters that are obeyed beside tab and line end: a carriage return, for a line that is written anew */
    public ControlGuard(OutputStream terminal, String obeyed) {
        super(terminal);
        this.obeyed = obeyed;
    }

    @Override
    public void write(int given) throws IOException {
        int value = given & 0xff;
        if (returned) {
            returned = false;
            if (value == '\n') { // the end of a line of CSV
                out.write('\r');
            } else {
                show('\r');
            }
        }
        if (begun != 0) {
            character(value);
        } else if (!held.isEmpty()) {
            sequence(value);
        } else if (value == ESCAPE) {
            held.append((char) ESCAPE);
        } else if (value == SECOND_HALF || value == PUNCTUATION) {
            begun = value;
        } else if (value >= ' ' && value != 0x7f || value == '\n' || value == '\t' || obeyed.indexOf(value) >= 0) {
            out.write(value);
        } else if (value == '\r') {
            returned = true;
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

    /** Goes on with a character that may be a control, or turn the direction of the text. */
    private void character(int value) throws IOException {
        int first = begun;
        if (first == PUNCTUATION && (value == 0x80 || value == 0x81)) {
            begun = first << 8 | value;
            return;
        }
        begun = 0;
        if (first == SECOND_HALF && value < 0xa0) {
            show((char) value);
        } else if (first > 0xff && Visible.of(punctuation(first, value)) != punctuation(first, value)) {
            show(punctuation(first, value));
        } else {
            if (first > 0xff) {
                out.write(first >> 8);
            }
            out.write(first);
            out.write(value);
        }
    }

    private static char punctuation(int begun, int last) {
        return (char) (0x2000 | (begun & 0x3f) << 6 | last & 0x3f);
    }

    /** Of escape sequences, colours pass as they are, and the end of a line is erased where a line is written anew. */
    private void sequence(int value) throws IOException {
        boolean opens = held.length() == 1 && value == '[';
        boolean goesOn = held.length() > 1 && (value >= '0' && value <= '9' || value == ';');
        boolean ends = held.length() > 1
                && (value == 'm' && COLOURS.matcher(held + "m").matches() || value == 'K' && !obeyed.isEmpty());
        if ((opens || goesOn) && held.length() < LONGEST) {
            held.append((char) value);
            return;
        }
        String text = held.toString();
        held.setLength(0);
        if (ends) {
            out.write((text + (char) value).getBytes(StandardCharsets.US_ASCII));
        } else {
            show((char) ESCAPE);
            out.write(text.substring(1).getBytes(StandardCharsets.US_ASCII));
            write(value);
        }
    }

    private void show(char control) throws IOException {
        out.write(String.valueOf(Visible.of(control)).getBytes(StandardCharsets.UTF_8));
    }
}

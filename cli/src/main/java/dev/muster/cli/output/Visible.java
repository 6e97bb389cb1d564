package dev.muster.cli.output;

/** Control characters as a terminal shows them instead of obeying them, each in one column. */
final class Visible {
    private static final int PICTURES = 0x2400;
    private static final char PICTURE_OF_DELETE = '\u2421';
    private static final char REPLACEMENT = '\ufffd';

    private Visible() {}

    /** ␛ for an escape; a character that names no picture, or that turns the direction of the text, is �. */
    static char of(char given) {
        if (given < ' ') {
            return (char) (PICTURES + given);
        }
        if (given == 0x7f) {
            return PICTURE_OF_DELETE;
        }
        return Character.isISOControl(given) || turns(given) ? REPLACEMENT : given;
    }

    /** Bidirectional embeddings, overrides and isolates: what follows is shown in another order than it has. */
    private static boolean turns(char given) {
        return (given >= '\u202a' && given <= '\u202e') || (given >= '\u2066' && given <= '\u2069');
    }
}

package dev.muster.gateway.journal;

import java.nio.file.Path;

/** The journal's files are not as they must be, or cannot be reached; names the file and what was found. */
public final class JournalException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    JournalException(String message) {
        super(message);
    }

    JournalException(String message, Throwable cause) {
        super(message, cause);
    }

    static JournalException corrupt(Path file, long position, String found) {
        return new JournalException("journal segment " + file + " is corrupt at byte " + position + ": " + found
                + "; restore the file from a copy, or move the journal directory away to begin with an empty one");
    }
}

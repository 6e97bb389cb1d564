package dev.muster.protocol.tuf;

import java.util.Locale;

/** Release metadata, or a file, that is not believed; the message says which, what was found and what would be right. */
public final class MetadataRefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    public MetadataRefusedException(Reason reason, String message) {
        super(message, null, false, false);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }

    /** The message, which a refusal always has. */
    public String detail() {
        return String.valueOf(getMessage());
    }

    /** Why, for programs. */
    public enum Reason {
        /** Not JSON, or not the form of its role. */
        MALFORMED,
        /** Fewer good signatures of trusted keys than the role's threshold: unsigned, altered, or by another key. */
        NOT_SIGNED,
        /** Length or hash are not those that signed metadata names. */
        ALTERED,
        /** Older than what was believed before: a replay. */
        ROLLED_BACK,
        /** Past its expiry: somebody holds newer metadata back, or the clock is wrong. */
        EXPIRED,
        /** Not the version that other metadata names: pieces of different states of the repository. */
        MIXED,
        /** Named by other metadata, and not there. */
        MISSING,
        /** No trusted role has signed for this file. */
        NOT_LISTED,
        /** Not the root that was pinned. */
        NOT_PINNED,
        /** Signed, and for other hardware or another component. */
        INCOMPATIBLE;

        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}

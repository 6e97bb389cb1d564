package dev.muster.telemetry.intake;

import java.util.Locale;

/** Why something in an accepted message was not stored as it came. */
public enum Reason {
    /** The registry does not know the asset (any more): nothing of the message is stored. */
    UNKNOWN_ASSET(false),
    /** A metric that the type does not declare, after the type's limit of such metrics is used up. */
    UNDECLARED_LIMIT(false),
    /** A text for a number and the like. */
    WRONG_KIND(false),
    /** A series beyond those that the asset, or all together, may have. */
    SERIES_LIMIT(false),
    /** A metric name too long to keep. */
    NAME(false),
    /** Beyond the bounds that the type declares. Stored: a broken sensor is a fact that rules want to see. */
    OUT_OF_BOUNDS(true),
    /** Event time ahead of the server's clock. Stored under the receive time. */
    IN_THE_FUTURE(true),
    /** A span that begins ahead of the server's clock: its time cannot be replaced. */
    FAR_AHEAD(false),
    /** Older than the retention: it would be deleted at once. */
    TOO_OLD(false);

    private final boolean stored;

    Reason(boolean stored) {
        this.stored = stored;
    }

    public boolean stored() {
        return stored;
    }

    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }
}

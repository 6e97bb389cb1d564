package dev.muster.gateway.journal;

/** Why an entry could not be made durable (disk full, input/output error, closed). It was not acknowledged and may be sent again. */
public record JournalFailure(Reason reason, String message) {
    public enum Reason {
        DISK_FULL,
        IO_ERROR,
        CLOSED
    }
}

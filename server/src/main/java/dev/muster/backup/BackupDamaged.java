package dev.muster.backup;

/** A backup from which nothing is restored, and why: torn, altered, or of a newer Muster. */
public final class BackupDamaged extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BackupDamaged(String reason) {
        super(reason);
    }

    BackupDamaged(String reason, Throwable cause) {
        super(reason, cause);
    }
}

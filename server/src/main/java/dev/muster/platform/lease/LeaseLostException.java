package dev.muster.platform.lease;

/** The holder acts on a lease that it does not hold any more; its transaction must not commit. */
public final class LeaseLostException extends RuntimeException {
    LeaseLostException(Lease lease) {
        super("lease " + lease.name() + " with token " + lease.token() + " is not held by " + lease.holder()
                + " any more; what it was about to write is refused");
    }
}

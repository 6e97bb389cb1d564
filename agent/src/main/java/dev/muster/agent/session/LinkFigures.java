package dev.muster.agent.session;

import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** How the connection stands and what went over it, since the agent started. Safe for many threads. */
public final class LinkFigures {
    private final InstantSource clock;
    private @Nullable Instant connectedSince;
    private @Nullable Instant disconnectedSince;
    private String lastEnd = "";
    private boolean unwelcome;
    private String lastRefusal = "";
    private long bytesSent;
    private long stored;
    private long refused;
    private long sessions;

    public LinkFigures(InstantSource clock) {
        this.clock = clock;
        this.disconnectedSince = clock.instant();
    }

    /**
     * A copy of it all.
     *
     * @param connectedSince null without a session
     * @param stored messages that the server has acknowledged
     * @param refused messages that it will never take
     * @param lastEnd why the last session ended
     */
    public record Snapshot(
            @Nullable Instant connectedSince,
            @Nullable Instant disconnectedSince,
            long sessions,
            long bytesSent,
            long stored,
            long refused,
            String lastEnd,
            String lastRefusal) {}

    public synchronized Snapshot snapshot() {
        return new Snapshot(
                connectedSince, disconnectedSince, sessions, bytesSent, stored, refused, lastEnd, lastRefusal);
    }

    synchronized void established() {
        connectedSince = clock.instant();
        disconnectedSince = null;
        unwelcome = false;
        sessions++;
    }

    /** Whether the server knows this asset and does not let it in: nothing that waits will ever be sent. */
    public synchronized boolean isUnwelcome() {
        return unwelcome;
    }

    synchronized void ended(SessionEnd end) {
        lastEnd = end.reason();
        unwelcome = end.kind() == SessionEnd.Kind.REFUSED;
        connectedSince = null;
        if (disconnectedSince == null) {
            disconnectedSince = clock.instant();
        }
    }

    synchronized void sent(int bytes) {
        bytesSent += bytes;
    }

    synchronized void stored() {
        stored++;
    }

    synchronized void refused(String why) {
        refused++;
        lastRefusal = why;
    }
}

package dev.muster.platform.postgres;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks a postmaster whether it serves, and tells one that will from one that never will: after a full disk PostgreSQL 18 was seen alive
 * without the process that recovers, refusing every connection for good. A recovery that is merely long has that process, and is never
 * called stuck.
 */
final class PostmasterProbe {
    enum Answer {
        SERVES,
        /** It says that it recovers, starts or stops. */
        REFUSES,
        /** It refused for {@link #PATIENCE} while nothing worked on its recovery, whenever it was looked. */
        STUCK,
        /** It serves, but not us. */
        WRONG_PASSWORD,
        /** It says nothing, or something else. */
        SILENT
    }

    /** Between two processes of a recovery there is a moment without one. */
    static final Duration PATIENCE = Duration.ofSeconds(10);
    /** A machine that stood still for a while has not been looked at. */
    static final int LOOKS = 5;

    private static final Logger log = LoggerFactory.getLogger(PostmasterProbe.class);
    private static final String WRONG_PASSWORD = "28P01";
    private static final String CANNOT_CONNECT_NOW = "57P03";

    private final Connecting connecting;
    private final Supplier<Optional<String>> recovery;
    private final LongSupplier nanoTime;
    private int refusedIdly;
    private long refusedSince;
    private @Nullable String said;

    /** Connects and asks something. */
    interface Connecting {
        void attempt() throws SQLException;
    }

    /**
     * @param recovery what the process that recovers calls itself, if there is one
     * @param nanoTime as of {@link System#nanoTime}
     */
    PostmasterProbe(Connecting connecting, Supplier<Optional<String>> recovery, LongSupplier nanoTime) {
        this.connecting = connecting;
        this.recovery = recovery;
        this.nanoTime = nanoTime;
    }

    static PostmasterProbe of(Process postmaster, Connecting connecting) {
        return new PostmasterProbe(connecting, () -> recoveryOf(postmaster), System::nanoTime);
    }

    Answer ask() {
        try {
            connecting.attempt();
            refusedIdly = 0;
            said = null;
            return Answer.SERVES;
        } catch (SQLException e) {
            log.trace("not serving", e);
            said = e.getMessage();
            return afterFailure(e);
        }
    }

    /** What was said last instead of serving; empty when it served. */
    Optional<String> said() {
        return Optional.ofNullable(said);
    }

    private Answer afterFailure(SQLException failure) {
        if (!CANNOT_CONNECT_NOW.equals(failure.getSQLState())) {
            refusedIdly = 0;
            return WRONG_PASSWORD.equals(failure.getSQLState()) ? Answer.WRONG_PASSWORD : Answer.SILENT;
        }
        Optional<String> recovering = recovery.get();
        if (recovering.isPresent() || String.valueOf(failure.getMessage()).contains("shutting down")) {
            refusedIdly = 0;
            said = failure.getMessage()
                    + recovering.map(process -> " (" + process + ")").orElse("");
            return Answer.REFUSES;
        }
        long now = nanoTime.getAsLong();
        refusedSince = refusedIdly == 0 ? now : refusedSince;
        refusedIdly++;
        return refusedIdly >= LOOKS && now - refusedSince >= PATIENCE.toNanos() ? Answer.STUCK : Answer.REFUSES;
    }

    /** Only Linux tells; elsewhere there might always be one. */
    private static Optional<String> recoveryOf(Process postmaster) {
        if (!Files.isDirectory(Path.of("/proc/self"))) {
            return Optional.of("its processes cannot be seen on this system");
        }
        return postmaster
                .children()
                .map(child -> title(child.pid()))
                .filter(title -> title.startsWith("postgres: startup"))
                .findFirst();
    }

    private static String title(long pid) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), "cmdline"), StandardCharsets.ISO_8859_1)
                    .replace('\0', ' ')
                    .strip();
        } catch (IOException e) {
            log.trace("process {} has ended meanwhile", pid, e);
            return "";
        }
    }
}

package dev.muster.cli.doctor;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.OptionalLong;

/** What is good enough, worked out from what was measured. */
final class Checks {
    private static final int JDK = 25;
    private static final int NODE = 20;
    private static final long MB = 1L << 20;
    private static final int BUILT_IN = 2026;
    private static final int CERTIFICATES_BREAK_IN = 2100;

    private Checks() {}

    static Check jdk(int feature, String version, String home) {
        String found = "Java " + version + " in " + home;
        return feature == JDK
                ? Check.ok("jdk", found)
                : Check.fail(
                        "jdk",
                        found + ", needed is " + JDK,
                        "install a JDK 25 (https://adoptium.net/temurin/releases/?version=25) and set JAVA_HOME");
    }

    /** @param version as {@code node --version} tells it; empty without Node */
    static Check node(Optional<String> version) {
        String mend = "install Node 20 or newer (https://nodejs.org); the web console is built with it";
        if (version.isEmpty()) {
            return Check.warn("node", "not found on PATH", mend);
        }
        String digits = version.get().replaceFirst("^v", "").replaceFirst("\\..*", "");
        boolean enough = digits.matches("\\d{1,4}") && Integer.parseInt(digits) >= NODE;
        return enough
                ? Check.ok("node", version.get())
                : Check.warn("node", version.get() + ", needed is " + NODE + " or newer", mend);
    }

    static Check memory(OptionalLong available, OptionalLong total) {
        if (available.isEmpty() || total.isEmpty()) {
            return Check.warn("memory", "cannot tell how much there is", "make sure that 2 GB are free");
        }
        String found = mb(available.getAsLong()) + " of " + mb(total.getAsLong()) + " available";
        String mend = "the server with its databases takes up to 1 GB, more with a large fleet; end other programs";
        if (available.getAsLong() < 700 * MB) {
            return Check.fail("memory", found, mend);
        }
        return available.getAsLong() < 1_500 * MB ? Check.warn("memory", found, mend) : Check.ok("memory", found);
    }

    static Check disk(String where, OptionalLong usable) {
        if (usable.isEmpty()) {
            return Check.warn("disk", "cannot tell how much is free at " + where, "make sure that 2 GB are free");
        }
        String found = mb(usable.getAsLong()) + " free at " + where;
        String mend = "free some space, or put the data elsewhere with --data-dir";
        if (usable.getAsLong() < 500 * MB) {
            return Check.fail("disk", found, mend);
        }
        return usable.getAsLong() < 2_000 * MB ? Check.warn("disk", found, mend) : Check.ok("disk", found);
    }

    /**
     * @param owner who listens there, as far as it can be told
     * @param ownServer whether that is the Muster server of this data directory
     */
    static Check port(int port, String use, boolean free, Optional<String> owner, boolean ownServer) {
        String name = "port " + port;
        if (free) {
            return Check.ok(name, "free, for " + use);
        }
        if (ownServer) {
            return Check.ok(name, "in use by this Muster server, for " + use);
        }
        return Check.fail(
                name,
                "in use by " + owner.orElse("a program that this user may not see") + ", wanted for " + use,
                "end that program, or give the server another port: " + flag(port) + " 127.0.0.1:0 takes any free one");
    }

    private static String flag(int port) {
        return switch (port) {
            case 8080 -> "--http-listen";
            case 8883 -> "--mqtt-listen";
            default -> "--device-listen";
        };
    }

    /** @param server the clock of a running server; empty without one */
    static Check clock(Instant now, Optional<Instant> server) {
        int year = now.atOffset(ZoneOffset.UTC).getYear();
        if (year < BUILT_IN || year >= CERTIFICATES_BREAK_IN) {
            return Check.fail(
                    "clock",
                    "it says " + now,
                    "set it, and keep it with NTP: certificates are refused at a wrong time");
        }
        if (server.isEmpty()) {
            return Check.ok("clock", "it says " + now + "; no server to compare with");
        }
        Duration apart = Duration.between(server.get(), now).abs();
        String found = "it says " + now + ", " + apart.toMillis() / 1_000.0 + " s from the server's";
        String mend = "keep both clocks with NTP (timedatectl set-ntp true)";
        if (apart.toSeconds() >= 30) {
            return Check.fail("clock", found, mend);
        }
        return apart.toSeconds() >= 3 ? Check.warn("clock", found, mend) : Check.ok("clock", found);
    }

    static Check openFiles(OptionalLong limit) {
        if (limit.isEmpty()) {
            return Check.warn("open files", "cannot tell the limit", "see ulimit -n");
        }
        String found = "at most " + limit.getAsLong();
        String mend = "each connected asset takes one; raise it with ulimit -n 65536, or LimitNOFILE of systemd";
        if (limit.getAsLong() < 1_024) {
            return Check.fail("open files", found, mend);
        }
        return limit.getAsLong() < 16_384 ? Check.warn("open files", found, mend) : Check.ok("open files", found);
    }

    static Check dataDirectory(String where, Optional<String> problem) {
        return problem.map(reason -> Check.fail(
                        "data directory",
                        where + ": " + reason,
                        "give yourself the right to write there (chown, chmod), or choose another with --data-dir"))
                .orElseGet(() -> Check.ok("data directory", where + " is writable"));
    }

    private static String mb(long bytes) {
        return bytes / MB + " MB";
    }
}

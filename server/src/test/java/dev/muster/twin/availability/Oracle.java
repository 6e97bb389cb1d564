package dev.muster.twin.availability;

import dev.muster.gateway.journal.JournalEntry;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.Uplink;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The same minutes, worked out from the whole history at once, interval by interval and without any map of bits. */
final class Oracle {
    private static final long MINUTE = 60_000;
    private static final long AHEAD = 5 * MINUTE;

    private final History history;
    /** By run, the last moment at which its server is known to have lived. */
    private final List<Long> alive;

    Oracle(History history, List<Long> alive) {
        this.history = history;
        this.alive = alive;
    }

    /** @param signs while it was open */
    private record Session(List<Long> signs, long end) {}

    /** @param unbound signs of life without a session, up to the next closing or the end of the run */
    private record Lives(List<Session> sessions, List<Session> unbound, Set<Long> heardOf) {}

    /** One letter a minute: reachable, stale, unknown, unreachable; capital when running. */
    String letters(AssetId asset, long fromMinute, long toMinute) {
        Lives lives = lives(asset);
        Set<Long> running = running(asset);
        StringBuilder letters = new StringBuilder();
        for (long minute = fromMinute; minute < toMinute; minute++) {
            char letter = letter(lives, minute);
            letters.append(running.contains(minute) ? Character.toUpperCase(letter) : letter);
        }
        return letters.toString();
    }

    private char letter(Lives lives, long minute) {
        if (lives.heardOf.contains(minute)
                || lives.sessions.stream().anyMatch(session -> online(session, minute))
                || lives.unbound.stream().anyMatch(signs -> online(signs, minute))) {
            return 'r';
        }
        if (lives.sessions.stream().anyMatch(session -> open(session, minute))) {
            return 's';
        }
        return watched(minute) ? 'u' : '?';
    }

    private static boolean online(Session session, long minute) {
        for (long sign : session.signs) {
            if (overlaps(sign, Math.min(sign + History.TTL, session.end), minute)) {
                return true;
            }
        }
        return false;
    }

    private static boolean open(Session session, long minute) {
        return overlaps(session.signs.getFirst(), session.end, minute);
    }

    private static boolean overlaps(long begin, long end, long minute) {
        return begin < (minute + 1) * MINUTE && end > minute * MINUTE && begin < end;
    }

    private boolean watched(long minute) {
        for (int run = 0; run < history.runs.size(); run++) {
            if (minute * MINUTE >= history.runs.get(run).started() + MINUTE
                    && (minute + 1) * MINUTE <= alive.get(run)) {
                return true;
            }
        }
        return false;
    }

    private Lives lives(AssetId asset) {
        List<Session> sessions = new ArrayList<>();
        List<Session> unbound = new ArrayList<>();
        Set<Long> heardOf = new HashSet<>();
        for (int run = 0; run < history.runs.size(); run++) {
            long end = run + 1 < history.runs.size() ? history.runs.get(run + 1).firstOffset() : history.journal.size();
            @Nullable String session = null;
            List<Long> signs = new ArrayList<>();
            List<Long> without = new ArrayList<>();
            for (JournalEntry entry :
                    history.journal.subList((int) history.runs.get(run).firstOffset(), (int) end)) {
                if (!entry.asset().equals(asset)) {
                    continue;
                }
                String id = new String(entry.payload(), java.nio.charset.StandardCharsets.UTF_8).split(" ")[0];
                switch (entry.kind()) {
                    case SESSION_CLOSED -> {
                        if (Objects.equals(session, id)) {
                            sessions.add(new Session(signs, entry.receivedAt()));
                            unbound.add(new Session(without, entry.receivedAt()));
                            without = new ArrayList<>();
                            session = null;
                            signs = new ArrayList<>();
                        }
                    }
                    case SESSION_OPENED -> {
                        session = id;
                        signs.add(entry.receivedAt());
                        heardOf.add(entry.receivedAt() / MINUTE);
                    }
                    default -> {
                        heardOf.add(entry.receivedAt() / MINUTE);
                        (session == null ? without : signs).add(entry.receivedAt());
                    }
                }
            }
            boolean last = run + 1 == history.runs.size();
            long ended = last ? Long.MAX_VALUE / 2 : alive.get(run);
            unbound.add(new Session(without, ended));
            if (session != null) {
                sessions.add(new Session(signs, ended));
            }
        }
        return new Lives(sessions, unbound, heardOf);
    }

    private Set<Long> running(AssetId asset) {
        TreeSet<Long> reported = new TreeSet<>();
        for (JournalEntry entry : history.journal) {
            if (entry.asset().equals(asset) && entry.uplink() != null) {
                List<@Nullable Long> times = new ArrayList<>();
                switch (entry.uplink()) {
                    case Uplink.Heartbeat heartbeat -> times.add(heartbeat.ts());
                    case Uplink.Telemetry telemetry -> telemetry.readings().forEach(each -> times.add(each.ts()));
                    default -> throw new IllegalStateException("not in a history: " + entry);
                }
                for (Long ts : times) {
                    long at = ts == null || ts > entry.receivedAt() + AHEAD ? entry.receivedAt() : ts;
                    reported.add(at / MINUTE);
                }
            }
        }
        Set<Long> running = new HashSet<>(reported);
        for (long minute : reported) {
            Long next = reported.higher(minute);
            // 90 s are begun minutes: two.
            if (next != null && next - minute <= 2) {
                running.add(minute + 1);
            }
        }
        return running;
    }
}

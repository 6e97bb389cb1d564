package dev.muster.twin.availability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.gateway.journal.JournalEntry;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.Uplink;
import dev.muster.telemetry.intake.EventTime;
import dev.muster.twin.availability.AvailabilityEngine.Gain;
import dev.muster.twin.availability.AvailabilityEngine.Progress;
import dev.muster.twin.availability.AvailabilityStore.Day;
import dev.muster.twin.bucket.Bucket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Made-up histories, cut short by kills at any place, against an oracle that sees all at once. */
class AvailabilityEngineTest {
    private static final int SCHEDULES = 80;
    private static final int STEPS = 150;
    private static final long EVENING = Instant.parse("2026-11-24T22:30:00Z").toEpochMilli();

    /** Mistakes that a change could bring, made on purpose. */
    private enum Fault {
        FORGETS_SESSIONS,
        FORGETS_WHAT_IS_PACKED,
        WRITES_AND_PACKS_NOTHING,
        SILENT_WITHOUT_A_SESSION,
        FORGETS_RESTARTS,
        COMMITS_BEFORE_IT_STORES,
        RECEIVE_TIME_FOR_EVENT_TIME,
        ANY_CLOSING_COUNTS,
        LOSES_OTHER_DAYS,
        WATCHES_WHILE_DOWN,
        SILENCE_IS_LATE
    }

    /** What outlives a kill. */
    private static final class Disk {
        final Map<AssetId, Map<Integer, Day>> days = new HashMap<>();
        final Map<Integer, byte[]> watched = new HashMap<>();
        final Map<Integer, byte[]> lines = new HashMap<>();
        final List<ServerRun> untold = new ArrayList<>();
        Progress progress = Progress.NONE;
        int next;
    }

    private static final class Consumer {
        final History history;
        final Disk disk;
        final @Nullable Fault fault;
        final AvailabilityEngine engine;
        final Random random;
        final List<ServerRun> toTell;
        final List<ServerRun> told = new ArrayList<>();
        int next;

        Consumer(History history, Disk disk, @Nullable Fault fault) {
            this.history = history;
            this.disk = disk;
            this.fault = fault;
            this.random = new Random(history.now);
            this.engine =
                    new AvailabilityEngine(_ -> fault == Fault.SILENCE_IS_LATE ? History.TTL + 60_000 : History.TTL);
            engine.restore(Map.of(), fault == Fault.FORGETS_SESSIONS ? List.of() : disk.lines.values(), disk.progress);
            toTell = new ArrayList<>(disk.untold);
            next = disk.next;
        }

        void consume(int upTo) {
            for (; next < upTo; next++) {
                tellRuns(next);
                apply(history.journal.get(next));
            }
        }

        void tellRuns(long offset) {
            while (!toTell.isEmpty() && toTell.getFirst().firstOffset() <= offset) {
                ServerRun run = toTell.removeFirst();
                if (fault != Fault.FORGETS_RESTARTS || run.firstOffset() == 0) {
                    engine.restarted(run.started());
                }
                told.add(run);
            }
        }

        private void apply(JournalEntry entry) {
            long at = entry.receivedAt();
            AssetId asset = entry.asset();
            long session = AvailabilityTracker.session(entry.payload());
            switch (entry.kind()) {
                case SESSION_OPENED -> engine.opened(asset, session, at);
                case SESSION_CLOSED -> {
                    engine.closed(asset, session, at);
                    if (fault == Fault.ANY_CLOSING_COUNTS) {
                        history.journal.subList(0, next).stream()
                                .filter(other -> other.asset().equals(asset))
                                .forEach(other ->
                                        engine.closed(asset, AvailabilityTracker.session(other.payload()), at));
                    }
                }
                default -> {
                    engine.seen(asset, at);
                    if (fault == Fault.SILENT_WITHOUT_A_SESSION) {
                        engine.closed(asset, session, at);
                        engine.opened(asset, 7, at);
                        engine.closed(asset, 7, at);
                    }
                    if (entry.uplink() instanceof Uplink.Telemetry telemetry) {
                        telemetry.readings().forEach(each -> report(entry, each.ts()));
                    } else if (entry.uplink() instanceof Uplink.Heartbeat heartbeat) {
                        report(entry, heartbeat.ts());
                    }
                }
            }
        }

        private void report(JournalEntry entry, @Nullable Long ts) {
            EventTime time = EventTime.of(ts, entry.receivedAt(), entry.offset(), 0, 90);
            engine.reported(entry.asset(), fault == Fault.RECEIVE_TIME_FOR_EVENT_TIME ? entry.receivedAt() : time.ts());
        }

        void checkpoint(long moment) {
            if (moment >= 0) {
                engine.advance(moment);
            }
            BitSet due = new BitSet();
            history.assets.stream()
                    .map(Bucket::of)
                    .filter(_ -> random.nextInt(3) == 0)
                    .forEach(due::set);
            engine.forEachGain(fault == Fault.WRITES_AND_PACKS_NOTHING ? new BitSet() : due, this::store);
            for (int bucket = 0; bucket < Bucket.COUNT; bucket++) {
                disk.lines.put(bucket, engine.pack(bucket, due));
            }
            engine.watched().forEach((word, bits) -> or(bytes(disk.watched, Minutes.day(word)), word, bits));
            if (fault == Fault.WATCHES_WHILE_DOWN) {
                disk.watched.values().forEach(bits -> java.util.Arrays.fill(bits, (byte) -1));
            }
            disk.untold.removeAll(told);
            disk.progress = engine.progress();
            disk.next = fault == Fault.COMMITS_BEFORE_IT_STORES ? history.journal.size() : next;
            engine.stored(due);
        }

        void writeWhatIsPacked() {
            if (fault != Fault.FORGETS_WHAT_IS_PACKED) {
                disk.lines.values().forEach(packed -> AvailabilityEngine.forEachGain(packed, this::store));
            }
        }

        private void store(AssetId asset, long word, Gain gain) {
            if (fault == Fault.LOSES_OTHER_DAYS
                    && Minutes.day(word) != Minutes.day(Minutes.word(Minutes.of(history.now)))) {
                return;
            }
            Day day = disk.days
                    .computeIfAbsent(asset, _ -> new HashMap<>())
                    .computeIfAbsent(Minutes.day(word), _ -> new Day(empty(), empty(), empty()));
            or(day.reachable(), word, gain.reachable);
            or(java.util.Objects.requireNonNull(day.stale()), word, gain.stale);
            or(java.util.Objects.requireNonNull(day.reported()), word, gain.reported);
        }

        private static byte[] bytes(Map<Integer, byte[]> days, int day) {
            return days.computeIfAbsent(day, _ -> empty());
        }

        private static byte[] empty() {
            return new byte[Minutes.BYTES_PER_DAY];
        }

        private static void or(byte[] day, long word, long bits) {
            byte[] eight = ByteBuffer.allocate(8).putLong(bits).array();
            int at = Minutes.shift(word) / 8;
            for (int i = 0; i < 8 && at + i < day.length; i++) {
                day[at + i] |= eight[i];
            }
        }
    }

    /** @return what differs from the oracle; empty when nothing does */
    private static String run(long seed, @Nullable Fault fault) {
        Random random = new Random(seed);
        History history = new History(random, EVENING + random.nextInt(60_000));
        Disk disk = new Disk();
        disk.untold.addAll(history.runs);
        List<Long> alive = new ArrayList<>();
        long aliveOfRun = history.now;
        Consumer consumer = new Consumer(history, disk, fault);
        for (int step = 0; step < STEPS; step++) {
            history.step();
            if (random.nextInt(3) == 0) {
                consumer.consume(consumer.next + random.nextInt(history.journal.size() - consumer.next + 1));
            }
            if (random.nextInt(8) == 0) {
                boolean caughtUp = consumer.next == history.journal.size();
                if (caughtUp) {
                    consumer.tellRuns(Long.MAX_VALUE);
                }
                if (caughtUp || consumer.next > history.runs.getLast().firstOffset()) {
                    consumer.checkpoint(
                            caughtUp
                                    ? history.now
                                    : history.journal.get(consumer.next - 1).receivedAt());
                    aliveOfRun = Math.max(aliveOfRun, disk.progress.known());
                } else {
                    consumer.checkpoint(-1);
                }
            }
            if (random.nextInt(40) == 0) {
                alive.add(Math.max(aliveOfRun, lastHeard(history)));
                disk.untold.add(history.kill());
                aliveOfRun = history.now;
                consumer = new Consumer(history, disk, fault);
            }
        }
        consumer.consume(history.journal.size());
        consumer.tellRuns(Long.MAX_VALUE);
        consumer.checkpoint(history.now);
        consumer.writeWhatIsPacked();
        alive.add(history.now / 60_000 * 60_000);
        return difference(history, disk, alive);
    }

    private static long lastHeard(History history) {
        return history.journal.isEmpty() ? 0 : history.journal.getLast().receivedAt();
    }

    private static String difference(History history, Disk disk, List<Long> alive) {
        Oracle oracle = new Oracle(history, alive);
        long to = Minutes.of(disk.progress.known());
        int last = Math.toIntExact(to / Minutes.PER_DAY);
        int first = last - 3;
        for (AssetId asset : history.assets) {
            String expected = oracle.letters(asset, (long) first * Minutes.PER_DAY, to);
            String found = letters(
                    new Timeline(
                            first,
                            last + 1,
                            disk.days.getOrDefault(asset, Map.of()),
                            disk.watched,
                            Duration.ofMillis(History.TTL)),
                    (long) first * Minutes.PER_DAY,
                    to);
            if (!found.equals(expected)) {
                int at = 0;
                while (found.charAt(at) == expected.charAt(at)) {
                    at++;
                }
                int end = Math.min(found.length(), at + 40);
                return asset + " at " + Instant.ofEpochMilli(Minutes.millis((long) first * Minutes.PER_DAY + at)) + ": "
                        + found.substring(at, end) + " instead of " + expected.substring(at, end);
            }
        }
        return "";
    }

    /** As {@link Oracle#letters}, asked minute by minute. */
    static String letters(Timeline timeline, long from, long to) {
        StringBuilder letters = new StringBuilder();
        for (long minute = from; minute < to; minute++) {
            Tally tally = timeline.byDay(minute, minute + 1).firstEntry().getValue();
            char letter = tally.reachable() == 1 ? 'r' : tally.stale() == 1 ? 's' : tally.unknown() == 1 ? '?' : 'u';
            letters.append(tally.running() == 1 ? Character.toUpperCase(letter) : letter);
        }
        return letters.toString();
    }

    @Test
    void minutesAreThoseOfTheOracleAfterKillsReplaysRepeatedAndLateReportsAndOverDayBorders() {
        long begin = new Random().nextLong(1_000_000_000);
        for (long seed = begin; seed < begin + SCHEDULES; seed++) {
            assertThat(run(seed, null)).as("seed " + seed).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void theOracleFindsThePlantedFault(Fault fault) {
        long begin = new Random().nextLong(1_000_000_000);
        boolean found = false;
        for (long seed = begin; seed < begin + SCHEDULES && !found; seed++) {
            found = !run(seed, fault).isEmpty();
        }
        assertThat(found).as(fault + ", seeds from " + begin).isTrue();
    }
}

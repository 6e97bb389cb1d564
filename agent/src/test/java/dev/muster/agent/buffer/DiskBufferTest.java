package dev.muster.agent.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.protocol.UplinkKind;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskBufferTest {
    private static final long SMALL = DiskBuffer.MIN_BYTES;

    @TempDir
    Path folder;

    @Test
    void whatIsImportantGoesFirstAndEachLaneKeepsItsOrder() throws IOException {
        try (DiskBuffer buffer = DiskBuffer.open(folder, SMALL)) {
            add(buffer, UplinkKind.TELEMETRY, "t1");
            add(buffer, UplinkKind.EVENTS, "e1");
            add(buffer, UplinkKind.LOGS, "t2");
            buffer.append(UplinkKind.COMMAND_RESULT, "c-1", bytes("r1"), true);
            add(buffer, UplinkKind.STATE_REPORTED, "r2");

            assertThat(drain(buffer)).containsExactly("r1", "r2", "e1", "t1", "t2");
        }
    }

    @Test
    void anEntryIsHandedOutOnceUntilTheSessionIsLost() throws IOException {
        try (DiskBuffer buffer = DiskBuffer.open(folder, SMALL)) {
            add(buffer, UplinkKind.TELEMETRY, "a");
            add(buffer, UplinkKind.TELEMETRY, "b");
            add(buffer, UplinkKind.TELEMETRY, "c");
            Entry a = next(buffer);
            Entry b = next(buffer);
            buffer.settle(b);
            buffer.again(a);
            assertThat(text(next(buffer))).isEqualTo("a");
            buffer.sessionLost();

            assertThat(drain(buffer)).containsExactly("a", "c");
            assertThat(buffer.next()).isNull();
        }
    }

    @Test
    void whatWasNotSettledIsThereAfterARestart() throws IOException {
        try (DiskBuffer buffer = DiskBuffer.open(folder, SMALL)) {
            for (int i = 0; i < 5; i++) {
                add(buffer, UplinkKind.TELEMETRY, "t" + i);
            }
            buffer.settle(next(buffer));
            buffer.settle(next(buffer));
            next(buffer);
        }
        try (DiskBuffer buffer = DiskBuffer.open(folder, SMALL)) {
            assertThat(drain(buffer)).containsExactly("t2", "t3", "t4");
        }
    }

    @Test
    void afterAKillEverythingComesThatWasNotSettledAndPerhapsMore() throws IOException {
        DiskBuffer killed = DiskBuffer.open(folder, SMALL);
        add(killed, UplinkKind.TELEMETRY, "t0");
        killed.settle(next(killed));
        add(killed, UplinkKind.TELEMETRY, "t1"); // never synced, never closed

        try (DiskBuffer buffer = DiskBuffer.open(folder, SMALL)) {
            assertThat(drain(buffer)).containsExactly("t0", "t1");
        }
    }

    @Test
    void aTornTailIsCutOffAndNothingBeforeItIsLost() throws IOException {
        try (DiskBuffer buffer = DiskBuffer.open(folder, SMALL)) {
            add(buffer, UplinkKind.TELEMETRY, "whole");
            add(buffer, UplinkKind.TELEMETRY, "torn-torn-torn");
        }
        Path segment = segments("bulk").getFirst();
        for (long cut = Files.size(segment) - 1; cut > 8 + 2 + 5; cut--) {
            try (RandomAccessFile file = new RandomAccessFile(segment.toFile(), "rw")) {
                file.setLength(cut);
            }
            try (DiskBuffer buffer = DiskBuffer.open(folder, SMALL)) {
                assertThat(text(next(buffer))).as("cut at %s", cut).isEqualTo("whole");
                assertThat(buffer.next()).as("cut at %s", cut).isNull();
            }
        }
        try (DiskBuffer buffer = DiskBuffer.open(folder, SMALL)) {
            add(buffer, UplinkKind.TELEMETRY, "after");
            assertThat(drain(buffer)).containsExactly("whole", "after");
        }
    }

    @Test
    void aDamagedRecordLosesTheRestOfItsSegmentAndIsCounted() throws IOException {
        byte[] large = new byte[20_000];
        int count = 20; // over several segments of 64 KiB
        try (DiskBuffer buffer = DiskBuffer.open(folder, SMALL)) {
            for (int i = 0; i < count; i++) {
                buffer.append(UplinkKind.TELEMETRY, "", large, false);
            }
        }
        try (RandomAccessFile file =
                new RandomAccessFile(segments("bulk").getFirst().toFile(), "rw")) {
            file.seek(30_000);
            file.write(1);
        }
        try (DiskBuffer buffer = DiskBuffer.open(folder, SMALL)) {
            long lost = buffer.fill().lost();
            assertThat(lost).isPositive();
            assertThat(drain(buffer)).hasSize((int) (count - lost));
        }
    }

    @Test
    void whenItIsFullTheOldestTelemetryGoesFirstAndStateStays() throws IOException {
        byte[] large = new byte[10_000];
        int telemetry = 300;
        try (DiskBuffer buffer = DiskBuffer.open(folder, SMALL)) {
            buffer.append(UplinkKind.STATE_REPORTED, "", bytes("report"), true);
            add(buffer, UplinkKind.EVENTS, "event");
            for (int i = 0; i < telemetry; i++) {
                large[0] = (byte) (i >> 8);
                large[1] = (byte) i;
                buffer.append(UplinkKind.TELEMETRY, "", large, false);
                assertThat(buffer.fill().bytes()).isLessThanOrEqualTo(SMALL + 100);
            }
            buffer.sync();
        }
        try (DiskBuffer buffer = DiskBuffer.open(folder, SMALL)) {
            long lost = buffer.fill().lost();
            assertThat(text(next(buffer))).isEqualTo("report");
            assertThat(text(next(buffer))).isEqualTo("event");
            List<Integer> kept = new ArrayList<>();
            for (Entry entry = buffer.next(); entry != null; entry = buffer.next()) {
                kept.add((entry.payload()[0] & 0xFF) << 8 | entry.payload()[1] & 0xFF);
                buffer.settle(entry);
            }
            assertThat(kept).hasSize((int) (telemetry - lost));
            assertThat(kept.getFirst()).isEqualTo((int) lost); // the oldest are gone
            assertThat(kept.getLast()).isEqualTo(telemetry - 1);
            buffer.lossReported(lost);
            assertThat(buffer.fill().lost()).isZero();
        }
    }

    @Test
    void stateReportsGoOnlyWhenNothingElseIsLeft() throws IOException {
        byte[] large = new byte[10_000];
        try (DiskBuffer buffer = DiskBuffer.open(folder, SMALL)) {
            for (int i = 0; i < 50; i++) {
                buffer.append(UplinkKind.TELEMETRY, "", large, false);
            }
            for (int i = 0; i < 90; i++) {
                buffer.append(UplinkKind.COMMAND_RESULT, "c-" + i, large, false);
            }
            int results = 0;
            for (Entry entry = buffer.next(); entry != null; entry = buffer.next()) {
                results += entry.lane() == Lane.STATE ? 1 : 0;
            }
            assertThat(results).isEqualTo(90);
        }
    }

    @Test
    void whateverHappensNothingUnsettledIsLostAndLanesKeepTheirOrder() throws IOException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        UplinkKind[] kinds = {UplinkKind.TELEMETRY, UplinkKind.EVENTS, UplinkKind.STATE_REPORTED};
        List<String> said = new ArrayList<>();
        Set<String> settled = new HashSet<>();
        List<Entry> onTheirWay = new ArrayList<>();
        int restarts = 0;
        DiskBuffer buffer = DiskBuffer.open(folder, 16 * SMALL);
        for (int step = 0; step < 4000; step++) {
            switch (random.nextInt(10)) {
                case 0, 1, 2, 3 -> {
                    String text = said.size() + "-".repeat(random.nextInt(2000));
                    said.add(text);
                    add(buffer, kinds[random.nextInt(kinds.length)], text);
                }
                case 4, 5, 6 -> {
                    Entry entry = buffer.next();
                    if (entry != null) {
                        onTheirWay.add(entry);
                    }
                }
                case 7 -> {
                    if (!onTheirWay.isEmpty()) {
                        Entry entry = onTheirWay.remove(random.nextInt(onTheirWay.size()));
                        settled.add(text(entry));
                        buffer.settle(entry);
                    }
                }
                case 8 -> {
                    if (random.nextInt(10) == 0) {
                        buffer.sessionLost();
                        onTheirWay.clear();
                    } else {
                        buffer.sync();
                    }
                }
                default -> {
                    if (random.nextInt(20) == 0) {
                        if (random.nextBoolean()) {
                            buffer.close(); // else as if killed
                        }
                        buffer = DiskBuffer.open(folder, 16 * SMALL);
                        onTheirWay.clear();
                        restarts++;
                    }
                }
            }
        }
        buffer.sessionLost();
        List<String> rest = new ArrayList<>();
        List<List<Integer>> order = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        for (Entry entry = buffer.next(); entry != null; entry = buffer.next()) {
            rest.add(text(entry));
            order.get(entry.lane().ordinal()).add(Integer.parseInt(text(entry).replaceAll("-.*", "")));
            buffer.settle(entry);
        }
        String how = "seed " + seed + ", " + said.size() + " said, " + restarts + " restarts";
        Set<String> missing = new HashSet<>(said);
        missing.removeAll(settled);
        missing.removeAll(rest);
        assertThat(missing).as(how).isEmpty();
        order.forEach(lane -> assertThat(lane).as(how).isSorted().doesNotHaveDuplicates());
        assertThat(buffer.fill().entries()).as(how).isZero();
        assertThat(buffer.fill().lost()).as(how).isZero();
        buffer.close();
    }

    private List<Path> segments(String lane) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith(lane + "-"))
                    .sorted()
                    .toList();
        }
    }

    private static void add(DiskBuffer buffer, UplinkKind kind, String text) throws IOException {
        buffer.append(kind, "", bytes(text), false);
    }

    private static List<String> drain(DiskBuffer buffer) throws IOException {
        List<String> drained = new ArrayList<>();
        for (Entry entry = buffer.next(); entry != null; entry = buffer.next()) {
            drained.add(text(entry));
            buffer.settle(entry);
        }
        return drained;
    }

    private static Entry next(DiskBuffer buffer) throws IOException {
        @Nullable Entry entry = buffer.next();
        if (entry == null) {
            throw new AssertionError("the buffer has no entry to hand out");
        }
        return entry;
    }

    private static String text(Entry entry) {
        return new String(entry.payload(), StandardCharsets.US_ASCII);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}

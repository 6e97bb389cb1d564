package dev.muster.gateway.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.protocol.AssetId;
import dev.muster.protocol.PayloadFormat;
import dev.muster.protocol.Uplink;
import dev.muster.protocol.UplinkCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every {@link Journal} promises. An implementation's test extends this. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
public abstract class JournalContract {
    protected static final AssetId TRUCK = new AssetId("truck-1");
    protected static final AssetId TILL = new AssetId("till-1");
    private static final Duration SOON = Duration.ofSeconds(20);

    /** Opens the test's journal: empty the first time, later as it was closed. */
    protected abstract Journal open() throws Exception;

    /** The same, with bounds that a few hundred kilobytes reach when no consumer commits. */
    protected abstract Journal openTight() throws Exception;

    @Test
    void givesConsumersWhatWasAcknowledgedWithAllItsFields() throws Exception {
        byte[] result = "{\"status\":\"succeeded\",\"detail\":\"done\"}".getBytes(UTF_8);
        byte[] reading = "{\"ts\":1760000000000,\"values\":{\"speed\":61.2}}".getBytes(UTF_8);
        try (Journal journal = open();
                JournalReader reader = journal.reader("telemetry")) {
            Acknowledgements acks = new Acknowledgements();
            offerUplink(journal, 1000, EntryKind.TELEMETRY, "", reading, acks);
            offerUplink(journal, 1001, EntryKind.COMMAND_RESULT, "c-7", result, acks);
            offerSession(journal, TILL, "s-1", acks);
            acks.await(3);

            List<JournalEntry> live = pollAll(reader, 3);
            assertThat(acks.durable()).isEqualTo(offsets(live));
            assertThat(live).extracting(JournalEntry::receivedAt).containsExactly(1000L, 1001L, 5L);
            assertThat(live).extracting(JournalEntry::asset).containsExactly(TRUCK, TRUCK, TILL);
            assertThat(live)
                    .extracting(JournalEntry::kind)
                    .containsExactly(EntryKind.TELEMETRY, EntryKind.COMMAND_RESULT, EntryKind.SESSION_OPENED);
            assertThat(live.get(1).requireUplink())
                    .isInstanceOfSatisfying(
                            Uplink.CommandResult.class,
                            uplink -> assertThat(uplink.commandId()).isEqualTo("c-7"));
            assertThat(live.get(2).payload()).asString(UTF_8).isEqualTo("s-1");
            assertThat(live.get(2).uplink()).isNull();
        }
    }

    @Test
    void replaysAfterReopeningWhatItGaveLive() throws Exception {
        List<JournalEntry> live;
        try (Journal journal = open();
                JournalReader reader = journal.reader("telemetry")) {
            Acknowledgements acks = new Acknowledgements();
            for (int i = 0; i < 500; i++) {
                byte[] payload =
                        ("{\"ts\":" + (1760000000000L + i) + ",\"values\":{\"speed\":" + i + ".5}}").getBytes(UTF_8);
                offerUplink(journal, i, EntryKind.TELEMETRY, "", payload, acks);
            }
            acks.await(500);
            live = pollAll(reader, 500);
        }
        try (Journal journal = open();
                JournalReader reader = journal.reader("telemetry")) {
            assertThat(described(pollAll(reader, 500))).isEqualTo(described(live));
        }
    }

    @Test
    void acknowledgesInOrderOfOffering() throws Exception {
        try (Journal journal = open()) {
            List<Integer> told = new ArrayList<>();
            CountDownLatch all = new CountDownLatch(5000);
            for (int i = 0; i < 5000; i++) {
                int number = i;
                offerUntilTaken(journal, TRUCK, "s-" + i, new Journal.Ack() {
                    @Override
                    public void durable(long offset) {
                        told.add(number); // one thread tells
                        all.countDown();
                    }

                    @Override
                    public void failed(JournalFailure failure) {
                        throw new AssertionError(failure);
                    }
                });
            }
            assertThat(all.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(told).isSorted().hasSize(5000);
        }
    }

    @Test
    void keepsTheOrderOfEachAssetWhenManyThreadsOffer() throws Exception {
        int threads = 4;
        int each = 2000;
        Acknowledgements acks = new Acknowledgements();
        try (Journal journal = open();
                JournalReader reader = journal.reader("telemetry")) {
            List<Thread> offering = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                AssetId asset = new AssetId("asset-" + t);
                offering.add(Thread.ofVirtual().start(() -> {
                    for (int i = 0; i < each; i++) {
                        offerUntilTaken(journal, asset, Integer.toString(i), acks);
                    }
                }));
            }
            Map<AssetId, Integer> seen = new HashMap<>();
            for (JournalEntry entry : pollAll(reader, threads * each)) {
                int expected = seen.merge(entry.asset(), 1, Integer::sum) - 1;
                assertThat(new String(entry.payload(), UTF_8)).isEqualTo(Integer.toString(expected));
            }
            for (Thread thread : offering) {
                thread.join();
            }
            acks.await(threads * each);
            assertThat(acks.durable()).isSorted().doesNotHaveDuplicates().hasSize(threads * each);
        }
    }

    @Test
    void beginsAgainAtTheCommittedOffset() throws Exception {
        long half;
        try (Journal journal = open();
                JournalReader reader = journal.reader("telemetry")) {
            offerSessions(journal, 10);
            half = pollAll(reader, 5).getLast().offset() + 1;
            reader.commit(half);
            pollAll(reader, 5);
        }
        try (Journal journal = open();
                JournalReader reader = journal.reader("telemetry")) {
            assertThat(reader.committed()).isEqualTo(half);
            assertThat(reader.position()).isEqualTo(half);
            assertThat(texts(pollAll(reader, 5))).containsExactly("s-5", "s-6", "s-7", "s-8", "s-9");
        }
    }

    @Test
    void givesEachConsumerEverything() throws Exception {
        try (Journal journal = open();
                JournalReader telemetry = journal.reader("telemetry");
                JournalReader logs = journal.reader("logs")) {
            offerSessions(journal, 20);
            telemetry.commit(pollAll(telemetry, 20).getLast().offset() + 1);
            assertThat(pollAll(logs, 20)).hasSize(20);
            assertThat(journal.health().lag()).containsEntry("telemetry", 0L).containsEntry("logs", 20L);
        }
    }

    @Test
    void givesEntriesAgainAfterGoingBack() throws Exception {
        try (Journal journal = open();
                JournalReader reader = journal.reader("telemetry")) {
            offerSessions(journal, 6);
            List<JournalEntry> first = pollAll(reader, 6);
            reader.seek(first.get(2).offset());
            assertThat(pollAll(reader, 4)).isEqualTo(first.subList(2, 6));
            assertThatThrownBy(() -> reader.seek(1_000_000)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void ignoresACommitBelowTheLastOne() throws Exception {
        try (Journal journal = open();
                JournalReader reader = journal.reader("telemetry")) {
            offerSessions(journal, 6);
            List<JournalEntry> entries = pollAll(reader, 6);
            reader.commit(entries.get(4).offset());
            reader.commit(entries.get(1).offset());
            assertThat(reader.committed()).isEqualTo(entries.get(4).offset());
        }
    }

    @Test
    void refusesACommitBeyondTheEnd() throws Exception {
        try (Journal journal = open();
                JournalReader reader = journal.reader("telemetry")) {
            assertThatThrownBy(() -> reader.commit(1_000_000))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("telemetry");
        }
    }

    @Test
    void hasOneReaderOfAConsumerAtATime() throws Exception {
        try (Journal journal = open()) {
            JournalReader first = journal.reader("telemetry");
            assertThatThrownBy(() -> journal.reader("telemetry")).isInstanceOf(IllegalStateException.class);
            first.close();
            journal.reader("telemetry").close();
        }
    }

    @Test
    void pollsEmptyWhenNothingComes() throws Exception {
        try (Journal journal = open();
                JournalReader reader = journal.reader("telemetry")) {
            assertThat(reader.poll(10, Duration.ofMillis(5))).isEmpty();
        }
    }

    @Test
    void refusesAtItsBoundAndTakesAgainWhenConsumersCommit() throws Exception {
        byte[] payload = new byte[1000];
        try (Journal journal = openTight();
                JournalReader reader = journal.reader("telemetry")) {
            Acknowledgements acks = new Acknowledgements();
            int taken = 0;
            while (taken < 10_000 && offer(journal, payload, acks)) {
                taken++;
                acks.await(taken); // so that it is the disk's bound, not the queue's
            }
            assertThat(taken).isBetween(10, 9_999);
            assertThat(journal.health().problem()).contains("telemetry");
            assertThat(journal.health().bytes())
                    .isLessThanOrEqualTo(journal.health().maxBytes());

            CountDownLatch room = new CountDownLatch(1);
            journal.whenRoom(room::countDown);
            reader.commit(pollAll(reader, taken).getLast().offset() + 1);
            assertThat(room.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(offer(journal, payload, acks)).isTrue();
            acks.await(taken + 1);
            assertThat(acks.failures()).isEmpty();
            assertThat(journal.health().problem()).isNull();
        }
    }

    @Test
    void bringsBackAllWhoWaitForRoom() throws Exception {
        try (Journal journal = openTight()) {
            CountDownLatch room = new CountDownLatch(100);
            for (int i = 0; i < 100; i++) {
                journal.whenRoom(room::countDown);
            }
            assertThat(room.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void aForgottenConsumerKeepsNothingAlive() throws Exception {
        byte[] payload = new byte[1000];
        try (Journal journal = openTight();
                JournalReader telemetry = journal.reader("telemetry")) {
            journal.reader("gone").close();
            Acknowledgements acks = new Acknowledgements();
            int taken = 0;
            while (taken < 10_000 && offer(journal, payload, acks)) {
                acks.await(++taken);
            }
            telemetry.commit(pollAll(telemetry, taken).getLast().offset() + 1);
            assertThat(journal.health().problem()).isNotNull();

            journal.forget("gone");
            CountDownLatch room = new CountDownLatch(1);
            journal.whenRoom(room::countDown);
            assertThat(room.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(journal.health().lag()).containsOnlyKeys("telemetry");
        }
    }

    @Test
    void settlesEverythingOfferedBeforeItCloses() throws Exception {
        Acknowledgements acks = new Acknowledgements();
        Journal journal = open();
        for (int i = 0; i < 1000; i++) {
            offerUntilTaken(journal, TRUCK, "s-" + i, acks);
        }
        journal.close();
        assertThat(acks.durable()).hasSize(1000);
        try (Journal again = open();
                JournalReader reader = again.reader("telemetry")) {
            assertThat(pollAll(reader, 1000)).hasSize(1000);
        }
    }

    @Test
    void tellsThatItIsClosed() throws Exception {
        Acknowledgements acks = new Acknowledgements();
        Journal journal = open();
        journal.close();
        assertThat(offerSession(journal, TRUCK, "s-1", acks)).isTrue();
        assertThat(acks.failures()).extracting(JournalFailure::reason).containsExactly(JournalFailure.Reason.CLOSED);
        AtomicInteger ran = new AtomicInteger();
        journal.whenRoom(ran::incrementAndGet);
        assertThat(ran).hasValue(1);
    }

    @Test
    void skipsAnEntryThatCannotBeDecodedOnReplay() throws Exception {
        try (Journal journal = open()) {
            journal.reader("telemetry").close();
            Acknowledgements acks = new Acknowledgements();
            offerSession(journal, TRUCK, "before", acks);
            Uplink decoded = new Uplink.Heartbeat(null, null, Map.of());
            for (int i = 0; i < 3; i++) {
                journal.offer(
                        5, TRUCK, EntryKind.HEARTBEAT, "", PayloadFormat.JSON, "][".getBytes(UTF_8), decoded, acks);
            }
            acks.await(4);
        }
        try (Journal journal = open();
                JournalReader reader = journal.reader("telemetry")) {
            JournalEntry before = pollAll(reader, 1).getFirst();
            reader.commit(before.offset() + 1);
            assertThat(reader.poll(10, Duration.ZERO)).isEmpty();
            assertThat(journal.health().lag()).containsEntry("telemetry", 0L);
            Acknowledgements acks = new Acknowledgements();
            offerSession(journal, TRUCK, "after", acks);
            assertThat(texts(pollAll(reader, 1))).containsExactly("after");
        }
    }

    @Test
    void refusesAnEntryThatIsTooLarge() throws Exception {
        try (Journal journal = openTight()) {
            assertThatThrownBy(() -> offer(journal, new byte[1 << 20], new Acknowledgements()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("truck-1");
        }
    }

    // ---- in the tests' words

    protected static boolean offer(Journal journal, byte[] payload, Journal.Ack ack) {
        return journal.offer(5, TRUCK, EntryKind.SESSION_OPENED, "", PayloadFormat.JSON, payload, null, ack);
    }

    protected static boolean offerSession(Journal journal, AssetId asset, String text, Journal.Ack ack) {
        return journal.offer(
                5, asset, EntryKind.SESSION_OPENED, "", PayloadFormat.JSON, text.getBytes(UTF_8), null, ack);
    }

    protected static void offerUntilTaken(Journal journal, AssetId asset, String text, Journal.Ack ack) {
        while (!offerSession(journal, asset, text, ack)) {
            CountDownLatch room = new CountDownLatch(1);
            journal.whenRoom(room::countDown);
            try {
                assertThat(room.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** Offers {@code s-0} to {@code s-n} and waits until they are durable. */
    protected static void offerSessions(Journal journal, int count) throws InterruptedException {
        Acknowledgements acks = new Acknowledgements();
        for (int i = 0; i < count; i++) {
            offerSession(journal, TRUCK, "s-" + i, acks);
        }
        acks.await(count);
        assertThat(acks.failures()).isEmpty();
    }

    private static void offerUplink(
            Journal journal, long receivedAt, EntryKind kind, String subtopic, byte[] payload, Journal.Ack ack)
            throws Exception {
        @Nullable Uplink uplink = kind.uplinkKind() == null
                ? null
                : UplinkCodec.decode(kind.uplinkKind(), subtopic, PayloadFormat.JSON, payload);
        assertThat(journal.offer(receivedAt, TRUCK, kind, subtopic, PayloadFormat.JSON, payload, uplink, ack))
                .isTrue();
    }

    /** Polls until so many entries came. */
    protected static List<JournalEntry> pollAll(JournalReader reader, int count) throws InterruptedException {
        List<JournalEntry> entries = new ArrayList<>();
        long end = System.nanoTime() + SOON.toNanos();
        while (entries.size() < count && System.nanoTime() < end) {
            entries.addAll(reader.poll(count - entries.size(), Duration.ofMillis(100)));
        }
        assertThat(entries).hasSize(count);
        return entries;
    }

    protected static List<String> texts(List<JournalEntry> entries) {
        return entries.stream().map(entry -> new String(entry.payload(), UTF_8)).toList();
    }

    private static List<Long> offsets(List<JournalEntry> entries) {
        return entries.stream().map(JournalEntry::offset).toList();
    }

    /** Entries are equal by offset; here everything counts. */
    private static List<String> described(List<JournalEntry> entries) {
        return entries.stream()
                .map(entry -> entry.offset() + " " + entry.receivedAt() + " " + entry.asset() + " " + entry.kind() + " "
                        + entry.uplink() + " " + new String(entry.payload(), UTF_8))
                .toList();
    }
}

package dev.muster.gateway.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract, kept by local files. */
class LocalJournalTest extends JournalContract {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @Override
    protected Journal open() throws IOException {
        return LocalJournal.open(JournalConfig.in(directory), new SimpleMeterRegistry());
    }

    @Override
    protected Journal openTight() throws IOException {
        return LocalJournal.open(TestJournals.tight(directory), new SimpleMeterRegistry());
    }

    @Test
    void aSlowConsumerSeesEveryEntryOnceFromDiskWhileOthersAreWritten() throws Exception {
        int count = 3000;
        try (Journal journal = LocalJournal.open(
                        TestJournals.tight(directory).with(new JournalConfig.Files(32 << 10, 16 << 20)),
                        new SimpleMeterRegistry());
                JournalReader slow = journal.reader("slow")) {
            Thread offering = Thread.ofVirtual().start(() -> {
                for (int i = 0; i < count; i++) {
                    offerUntilTaken(journal, TRUCK, "s-" + i + "x".repeat(i % 1000), new Acknowledgements());
                }
            });
            for (int i = 0; i < count; ) {
                for (JournalEntry entry : slow.poll(7, Duration.ofMillis(100))) {
                    assertThat(entry.offset()).isEqualTo(i);
                    assertThat(new String(entry.payload(), UTF_8)).isEqualTo("s-" + i + "x".repeat(i % 1000));
                    i++;
                }
                slow.commit(slow.position());
            }
            offering.join();
        }
    }

    @Test
    void aConsumerInterruptedWhileReadingFromDiskCanGoOn() throws Exception {
        try (Journal journal = openTight();
                JournalReader reader = journal.reader("telemetry")) {
            offerSessions(journal, 60);
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> reader.poll(60, Duration.ofMillis(10))).isInstanceOf(InterruptedException.class);
            assertThat(Thread.interrupted()).isFalse();
            assertThat(pollAll(reader, 60)).hasSize(60);
        }
    }

    @Test
    void measuresWhatItDoes() throws Exception {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        try (Journal journal = LocalJournal.open(TestJournals.tight(directory), registry);
                JournalReader reader = journal.reader("telemetry")) {
            offerSessions(journal, 40);
            reader.commit(10);
            assertThat(registry.get("muster.journal.entries").counter().count()).isEqualTo(40);
            assertThat(registry.get("muster.journal.sync").timer().count()).isPositive();
            assertThat(registry.get("muster.journal.batch").summary().totalAmount())
                    .isEqualTo(40);
            assertThat(registry.get("muster.journal.queued").gauge().value()).isZero();
            assertThat(registry.get("muster.journal.bytes").gauge().value())
                    .isEqualTo(journal.health().bytes());
            assertThat(registry.get("muster.journal.lag")
                            .tag("consumer", "telemetry")
                            .gauge()
                            .value())
                    .isEqualTo(30);
            for (int i = 0; i < 200; i++) {
                offer(journal, new byte[4000], new Acknowledgements());
            }
            assertThat(registry.get("muster.journal.refused").counters().stream()
                            .mapToDouble(Counter::count)
                            .sum())
                    .isPositive();
        }
        assertThat(registry.find("muster.journal.queued").gauge()).isNull();
    }
}

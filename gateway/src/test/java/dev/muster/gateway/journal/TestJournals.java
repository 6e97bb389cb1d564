package dev.muster.gateway.journal;

import java.nio.file.Path;
import java.time.Duration;

/** Settings of journals in tests. */
final class TestJournals {
    private TestJournals() {}

    /** Segments of 32 KiB, 128 KiB in all, next to nothing in memory, quick to notice. */
    static JournalConfig tight(Path directory) {
        return JournalConfig.in(directory)
                .with(new JournalConfig.Files(32 << 10, 128 << 10))
                .with(new JournalConfig.Entries(4 << 10, 8 << 10))
                .with(new JournalConfig.Queue(64, 16 << 10))
                .with(new JournalConfig.Memory(16, 8 << 10))
                .with(new JournalConfig.Pace(Duration.ofMillis(1), Duration.ofMillis(5), Duration.ofMillis(20)));
    }
}

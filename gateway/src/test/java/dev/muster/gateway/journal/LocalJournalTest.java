package dev.muster.gateway.journal;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
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
}

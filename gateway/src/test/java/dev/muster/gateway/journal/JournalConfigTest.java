package dev.muster.gateway.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

class JournalConfigTest {
    private final JournalConfig config = JournalConfig.in(Path.of("journal"));

    @Test
    void hasDefaultsThatKeepThePromise() {
        config.requireConsistent();
        assertThat(config.acknowledge()).isEqualTo(JournalConfig.Acknowledge.WHEN_SYNCED);
        assertThat(config.pace().sync()).isEqualTo(Duration.ofMillis(5));
        assertThat(config.files()).isEqualTo(new JournalConfig.Files(64L << 20, 4L << 30));
    }

    @Test
    void refusesBoundsInWhichItCouldNotGoOn() {
        assertThatThrownBy(() -> new JournalConfig.Files(64, 127))
                .hasMessage("journal setting maxBytes is 127; it must be at least 128");
        assertThatThrownBy(() -> new JournalConfig.Entries(1000, 1000))
                .hasMessage("journal setting batchBytes is 1000; it must be at least 2024");
        assertThatThrownBy(() ->
                        config.with(new JournalConfig.Files(1 << 20, 2 << 20)).requireConsistent())
                .hasMessage("journal setting segmentBytes is 1048576; it must be at least 2098176");
        assertThatThrownBy(
                        () -> config.with(new JournalConfig.Queue(10, 1 << 20)).requireConsistent())
                .hasMessage("journal setting maxQueuedBytes is 1048576; it must be at least 1049600");
        assertThatThrownBy(() -> config.withConsumers(Set.of("No"))).hasMessageContaining("\"No\"");
    }
}

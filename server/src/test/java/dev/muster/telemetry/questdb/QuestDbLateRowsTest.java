package dev.muster.telemetry.questdb;

import dev.muster.telemetry.store.LateRowsContract;
import dev.muster.telemetry.store.Retention;
import dev.muster.telemetry.store.TelemetryStore;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.io.TempDir;

class QuestDbLateRowsTest extends LateRowsContract {
    @TempDir
    Path folder = Path.of(".");

    @Override
    protected TelemetryStore open() {
        return QuestDbStore.open(
                folder, Retention.STANDARD, true, Clock.fixed(Instant.ofEpochMilli(NOON), ZoneOffset.UTC));
    }
}

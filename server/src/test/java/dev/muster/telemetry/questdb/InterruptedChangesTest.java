package dev.muster.telemetry.questdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.questdb.cairo.CairoEngine;
import io.questdb.cairo.TableWriter;
import io.questdb.cairo.wal.WalWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InterruptedChangesTest {
    private static final String CREATE =
            "CREATE TABLE IF NOT EXISTS doors (ts TIMESTAMP, asset SYMBOL) TIMESTAMP(ts) PARTITION BY DAY WAL";

    @TempDir
    Path folder = Path.of(".");

    @Test
    void aTableWhoseColumnWasBeingAddedTakesFurtherOnesAndRows() throws Exception {
        cutShort();
        try (QuestDb db = open()) {
            db.execute("ALTER TABLE doors ADD COLUMN third INT");
            addRow(db);
            db.awaitApplied(Duration.ofSeconds(30));
            int[] seen = new int[1];
            db.query(
                    "SELECT second, third FROM doors",
                    Queries.Binder.NONE,
                    row -> seen[0] = row.getInt(0) + row.getInt(1));
            assertThat(seen[0]).isEqualTo(5);
        }
    }

    /** When this fails, QuestDB does so itself and {@link InterruptedChanges} may go. */
    @Test
    void questDbDoesNotRecoverItByItself() throws Exception {
        cutShort();
        QuestDbLog.install();
        try (CairoEngine engine = new CairoEngine(new EngineSettings(folder, false, new StoreFiles()))) {
            engine.load();
            assertThatThrownBy(() -> engine.execute("ALTER TABLE doors ADD COLUMN third INT"))
                    .hasMessageContaining("possible corruption");
        }
    }

    @Test
    void aWholeTableStaysAsItIs() throws Exception {
        try (QuestDb db = open()) {
            db.execute(CREATE);
            db.execute("ALTER TABLE doors ADD COLUMN first INT");
        }
        byte[] before = Files.readAllBytes(log());
        InterruptedChanges.complete(folder);
        assertThat(Files.readAllBytes(log())).isEqualTo(before);
    }

    /** As a process leaves it that is killed when all of the change is written and not counted. */
    private void cutShort() throws Exception {
        try (QuestDb db = open()) {
            db.execute(CREATE);
            db.execute("ALTER TABLE doors ADD COLUMN first INT");
            addRow(db);
            db.execute("ALTER TABLE doors ADD COLUMN second INT");
        }
        try (FileChannel file = FileChannel.open(log(), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer count = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            file.read(count, 4);
            file.write(count.putLong(0, count.getLong(0) - 1).flip(), 4);
        }
    }

    private Path log() throws Exception {
        try (var files = Files.walk(folder)) {
            return files.filter(
                            file -> file.endsWith("_txnlog") && file.toString().contains("doors"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private QuestDb open() {
        return QuestDb.open(new EngineSettings(folder, false, new StoreFiles()));
    }

    private static void addRow(QuestDb db) {
        try (WalWriter writer = db.writer("doors")) {
            TableWriter.Row row = writer.newRow(System.currentTimeMillis() * 1000);
            row.putSym(1, "door-1");
            for (int column = 2; column < writer.getMetadata().getColumnCount(); column++) {
                row.putInt(column, column - 1);
            }
            row.append();
            writer.commit();
        }
    }
}

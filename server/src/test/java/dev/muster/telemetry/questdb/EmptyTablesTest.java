package dev.muster.telemetry.questdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.telemetry.store.StoreUnavailableException;
import io.questdb.cairo.TableWriter;
import io.questdb.cairo.wal.WalWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;

class EmptyTablesTest {
    private static final String CREATE =
            "CREATE TABLE IF NOT EXISTS doors (ts TIMESTAMP, asset SYMBOL, open INT) TIMESTAMP(ts) PARTITION BY DAY WAL";

    @TempDir
    Path folder = Path.of(".");

    /** Killed before each change of a file while it makes a table. */
    @Test
    void aTableThatWasHalfMadeIsMadeAnew() throws Exception {
        int change = 0;
        while (killedWhileMakingATable(change)) {
            change++;
        }
        System.out.println(change + " changes of files make a table");
        assertThat(change).isGreaterThan(20);
    }

    @Test
    void aTableWithRowsStays() throws Exception {
        for (int opened = 1; opened <= 3; opened++) {
            try (QuestDb db = open(folder, new StoreFiles())) {
                db.execute(CREATE);
                addRow(db);
                assertThat(rows(db)).as("opened %d times", opened).isEqualTo(opened);
            }
        }
    }

    /** Returns false when the table was made with fewer changes. */
    private boolean killedWhileMakingATable(int change) throws Exception {
        Path dying = Files.createDirectory(folder.resolve("dies-" + change));
        Path left = folder.resolve("left-" + change);
        DyingFiles files = new DyingFiles();
        boolean died;
        try (QuestDb db = open(dying, files)) {
            files.dieAfter(change);
            try {
                db.execute(CREATE);
            } catch (StoreUnavailableException e) {
                assertThat(files.dead()).as("died of %s", e).isTrue();
            }
            died = files.dead();
            FileSystemUtils.copyRecursively(dying, left);
            files.live();
        }
        try (QuestDb db = open(left, new StoreFiles())) {
            db.execute(CREATE);
            addRow(db);
            assertThat(rows(db)).as("killed before change %d", change).isEqualTo(1);
        }
        return died;
    }

    private static QuestDb open(Path folder, StoreFiles files) {
        return QuestDb.open(new EngineSettings(folder, false, files));
    }

    private static void addRow(QuestDb db) {
        try (WalWriter writer = db.writer("doors")) {
            TableWriter.Row row = writer.newRow(System.currentTimeMillis() * 1000);
            row.putSym(1, "door-1");
            row.putInt(2, 1);
            row.append();
            writer.commit();
        }
        db.committed();
    }

    private static long rows(QuestDb db) throws InterruptedException {
        db.awaitApplied(Duration.ofSeconds(60));
        List<Long> counts = new ArrayList<>();
        db.query("SELECT count() FROM doors", Queries.Binder.NONE, row -> counts.add(row.getLong(0)));
        return counts.getFirst();
    }
}

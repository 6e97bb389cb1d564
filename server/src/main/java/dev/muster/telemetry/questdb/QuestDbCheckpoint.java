package dev.muster.telemetry.questdb;

import dev.muster.telemetry.store.StoreUnavailableException;
import io.questdb.cairo.CairoEngine;
import io.questdb.cairo.CairoException;
import io.questdb.cairo.TableUtils;
import io.questdb.cairo.sql.SqlExecutionCircuitBreaker;
import io.questdb.griffin.SqlException;
import io.questdb.std.FilesFacadeImpl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * QuestDB as of one moment, for a backup: until it is closed QuestDB deletes nothing of what the moment needs, so the files
 * may be copied while rows come. What was written later is in the copies too; {@link #recover} takes it away.
 *
 * <p>The checkpoint's own files say what belongs to the moment. They lie beside the folder of the tables.
 */
public final class QuestDbCheckpoint implements AutoCloseable {
    /** The folder beside that of the tables. */
    public static final String FOLDER = TableUtils.CHECKPOINT_DIRECTORY;

    private final CairoEngine engine;

    private QuestDbCheckpoint(CairoEngine engine) {
        this.engine = engine;
    }

    /** On a platform thread. One at a time. */
    static QuestDbCheckpoint create(CairoEngine engine) {
        try {
            engine.checkpointCreate(SqlExecutionCircuitBreaker.NOOP_CIRCUIT_BREAKER, false);
            return new QuestDbCheckpoint(engine);
        } catch (SqlException | CairoException e) {
            throw new StoreUnavailableException("questdb makes no checkpoint: " + e.getMessage(), e);
        }
    }

    /**
     * Brings copies of a checkpoint's files and of the tables' files to the checkpoint's moment.
     *
     * @param folder of the tables; the checkpoint's is beside it, and is gone afterwards
     */
    public static void recover(Path folder) {
        QuestDbLog.install();
        EngineSettings settings = EngineSettings.recovering(folder);
        Path sign = Path.of(settings.getInstallRoot()).resolve(TableUtils.RESTORE_FROM_CHECKPOINT_TRIGGER_FILE_NAME);
        try {
            Files.deleteIfExists(sign);
            Files.createFile(sign);
            new CairoEngine(settings).close();
        } catch (IOException | CairoException e) {
            throw new StoreUnavailableException("questdb cannot go back to the checkpoint: " + e.getMessage(), e);
        }
        if (Files.exists(sign)) {
            throw new StoreUnavailableException("questdb did not go back to the checkpoint beside " + folder);
        }
    }

    /** All that was written to any disk is on it; what thousands of files need one by one. */
    public static void syncDisks() {
        if (FilesFacadeImpl.INSTANCE.sync() != 0) {
            throw new StoreUnavailableException("the disks could not be synced");
        }
    }

    @Override
    public void close() {
        try {
            engine.checkpointRelease();
        } catch (SqlException | CairoException e) {
            throw new StoreUnavailableException("questdb does not let go of its checkpoint: " + e.getMessage(), e);
        }
    }
}

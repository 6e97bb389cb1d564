package dev.muster.backup;

import dev.muster.gateway.journal.JournalCopy;
import dev.muster.gateway.journal.LocalJournal;
import dev.muster.telemetry.questdb.QuestDbCheckpoint;
import dev.muster.telemetry.questdb.QuestDbStore;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;

/**
 * All stores as of one moment. The order is what makes them fit: the consumers' offsets before the stores, so that what the
 * stores lack is read again; the journal's files after them, so that none is ahead of the journal.
 */
record Moment(DatabaseSnapshot database, QuestDbCheckpoint checkpoint, JournalCopy copy, List<JournalCopy.File> journal)
        implements AutoCloseable {

    static Moment take(DataSource source, QuestDbStore telemetry, LocalJournal journal)
            throws IOException, SQLException {
        JournalCopy copy = journal.copy();
        DatabaseSnapshot database = null;
        QuestDbCheckpoint checkpoint = null;
        try {
            database = DatabaseSnapshot.take(source);
            checkpoint = telemetry.checkpoint();
            return new Moment(database, checkpoint, copy, copy.files());
        } catch (IOException | SQLException | RuntimeException e) {
            try (copy;
                    DatabaseSnapshot taken = database;
                    QuestDbCheckpoint made = checkpoint) {
                throw e;
            }
        }
    }

    @Override
    public void close() throws IOException, SQLException {
        try (copy;
                database;
                checkpoint) {
            // in this order, each whatever becomes of the others
        }
    }
}

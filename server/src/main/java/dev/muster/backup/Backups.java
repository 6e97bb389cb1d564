package dev.muster.backup;

import dev.muster.audit.AuditLog;
import dev.muster.gateway.journal.Journal;
import dev.muster.gateway.journal.JournalCopy;
import dev.muster.gateway.journal.LocalJournal;
import dev.muster.identity.Actor;
import dev.muster.platform.config.DataDirectory;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.id.Ids;
import dev.muster.platform.postgres.Database;
import dev.muster.platform.web.BrokenOffException;
import dev.muster.telemetry.questdb.QuestDbStore;
import dev.muster.telemetry.store.StoreUnavailableException;
import dev.muster.telemetry.store.TelemetryStore;
import java.io.IOException;
import java.io.OutputStream;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Makes backups, one at a time, and keeps the list of them. */
@Component
class Backups {
    private static final Logger log = LoggerFactory.getLogger(Backups.class);
    private static final int MAX_REASON = 500;

    private final Database database;
    private final TelemetryStore telemetry;
    private final Journal journal;
    private final DataDirectory directory;
    private final BackupStore store;
    private final AuditLog audit;
    private final TransactionTemplate transactions;
    private final Ids ids;
    private final Clock clock;
    private final AtomicBoolean running = new AtomicBoolean();

    Backups(
            Database database,
            TelemetryStore telemetry,
            Journal journal,
            DataDirectory directory,
            BackupStore store,
            AuditLog audit,
            PlatformTransactionManager transactions,
            Ids ids,
            Clock clock) {
        this.database = database;
        this.telemetry = telemetry;
        this.journal = journal;
        this.directory = directory;
        this.store = store;
        this.audit = audit;
        this.transactions = new TransactionTemplate(transactions);
        this.ids = ids;
        this.clock = clock;
    }

    /**
     * Writes a backup.
     *
     * @param out asked for when all stores are fixed, which is the last moment for a refusal
     * @throws Refusal CONFLICT while another one is being written; UNAVAILABLE when a store is away
     */
    void write(Actor actor, Supplier<OutputStream> out) throws IOException {
        if (!running.compareAndSet(false, true)) {
            throw new Refusal(
                    ErrorCode.CONFLICT, "a backup is being written already; wait for it, GET /api/v1/backups shows it");
        }
        try {
            String id = ids.next();
            Instant now = clock.instant();
            transactions.executeWithoutResult(_ -> {
                store.begin(id, now, actor.id());
                audit.record(actor, "backup.create", "backup", id, null, Map.of("id", id));
            });
            write(id, now, out);
        } finally {
            running.set(false);
        }
    }

    private void write(String id, Instant now, Supplier<OutputStream> out) throws IOException {
        String failure = "it ended with the server";
        long[] written = new long[2];
        try (Moment moment = moment()) {
            ArchiveWriter archive = new ArchiveWriter(out.get(), Date.from(now));
            try {
                write(archive, moment, now);
                failure = null;
            } catch (SQLException | RuntimeException e) {
                throw new BrokenOffException(e);
            } finally {
                written[0] = archive.bytes();
                written[1] = archive.files();
            }
        } catch (SQLException e) {
            failure = String.valueOf(e.getMessage());
            throw new IOException("PostgreSQL broke off: " + e.getMessage(), e);
        } catch (IOException | RuntimeException e) {
            failure = String.valueOf(e.getMessage());
            throw e;
        } finally {
            end(id, failure, written[0], written[1]);
        }
    }

    private Moment moment() throws IOException {
        if (!(telemetry instanceof QuestDbStore questDb) || !(journal instanceof LocalJournal local)) {
            throw new Refusal(
                    ErrorCode.REFUSED,
                    "only a server of one node is backed up by Muster; back up its stores themselves");
        }
        try {
            return Moment.take(database.dataSource(), questDb, local);
        } catch (SQLException | StoreUnavailableException e) {
            throw new Refusal(ErrorCode.UNAVAILABLE, "no backup now: " + e.getMessage());
        }
    }

    /** What holds others up comes first: PostgreSQL's snapshot, and the journal's opened files. */
    private void write(ArchiveWriter archive, Moment moment, Instant now) throws IOException, SQLException {
        try (DatabaseSnapshot snapshot = moment.database()) {
            boolean embedded = database.embedded() != null;
            archive.add(
                    BackupHeader.FILE,
                    BackupHeader.of(snapshot.schemaVersion(), now, embedded).json());
            snapshot.writeTo(archive);
        }
        for (JournalCopy.File file : moment.journal()) {
            archive.add(DataFiles.PREFIX + DataFiles.JOURNAL + "/" + file.name(), file.bytes(), file.content());
        }
        DataFiles files = new DataFiles(directory, archive);
        files.writeOthers();
        files.writeQuestDb();
        archive.finish();
    }

    private void end(String id, @Nullable String failure, long bytes, long files) {
        String reason = failure == null || failure.length() <= MAX_REASON ? failure : failure.substring(0, MAX_REASON);
        if (reason == null) {
            log.info("backup {} written: {} files, {} bytes", id, files, bytes);
        } else {
            log.warn("backup {} broke off after {} bytes: {}", id, bytes, reason);
        }
        store.end(id, clock.instant(), reason, bytes, files);
    }
}

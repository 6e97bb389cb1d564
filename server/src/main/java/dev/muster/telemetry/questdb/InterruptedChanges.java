package dev.muster.telemetry.questdb;

import dev.muster.telemetry.store.StoreUnavailableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Columns that a killed process was about to add: completed before the engine opens.
 *
 * <p>QuestDB writes a change of columns in four files and counts it last. A process that is killed between leaves the new columns in
 * {@code _meta}, the whole change in the log, and the old count; QuestDB 9.3 then refuses every further change of the table with
 * "possible corruption in transaction metadata", for ever. Counting what is whole is all that it had left to do.
 *
 * <p>Formats: {@code TableTransactionLogV1}, {@code TableTransactionLog} and {@code SequencerMetadata} of QuestDB 9.3, little-endian.
 */
final class InterruptedChanges {
    private static final Logger log = LoggerFactory.getLogger(InterruptedChanges.class);

    private static final int LOG_FORMAT = 0;
    private static final long COUNT_AT = 4;
    private static final long RECORDS_AT = 76;
    private static final long RECORD_BYTES = 28;
    private static final int CHANGE_OF_COLUMNS = -1;
    private static final long VERSION_IN_META_AT = 8;

    private InterruptedChanges() {}

    /** @param root the folder that holds QuestDB's tables; one that does not exist yet is none */
    static void complete(Path root) {
        if (!Files.isDirectory(root)) {
            return;
        }
        try (Stream<Path> folders = Files.list(root)) {
            for (Path folder : folders.toList()) {
                for (String name : List.of("txn_seq", "seq")) {
                    Path sequencer = folder.resolve(name);
                    if (Files.exists(sequencer.resolve("_txnlog")) && complete(sequencer, folder)) {
                        log.warn("questdb table {}: a change of columns that a kill cut short is completed", folder);
                    }
                }
            }
        } catch (IOException e) {
            throw new StoreUnavailableException("cannot look for changes cut short in " + root + ": " + e, e);
        }
    }

    private static boolean complete(Path sequencer, Path table) throws IOException {
        try (FileChannel txnLog = FileChannel.open(
                        sequencer.resolve("_txnlog"), StandardOpenOption.READ, StandardOpenOption.WRITE);
                FileChannel meta = FileChannel.open(sequencer.resolve("_meta"));
                FileChannel changes = FileChannel.open(sequencer.resolve("_txnlog.meta.d"));
                FileChannel ends = FileChannel.open(sequencer.resolve("_txnlog.meta.i"))) {
            if (readInt(txnLog, 0) != LOG_FORMAT) {
                return false;
            }
            long count = readLong(txnLog, COUNT_AT);
            long counted = count == 0 ? 0 : readLong(txnLog, RECORDS_AT + (count - 1) * RECORD_BYTES);
            long applied = readLong(meta, VERSION_IN_META_AT);
            if (applied <= counted) {
                return false;
            }
            long next = RECORDS_AT + count * RECORD_BYTES;
            long begin = readLong(ends, counted * Long.BYTES);
            boolean isWhole = applied == counted + 1
                    && readLong(txnLog, next) == applied
                    && readInt(txnLog, next + Long.BYTES) == CHANGE_OF_COLUMNS
                    && readLong(ends, applied * Long.BYTES) == begin + Integer.BYTES + readInt(changes, begin);
            if (!isWhole) {
                log.error(
                        "questdb table {}: its columns are of version {}, its log ends with version {}; it will take no new"
                                + " columns, restore it from a backup",
                        table,
                        applied,
                        counted);
                return false;
            }
            write(txnLog, COUNT_AT, count + 1);
            return true;
        }
    }

    private static int readInt(FileChannel file, long at) throws IOException {
        return read(file, at, Integer.BYTES).getInt();
    }

    private static long readLong(FileChannel file, long at) throws IOException {
        return read(file, at, Long.BYTES).getLong();
    }

    /** Zeros where the file has ended: QuestDB fills its files with them. */
    private static ByteBuffer read(FileChannel file, long at, int bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (file.read(buffer, at + buffer.position()) < 0) {
                return buffer.clear();
            }
        }
        return buffer.flip();
    }

    private static void write(FileChannel file, long at, long value) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .flip();
        while (buffer.hasRemaining()) {
            file.write(buffer, at + buffer.position());
        }
        file.force(true);
    }
}

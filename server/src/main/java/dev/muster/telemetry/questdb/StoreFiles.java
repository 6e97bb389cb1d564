package dev.muster.telemetry.questdb;

import io.questdb.cairo.CairoException;
import io.questdb.cairo.TableUtils;
import io.questdb.std.FilesFacadeImpl;
import io.questdb.std.str.LPSZ;
import io.questdb.std.str.Utf8s;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The files as QuestDB uses them; whoever has a partition made into Parquet sees the file when it is whole and before QuestDB
 * counts on it.
 *
 * <p>QuestDB asks for the length of the file between the two. When the inspection throws then, QuestDB takes the file away and
 * goes on with the partition as it was. That moment is nowhere promised: {@code PackerTest} fails when a version of QuestDB
 * has another one.
 */
class StoreFiles extends FilesFacadeImpl {
    private static final String PARQUET = "/" + TableUtils.PARQUET_PARTITION_NAME;

    /** What must hold for the file; throws a {@link CairoException} when it does not. */
    @FunctionalInterface
    interface Inspection {
        void inspect(Path file);
    }

    private static final class Watch {
        private final Inspection inspection;
        private @Nullable Path seen;

        Watch(Inspection inspection) {
            this.inspection = inspection;
        }
    }

    private final ThreadLocal<@Nullable Watch> watches = new ThreadLocal<>();

    /**
     * Runs work that makes one partition into Parquet, in the calling thread. What it writes is on disk before QuestDB
     * counts on it.
     */
    final void inspected(Inspection inspection, Runnable work) {
        Watch watch = new Watch(inspection);
        watches.set(watch);
        try {
            work.run();
        } finally {
            watches.remove();
        }
        if (watch.seen == null) {
            throw new IllegalStateException(
                    "questdb made a partition into Parquet without asking for the file's length:"
                            + " nobody has looked at it");
        }
    }

    @Override
    public long length(LPSZ name) {
        Watch watch = watches.get();
        if (watch != null && watch.seen == null && Utf8s.endsWithAscii(name, PARQUET)) {
            Path file = Path.of(Utf8s.stringFromUtf8Bytes(name));
            watch.seen = file;
            sync(file);
            sync(parent(file));
            sync(parent(parent(file)));
            watch.inspection.inspect(file);
        }
        return super.length(name);
    }

    /** Of the index beside the Parquet. */
    @Override
    public int copy(LPSZ from, LPSZ to) {
        int result = super.copy(from, to);
        if (watches.get() != null && result >= 0) {
            Path file = Path.of(Utf8s.stringFromUtf8Bytes(to));
            sync(file);
            sync(parent(file));
        }
        return result;
    }

    private static Path parent(Path file) {
        return Objects.requireNonNull(file.getParent());
    }

    /** QuestDB undoes its work on exceptions of its own kind only. */
    private static void sync(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            throw CairoException.critical(0)
                    .put("cannot sync ")
                    .put(file.toString())
                    .put(": ")
                    .put(e.toString());
        }
    }
}

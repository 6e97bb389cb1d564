package dev.muster.telemetry.questdb;

import io.questdb.cairo.sql.RecordCursorFactory;
import io.questdb.std.Misc;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Queries that were compiled, by their text: to compile one takes longer than to run it over a day of one asset. Each is used by
 * one thread at a time; those that were not asked for longest leave.
 */
final class Plans implements AutoCloseable {
    private static final int MAX = 64;

    private final Map<String, RecordCursorFactory> idle = new LinkedHashMap<>();
    private boolean closed;

    /** For this thread alone, until it is given back or closed; null when there is none. */
    synchronized @Nullable RecordCursorFactory take(String sql) {
        return idle.remove(sql);
    }

    /** As the last to leave. */
    void giveBack(String sql, RecordCursorFactory plan) {
        Misc.free(replaced(sql, plan));
    }

    private synchronized @Nullable RecordCursorFactory replaced(String sql, RecordCursorFactory plan) {
        if (closed) {
            return plan;
        }
        RecordCursorFactory another = idle.remove(sql);
        idle.put(sql, plan);
        if (another == null && idle.size() > MAX) {
            return idle.remove(idle.keySet().iterator().next());
        }
        return another;
    }

    @Override
    public synchronized void close() {
        closed = true;
        idle.values().forEach(Misc::free);
        idle.clear();
    }
}

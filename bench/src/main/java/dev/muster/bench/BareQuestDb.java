package dev.muster.bench;

import io.questdb.cairo.CairoEngine;
import io.questdb.cairo.DefaultCairoConfiguration;
import io.questdb.cairo.security.AllowAllSecurityContext;
import io.questdb.cairo.sql.RecordCursor;
import io.questdb.cairo.sql.RecordCursorFactory;
import io.questdb.griffin.SqlException;
import io.questdb.griffin.SqlExecutionContextImpl;
import java.nio.file.Path;

/** The reference of queries: QuestDB as it comes over the same files, without HTTP, scope and JSON. */
final class BareQuestDb implements AutoCloseable {
    private final CairoEngine engine;
    private final SqlExecutionContextImpl context;

    BareQuestDb(Path questdb) {
        engine = new CairoEngine(new DefaultCairoConfiguration(questdb.toString()));
        engine.load();
        context = new SqlExecutionContextImpl(engine, 0).with(AllowAllSecurityContext.INSTANCE, null, null, -1, null);
    }

    /** Reads the whole answer; returns its rows. */
    long query(String sql) throws SqlException {
        long rows = 0;
        try (RecordCursorFactory factory = engine.select(sql, context);
                RecordCursor cursor = factory.getCursor(context)) {
            while (cursor.hasNext()) {
                rows++;
            }
        }
        return rows;
    }

    @Override
    public void close() {
        context.close();
        engine.close();
    }
}

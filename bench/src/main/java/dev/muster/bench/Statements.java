package dev.muster.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Where PostgreSQL's time goes, by statement: its own module pg_stat_statements, which the embedded one brings along. */
final class Statements {
    private static final int SHOWN = 110;

    private Statements() {}

    /** Loaded by the next start of PostgreSQL. */
    static void prepare(MusterServer server) throws IOException, SQLException {
        try (Connection database = server.database();
                Statement statement = database.createStatement()) {
            statement.execute("alter system set shared_preload_libraries = 'pg_stat_statements'");
        }
    }

    /** From now on, whatever was counted before. */
    static void begin(MusterServer server) throws IOException, SQLException {
        try (Connection database = server.database();
                Statement statement = database.createStatement()) {
            statement.execute("create extension if not exists pg_stat_statements");
            statement.execute("select pg_stat_statements_reset()");
        }
    }

    static void tell(MusterServer server, PrintStream out, int top) throws IOException, SQLException {
        try (Connection database = server.database();
                Statement statement = database.createStatement();
                ResultSet rows = statement.executeQuery("""
                        select 100 * total_exec_time / sum(total_exec_time) over () as share, calls, mean_exec_time as mean,
                            rows::float / calls as rows, shared_blks_hit::float / calls as hit, shared_blks_read::float / calls as read,
                            wal_bytes::float / calls / 1024 as wal, regexp_replace(query, '[[:space:]]+', ' ', 'g') as query
                        from pg_stat_statements order by total_exec_time desc limit %d""".formatted(top))) {
            while (rows.next()) {
                String query = rows.getString("query");
                out.printf(
                        "profile statement %.1f%% %d times, %.2f ms, %.0f rows, %.0f blocks hit, %.0f read, %.0f kB of log: %s%n",
                        rows.getDouble("share"),
                        rows.getLong("calls"),
                        rows.getDouble("mean"),
                        rows.getDouble("rows"),
                        rows.getDouble("hit"),
                        rows.getDouble("read"),
                        rows.getDouble("wal"),
                        query.substring(0, Math.min(SHOWN, query.length())));
            }
        }
    }
}

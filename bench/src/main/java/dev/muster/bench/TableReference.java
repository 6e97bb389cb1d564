package dev.muster.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * What the same PostgreSQL does with a table like that of targets and nothing around it: batches of 2,000 rows are changed by one UPDATE
 * from arrays, and a row of history of each is inserted by another statement, in one transaction; in an order that has nothing to do
 * with the assets' names.
 */
final class TableReference {
    private static final int BATCH = 2_000;

    private TableReference() {}

    /** @return rows per second */
    static double changes(MusterServer server, int rows) throws Exception {
        try (Connection database = server.database();
                Statement statement = database.createStatement()) {
            fill(statement, rows);
            List<Integer> order = new ArrayList<>();
            for (int i = 0; i < rows; i++) {
                order.add(i);
            }
            Collections.shuffle(order, new Random(1));
            database.setAutoCommit(false);
            long begun = System.nanoTime();
            for (int i = 0; i < rows; i += BATCH) {
                change(database, order.subList(i, Math.min(rows, i + BATCH)));
                database.commit();
            }
            double seconds = (System.nanoTime() - begun) / 1e9;
            statement.execute("drop table bench_target, bench_step");
            database.commit();
            return rows / seconds;
        }
    }

    private static void fill(Statement statement, int rows) throws SQLException {
        statement.execute("drop table if exists bench_target, bench_step");
        statement.execute("""
                create table bench_target (rollout integer not null, ord integer not null, stage smallint not null, since timestamptz,
                    asset text collate "C" not null, primary key (rollout, ord)) with (fillfactor = 80)""");
        statement.execute("create index bench_target_stage on bench_target (rollout, stage, ord)");
        statement.execute(
                "create table bench_step (rollout integer not null, ord integer not null, at timestamptz not null, stage smallint not null)");
        statement.execute("create index bench_step_target on bench_step (rollout, ord)");
        statement.execute("insert into bench_target select 1, i, 0, now(), 'sensor-' || i from generate_series(0, "
                + (rows - 1) + ") as i");
        statement.execute("vacuum analyze bench_target");
        statement.execute("checkpoint");
    }

    private static void change(Connection database, List<Integer> ords) throws SQLException {
        Integer[] keys = ords.toArray(Integer[]::new);
        try (PreparedStatement update = database.prepareStatement(
                        "update bench_target t set stage = 8, since = now() from unnest(?::integer[]) as given (ord)"
                                + " where t.rollout = 1 and t.ord = given.ord");
                PreparedStatement insert = database.prepareStatement(
                        "insert into bench_step select 1, ord, now(), 8 from unnest(?::integer[]) as given (ord)")) {
            update.setArray(1, database.createArrayOf("integer", keys));
            update.executeUpdate();
            insert.setArray(1, database.createArrayOf("integer", keys));
            insert.executeUpdate();
        }
    }
}

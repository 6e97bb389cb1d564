package dev.muster.backup;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * PostgreSQL as of one moment: a transaction that sees nothing later. Rows are taken by COPY, so any PostgreSQL will do,
 * embedded or not, and the way back leads into any version.
 */
final class DatabaseSnapshot implements AutoCloseable {
    static final String FLYWAY = "flyway_schema_history";
    private static final int PART_BYTES = 1 << 20;

    private final Connection connection;
    private final String schemaVersion;
    private boolean closed;

    private DatabaseSnapshot(Connection connection, String schemaVersion) {
        this.connection = connection;
        this.schemaVersion = schemaVersion;
    }

    static DatabaseSnapshot take(DataSource source) throws SQLException {
        Connection connection = source.getConnection();
        try {
            connection.setAutoCommit(false);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            connection.setReadOnly(true);
            // the first statement is the moment
            String version = texts(
                            connection,
                            "select version from " + FLYWAY + " where success and version is not null"
                                    + " order by installed_rank desc limit 1")
                    .getFirst();
            try (Statement statement = connection.createStatement()) {
                // It waits for whoever takes the archive, and that may be long.
                statement.execute("set local idle_in_transaction_session_timeout = 0");
            }
            return new DatabaseSnapshot(connection, version);
        } catch (SQLException | RuntimeException e) {
            letGo(connection);
            throw e;
        }
    }

    String schemaVersion() {
        return schemaVersion;
    }

    void writeTo(ArchiveWriter archive) throws IOException, SQLException {
        List<TableDump.Table> tables = new ArrayList<>();
        for (String table : texts(connection, """
                select c.relname from pg_class c
                 where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r'
                 order by c.relname""")) {
            if (!table.equals(FLYWAY)) {
                tables.add(rows(table, archive));
            }
        }
        // Later than the snapshot, so never behind its rows.
        archive.add(TableDump.FILE, new TableDump(tables, sequences()).json());
    }

    private TableDump.Table rows(String name, ArchiveWriter archive) throws IOException, SQLException {
        TableDump.Table table =
                new TableDump.Table(name, texts(connection, """
                        select attname from pg_attribute
                         where attrelid = %s::regclass and attnum > 0 and not attisdropped and attgenerated = ''
                         order by attnum""".formatted(literal(TableDump.quoted(name)))), 0);
        CopyOut copy = connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyOut("copy " + TableDump.quoted(name) + " (" + table.columnList() + ") to stdout");
        ByteArrayOutputStream part = new ByteArrayOutputStream();
        long rows = 0;
        int parts = 0;
        for (byte[] row = copy.readFromCopy(); row != null; row = copy.readFromCopy()) {
            part.writeBytes(row);
            rows++;
            if (part.size() >= PART_BYTES) {
                archive.add(partName(name, ++parts), part.toByteArray());
                part.reset();
            }
        }
        if (part.size() > 0) {
            archive.add(partName(name, ++parts), part.toByteArray());
        }
        return new TableDump.Table(name, table.columns(), rows);
    }

    /** In the order of the names, which is that of the rows. */
    private static String partName(String table, int number) {
        return TableDump.folder(table) + "%08d.copy".formatted(number);
    }

    private Map<String, Long> sequences() throws SQLException {
        Map<String, Long> sequences = new TreeMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery("select sequencename, last_value from pg_sequences"
                        + " where schemaname = current_schema() and last_value is not null")) {
            while (found.next()) {
                sequences.put(found.getString(1), found.getLong(2));
            }
        }
        return sequences;
    }

    static List<String> texts(Connection connection, String sql) throws SQLException {
        List<String> texts = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery(sql)) {
            while (found.next()) {
                texts.add(found.getString(1));
            }
        }
        return texts;
    }

    private static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    /** May be done early: a snapshot keeps PostgreSQL from tidying up. */
    @Override
    public void close() throws SQLException {
        if (!closed) {
            closed = true;
            letGo(connection);
        }
    }

    /** Back to the pool as it came. */
    private static void letGo(Connection connection) throws SQLException {
        try (connection) {
            connection.rollback();
            connection.setReadOnly(false);
            connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
            connection.setAutoCommit(true);
        }
    }
}

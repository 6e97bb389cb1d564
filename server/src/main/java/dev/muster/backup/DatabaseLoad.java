package dev.muster.backup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;

/** Brings the rows of a backup into an empty database: its schema as it was then, in one transaction the rows. */
final class DatabaseLoad {
    private static final String MIGRATIONS = "classpath:db/migration";
    private static final int BUFFER = 1 << 16;

    private final DataSource source;

    DatabaseLoad(DataSource source) {
        this.source = source;
    }

    private record ForeignKey(String table, String name, String definition) {}

    /** @throws BackupDamaged when the schema is none that this Muster's migrations lead to */
    static void requireKnown(String schema) throws IOException {
        List<String> known = new ArrayList<>();
        for (Resource migration : new PathMatchingResourcePatternResolver().getResources(MIGRATIONS + "/V*__*.sql")) {
            String name = String.valueOf(migration.getFilename());
            known.add(name.substring(1, name.indexOf("__")));
        }
        if (!known.contains(schema)) {
            throw new BackupDamaged("its database has the schema " + schema + ", this Muster knows schemas up to "
                    + Collections.max(known) + "; restore with the Muster that wrote it, or a newer one");
        }
    }

    private FluentConfiguration flyway() {
        return Flyway.configure().dataSource(source).locations(MIGRATIONS);
    }

    void requireEmpty(String where) throws SQLException {
        try (Connection connection = source.getConnection()) {
            List<String> tables = DatabaseSnapshot.texts(
                    connection, "select tablename from pg_tables where schemaname = current_schema() limit 3");
            if (!tables.isEmpty()) {
                throw new BackupDamaged("the database " + where + " is not empty, it has " + String.join(", ", tables)
                        + "; restore into an empty one");
            }
        }
    }

    /** @param folder that holds the backup's {@code postgres/} */
    void load(String schema, TableDump dump, Path folder) throws IOException, SQLException {
        flyway().target(schema).load().migrate();
        try (Connection connection = source.getConnection()) {
            connection.setAutoCommit(false);
            fill(connection, dump, folder);
            connection.commit();
            connection.setAutoCommit(true);
            execute(connection, "analyze");
        }
    }

    private static void fill(Connection connection, TableDump dump, Path folder) throws IOException, SQLException {
        List<ForeignKey> keys = foreignKeys(connection);
        for (ForeignKey key : keys) {
            execute(connection, "alter table " + key.table() + " drop constraint " + TableDump.quoted(key.name()));
        }
        for (TableDump.Table table : dump.tables()) {
            execute(connection, "alter table " + TableDump.quoted(table.name()) + " disable trigger user");
        }
        execute(
                connection,
                "truncate "
                        + String.join(
                                ", ",
                                dump.tables().stream()
                                        .map(table -> TableDump.quoted(table.name()))
                                        .toList()));
        for (TableDump.Table table : dump.tables()) {
            rows(connection, table, folder.resolve(TableDump.folder(table.name())));
        }
        for (Map.Entry<String, Long> sequence : dump.sequences().entrySet()) {
            execute(
                    connection,
                    "select setval('" + TableDump.quoted(sequence.getKey()).replace("'", "''") + "', "
                            + sequence.getValue() + ")");
        }
        for (TableDump.Table table : dump.tables()) {
            execute(connection, "alter table " + TableDump.quoted(table.name()) + " enable trigger user");
        }
        for (ForeignKey key : keys) {
            // Which looks at every row: a backup that does not agree with itself is found here.
            execute(
                    connection,
                    "alter table " + key.table() + " add constraint " + TableDump.quoted(key.name()) + " "
                            + key.definition());
        }
    }

    private static void rows(Connection connection, TableDump.Table table, Path folder)
            throws IOException, SQLException {
        CopyIn copy = connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyIn("copy " + TableDump.quoted(table.name()) + " (" + table.columnList() + ") from stdin");
        try {
            byte[] buffer = new byte[BUFFER];
            for (Path part : parts(folder)) {
                try (var in = Files.newInputStream(part)) {
                    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                        copy.writeToCopy(buffer, 0, read);
                    }
                }
            }
            long rows = copy.endCopy();
            if (rows != table.rows()) {
                throw new BackupDamaged(
                        "its table " + table.name() + " had " + table.rows() + " rows, " + rows + " came");
            }
        } finally {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        }
    }

    private static List<Path> parts(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> found = Files.list(folder)) {
            return found.sorted().toList();
        }
    }

    private static List<ForeignKey> foreignKeys(Connection connection) throws SQLException {
        List<ForeignKey> keys = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery("""
                        select conrelid::regclass::text, conname, pg_get_constraintdef(oid)
                          from pg_constraint
                         where contype = 'f' and connamespace = current_schema()::regnamespace""")) {
            while (found.next()) {
                keys.add(new ForeignKey(found.getString(1), found.getString(2), found.getString(3)));
            }
        }
        return keys;
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}

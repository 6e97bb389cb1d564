package dev.muster.platform.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Supplier;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.jdbc.datasource.AbstractDataSource;

/** Connects to where the database is now: the embedded one may have another port after a restart. */
final class CurrentDataSource extends AbstractDataSource {
    private final Supplier<PGSimpleDataSource> current;

    CurrentDataSource(Supplier<PGSimpleDataSource> current) {
        this.current = current;
    }

    @Override
    public Connection getConnection() throws SQLException {
        return current.get().getConnection();
    }

    @Override
    public Connection getConnection(String user, String password) throws SQLException {
        return current.get().getConnection(user, password);
    }
}

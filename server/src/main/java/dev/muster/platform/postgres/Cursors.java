package dev.muster.platform.postgres;

import java.util.Objects;
import org.springframework.jdbc.core.JdbcTemplate;

/** Reads answers of any length: within a transaction PostgreSQL hands them over some thousand rows at a time. */
public final class Cursors {
    private static final int ROWS = 10_000;

    private Cursors() {}

    /** On the same data source, and so in the same transactions. */
    public static JdbcTemplate of(JdbcTemplate template) {
        JdbcTemplate streaming = new JdbcTemplate(Objects.requireNonNull(template.getDataSource(), "data source"));
        streaming.setFetchSize(ROWS);
        return streaming;
    }
}

package dev.muster.ingest;

import dev.muster.telemetry.store.StoreUnavailableException;
import java.io.IOException;
import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientException;
import java.util.Set;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.RecoverableDataAccessException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.jdbc.BadSqlGrammarException;
import org.springframework.transaction.TransactionException;

/** Tells a store that is away, which is waited for, from a bug that one entry brings out. */
final class Outage {
    /** SQLSTATE classes: connection, resources (disk full, too many connections), intervention (shutdown), system error. */
    private static final Set<String> AWAY = Set.of("08", "53", "57", "58");

    private Outage() {}

    static boolean isBehind(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (isOutage(cause)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isOutage(Throwable cause) {
        return switch (cause) {
            case StoreUnavailableException _,
                    IOException _,
                    DataAccessResourceFailureException _,
                    // A statement that the schema does not know is no entry's fault.
                    BadSqlGrammarException _,
                    RecoverableDataAccessException _,
                    TransientDataAccessException _,
                    TransactionException _,
                    SQLRecoverableException _,
                    SQLTransientException _,
                    OutOfMemoryError _ -> true;
            case SQLException sql -> {
                String state = sql.getSQLState();
                yield state != null && state.length() >= 2 && AWAY.contains(state.substring(0, 2));
            }
            default -> false;
        };
    }
}

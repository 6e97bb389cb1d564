package dev.muster.twin.view;

import dev.muster.platform.config.Settings;
import dev.muster.platform.postgres.Cursors;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.function.BiConsumer;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** How every asset that something is desired of stands, as far as the rate of drift (M8) tells them apart. */
@Component
public class DriftStates {
    private final TwinStore store;
    private final Duration overdueAfter;

    DriftStates(JdbcTemplate template, Settings settings) {
        this.store = new TwinStore(Cursors.of(template));
        this.overdueAfter = settings.get(Twins.OVERDUE_AFTER);
    }

    /** As the rate counts them. */
    public enum Standing {
        IN_SYNC,
        /** Drifted, rejected, or pending for longer than is allowed. */
        OUT_OF_SYNC,
        /** It has reported, and nothing is known of how it is now. */
        STALE,
        NEVER_REPORTED
    }

    /** Tells of each asset once. Within a transaction some thousand of them are in memory at a time. */
    public void now(Instant now, BiConsumer<String, Standing> each) {
        store.standings(now.minus(overdueAfter).atOffset(ZoneOffset.UTC), each);
    }
}

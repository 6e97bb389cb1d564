package dev.muster.command;

import static dev.muster.command.CommandStore.utc;

import dev.muster.platform.postgres.Cursors;
import java.time.Instant;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * What became of the commands that could first go out within a span, by asset; each attempt by itself, so that nothing is mended by
 * trying again.
 */
@Component
public class CommandOutcomes {
    private final JdbcTemplate template;

    CommandOutcomes(JdbcTemplate template) {
        this.template = Cursors.of(template);
    }

    /**
     * @param succeeded done, and said so in time
     * @param failed ended in any other way
     * @param open not settled yet; those cancelled before any session had them are none of the three
     */
    public record Outcome(int succeeded, int failed, int open) {}

    /**
     * Tells of each asset once. Within a transaction some thousand of them are in memory at a time.
     *
     * @param name of the command; null for all
     * @param asset null for all
     */
    public void between(
            Instant from, Instant to, @Nullable String name, @Nullable String asset, BiConsumer<String, Outcome> each) {
        template.query(
                """
                select asset_id, count(*) filter (where status = 'succeeded' and not late) as succeeded,
                       count(*) filter (where settled_at is not null and not (status = 'succeeded' and not late)
                                        and not (status = 'cancelled' and sent_at is null)) as failed,
                       count(*) filter (where settled_at is null) as open
                from command where pending_at >= ? and pending_at < ? and (?::text is null or name = ?)
                    and (?::text is null or asset_id = ?)
                group by asset_id""",
                row -> {
                    each.accept(row.getString(1), new Outcome(row.getInt(2), row.getInt(3), row.getInt(4)));
                },
                utc(from),
                utc(to),
                name,
                name,
                asset,
                asset);
    }
}

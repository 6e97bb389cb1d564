package dev.muster.cli.command;

import dev.muster.cli.rest.Query;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options {@code --from}, {@code --to} and {@code --limit} of what happened over time. */
final class Range {
    @Option(names = "--from", paramLabel = "TIME", defaultValue = "-1h", description = "-1h, or a date (-1h).")
    private String from = "-1h";

    @Option(names = "--to", paramLabel = "TIME", description = "-5m, or a date; now without it.")
    private @Nullable String to;

    @Option(
            names = "--limit",
            defaultValue = "1000",
            paramLabel = "N",
            description = "At most so many (1000); 0 for all.")
    private int limit;

    Query of(Query query, Instant now) {
        return query.with("from", Times.moment(from, now)).with("to", Times.moment(to, now));
    }

    int limit() {
        return limit;
    }
}

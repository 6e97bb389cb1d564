package dev.muster.cli.command;

import dev.muster.cli.rest.Pages;
import dev.muster.cli.rest.Query;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code muster audit}. */
@Command(name = "audit", description = "Lists who changed what, newest first.")
final class Audit extends Verb {
    @Option(names = "--actor", paramLabel = "NAME", description = "Only by this token, asset or system.")
    private @Nullable String actor;

    @Option(names = "--object", paramLabel = "KIND/NAME", description = "Only of this object, or kind.")
    private @Nullable String object;

    @Option(names = "--action", description = "For example asset.create.")
    private @Nullable String action;

    @Option(names = "--from", paramLabel = "TIME", description = "-1h, or a date.")
    private @Nullable String from;

    @Option(names = "--to", paramLabel = "TIME", description = "-1h, or a date.")
    private @Nullable String to;

    @Option(names = "--limit", defaultValue = "50", paramLabel = "N", description = "At most so many (50); 0 for all.")
    private int limit;

    @Override
    void run() {
        Instant now = Instant.now();
        Query query = Query.of("audit")
                .with("actor", actor)
                .with("object", object)
                .with("action", action)
                .with("from", Times.moment(from, now))
                .with("to", Times.moment(to, now));
        root().printer()
                .list(
                        Kind.AUDIT.columns(now),
                        "no changes are recorded",
                        page -> Pages.each(root().api(), query, limit, page));
    }
}

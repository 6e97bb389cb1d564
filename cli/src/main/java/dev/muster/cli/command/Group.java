package dev.muster.cli.command;

import dev.muster.cli.output.Column;
import dev.muster.cli.rest.Pages;
import dev.muster.cli.rest.Query;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code muster group …}: what is asked of one group. */
@Command(name = "group", description = "Asks about one group.", subcommands = Group.Members.class)
final class Group extends Menu {

    /** {@code muster group members NAME [--at TIME]}. */
    @Command(name = "members", description = "Lists the members of a group, now or at an earlier time.")
    static final class Members extends Verb {
        @Parameters(paramLabel = "NAME", description = "The group.")
        private String name = "";

        @Option(names = "--at", paramLabel = "TIME", description = "now, -1h, 2026-11-23T10:00:00Z")
        private @Nullable String at;

        @Option(names = "--limit", defaultValue = "0", paramLabel = "N", description = "At most so many.")
        private int limit;

        @Override
        void run() {
            Query query = Query.of("groups", name, "members").with("at", Times.moment(at, Instant.now()));
            root().printer()
                    .list(
                            List.of(Column.of("ASSET", "asset"), Column.of("FROM", "from"), Column.of("TO", "to")),
                            "group " + name + " has no members" + (at == null ? "" : " at that time"),
                            page -> Pages.each(root().api(), query, limit, page));
        }
    }
}

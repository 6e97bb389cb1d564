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

/** {@code muster rollout targets NAME}. */
@Command(
        name = "targets",
        description = "Lists the targets of a rollout: those first that did not get back or failed, then in its order.")
final class RolloutTargets extends Verb {
    /** What a person has to look after, in the order in which it is shown. */
    private static final List<String> TROUBLE = List.of("rollback_failed", "bricked", "stranded", "failed");

    @Parameters(paramLabel = "NAME", description = "The rollout.")
    private String name = "";

    @Option(names = "--stage", paramLabel = "STAGE", description = "Only those: failed, verifying, …")
    private @Nullable String stage;

    @Option(names = "--reason", paramLabel = "REASON", description = "Only those: wrong_version, not_heard, …")
    private @Nullable String reason;

    @Option(names = "--wave", paramLabel = "WAVE", description = "Only those of one wave.")
    private @Nullable String wave;

    @Option(names = "--limit", defaultValue = "0", paramLabel = "N", description = "At most so many.")
    private int limit;

    @Override
    void run() {
        Instant now = Instant.now();
        root().printer()
                .list(
                        List.of(
                                Column.of("ASSET", "asset"),
                                Column.of("WAVE", "wave"),
                                Column.of("STAGE", "stage"),
                                Column.age("SINCE", "since", now),
                                Column.of("REASON", "reason"),
                                Column.of("DETAIL", "detail"),
                                Column.wide("PREVIOUS", "previous"),
                                Column.wide("ATTEMPT", "attempt")),
                        "rollout " + name + " has no such target",
                        page -> {
                            if (troubleFirst()) {
                                TROUBLE.forEach(each -> Pages.each(root().api(), query(each), limit, page));
                                Pages.each(
                                        root().api(),
                                        query(null),
                                        limit,
                                        targets -> page.accept(targets.stream()
                                                .filter(target -> !TROUBLE.contains(
                                                        target.path("stage").asString("")))
                                                .toList()));
                            } else {
                                Pages.each(root().api(), query(stage), limit, page);
                            }
                        });
    }

    private Query query(@Nullable String wanted) {
        return Query.of("rollouts", name, "targets")
                .with("stage", wanted)
                .with("reason", reason)
                .with("wave", wave);
    }

    private boolean troubleFirst() {
        return stage == null && reason == null && limit == 0 && root().printer().isTable();
    }
}

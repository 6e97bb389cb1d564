package dev.muster.cli.command;

import dev.muster.cli.output.Column;
import dev.muster.cli.output.Table;
import dev.muster.cli.rest.Pages;
import dev.muster.cli.rest.Query;
import java.io.PrintStream;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code muster explain …}: why something was decided as it was. */
@Command(
        name = "explain",
        description = "Shows why something was decided: inputs, threshold, outcome.",
        subcommands = Explain.OfRollout.class)
final class Explain extends Menu {

    /** {@code muster explain rollout NAME [--asset ID]}. */
    @Command(name = "rollout", description = "Every decision about a rollout, or every step of one of its targets.")
    static final class OfRollout extends Verb {
        @Parameters(paramLabel = "NAME", description = "The rollout.")
        private String name = "";

        @Option(names = "--asset", paramLabel = "ID", description = "The steps of this target instead.")
        private @Nullable String asset;

        @Override
        void run() {
            if (asset != null) {
                target(asset);
                return;
            }
            List<JsonNode> decisions = Pages.all(root().api(), Query.of("rollouts", name, "decisions"), 0);
            if (!root().printer().isTable()) {
                root().printer().list(List.of(), "", page -> page.accept(decisions));
                return;
            }
            PrintStream out = root().terminal().out();
            JsonNode status = root().api().get(Query.of("rollouts", name)).path("status");
            String why = status.path("why").asString("");
            out.println("rollout " + name + " is " + status.path("phase").asString("") + " since "
                    + status.path("since").asString("") + (why.isEmpty() ? "" : ": " + Table.printable(why)));
            decisions.forEach(decision -> print(out, decision));
            out.flush();
        }

        private static void print(PrintStream out, JsonNode decision) {
            out.println();
            out.println(decision.path("at").asString("") + "  "
                    + decision.path("kind").asString("") + ": "
                    + decision.path("outcome").asString("") + "  (wave "
                    + (decision.path("wave").asInt() + 1) + ", by "
                    + Table.printable(decision.path("actor").asString("")) + ")");
            out.println("  " + Table.printable(decision.path("reason").asString("")));
            if (!decision.path("inputs").isEmpty()) {
                out.println("  inputs     " + Table.printable(Column.text(decision.path("inputs"))));
            }
            if (!decision.path("threshold").isEmpty()) {
                out.println("  threshold  " + Table.printable(Column.text(decision.path("threshold"))));
            }
        }

        private void target(String id) {
            JsonNode history = root().api().get(Query.of("rollouts", name, "targets", id));
            if (!root().printer().isTable()) {
                root().printer().one(history);
                return;
            }
            root().printer()
                    .list(
                            List.of(
                                    Column.of("AT", "at"),
                                    Column.of("STAGE", "stage"),
                                    Column.of("REASON", "reason"),
                                    Column.of("ATTEMPT", "attempt"),
                                    Column.of("DETAIL", "detail")),
                            "asset " + id + " has not moved yet",
                            page -> page.accept(
                                    history.path("steps").valueStream().toList()));
        }
    }
}

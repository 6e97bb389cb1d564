package dev.muster.cli.command;

import dev.muster.cli.output.Column;
import dev.muster.cli.output.Table;
import dev.muster.cli.rest.Query;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code muster sli …}: what an indicator reads. */
@Command(name = "sli", description = "Reads indicators; muster get slis lists them.", subcommands = SliVerb.Show.class)
final class SliVerb extends Menu {

    /** {@code muster sli show NAME [--scope group/vans] [--window 7d] [--step 1d]}. */
    @Command(
            name = "show",
            description = "Reads one indicator, and names the assets that were worst.",
            footer = {
                "",
                "  muster sli show uptime",
                "  muster sli show uptime --scope group/vans --window 7d --step 1d",
                "  muster sli show commands --scope asset/vehicle-00001"
            })
    static final class Show extends Verb {
        @Parameters(paramLabel = "NAME", description = "The indicator.")
        private String name = "";

        @Option(
                names = "--scope",
                defaultValue = "fleet",
                paramLabel = "SCOPE",
                description = "fleet, type/NAME, region/NAME, group/NAME or asset/ID.")
        private String scope = "fleet";

        @Option(names = "--window", defaultValue = "1d", paramLabel = "DURATION", description = "5m to 400d.")
        private String window = "1d";

        @Option(names = "--step", paramLabel = "DURATION", description = "Also in steps of so long.")
        private @Nullable String step;

        @Override
        void run() {
            JsonNode answer = root().api()
                    .get(Query.of("slis", name)
                            .with("scope", scope)
                            .with("window", window)
                            .with("step", step));
            if (!root().printer().isTable()) {
                root().printer().one(answer);
                return;
            }
            List<List<String>> rows = new ArrayList<>();
            answer.path("steps").forEach(each -> rows.add(cells(Column.text(each.path("from")), each)));
            rows.add(cells("total", answer.path("reading")));
            answer.path("worst").forEach(worst -> rows.add(cells(Column.text(worst.path("asset")), worst)));
            new Table(root().terminal(), List.of("FROM OR WORST ASSET", "VALUE", "GOOD", "BAD", "STALE", "UNKNOWN"))
                    .print(rows);
        }

        private static List<String> cells(String first, JsonNode reading) {
            return List.of(
                    first,
                    reading.has("value") ? SloVerb.percent(reading.path("value"), 3) : "",
                    whole(reading.path("good")),
                    whole(reading.path("bad")),
                    whole(reading.path("stale")),
                    whole(reading.path("unknown")));
        }

        private static String whole(JsonNode number) {
            return number.isNumber() ? Long.toString(Math.round(number.asDouble(0))) : "";
        }
    }
}

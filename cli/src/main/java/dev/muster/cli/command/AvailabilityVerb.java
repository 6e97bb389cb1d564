package dev.muster.cli.command;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import dev.muster.cli.output.Column;
import dev.muster.cli.output.Table;
import dev.muster.cli.rest.Query;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code muster availability}: minutes in which assets were reachable and running, by UTC day. */
@Command(
        name = "availability",
        description = "Shows in how many minutes assets were reachable, and in how many they ran, by UTC day.",
        footer = {
            "",
            "  muster availability vehicle-00001",
            "  muster availability --selector \"asset.type == 'pos'\" --from -30d",
            "",
            "Uptime is the reachable of all minutes but the unknown, in which the server did not run."
        })
final class AvailabilityVerb extends Verb {
    private static final List<String> MINUTES =
            List.of("minutes", "reachable", "stale", "unreachable", "unknown", "running");

    @Parameters(paramLabel = "ASSET", arity = "0..1", description = "Its id; all that you may see without it.")
    private @Nullable String asset;

    @Option(
            names = {"-s", "--selector"},
            paramLabel = "CEL",
            description = "Only assets for which it holds, summed up.")
    private @Nullable String selector;

    @Option(names = "--from", paramLabel = "TIME", description = "-30d, or a date; seven days without it.")
    private @Nullable String from;

    @Option(names = "--to", paramLabel = "TIME", description = "-1d, or a date; now without it.")
    private @Nullable String to;

    @Override
    void run() {
        if (asset != null && selector != null) {
            throw new CommandFailed(ExitCode.USAGE, "availability is of one asset or of a selector, not of both");
        }
        Instant now = Instant.now();
        Query query = (asset == null ? Query.of("availability") : Query.of("assets", asset, "availability"))
                .with("selector", selector)
                .with("from", Times.moment(from, now))
                .with("to", Times.moment(to, now));
        JsonNode answer = root().api().get(query);
        if (!root().printer().isTable()) {
            root().printer().one(answer);
            return;
        }
        List<List<String>> rows = new ArrayList<>();
        answer.path("days").forEach(day -> rows.add(cells(Column.text(day.path("day")), day.path("minutes"))));
        rows.add(cells("total", answer.path("total")));
        answer.path("worst").forEach(worst -> rows.add(cells(Column.text(worst.path("asset")), worst.path("total"))));
        List<String> titles = new ArrayList<>(List.of(asset == null ? "DAY OR WORST ASSET" : "DAY", "UPTIME"));
        MINUTES.forEach(name -> titles.add(name.toUpperCase(Locale.ROOT)));
        new Table(root().terminal(), titles).print(rows);
    }

    private static List<String> cells(String name, JsonNode tally) {
        List<String> cells = new ArrayList<>(List.of(name, uptime(tally.path("uptime"))));
        MINUTES.forEach(minutes -> cells.add(Column.text(tally.path(minutes))));
        return cells;
    }

    private static String uptime(JsonNode uptime) {
        return uptime.isNumber() ? String.format(Locale.ROOT, "%.3f%%", 100 * uptime.asDouble()) : "unknown";
    }
}

package dev.muster.cli.command;

import dev.muster.cli.Terminal;
import dev.muster.cli.Terminal.Colour;
import dev.muster.cli.output.Column;
import dev.muster.cli.output.Table;
import dev.muster.cli.rest.Pages;
import dev.muster.cli.rest.Query;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code muster logs ASSET [--follow]}: what an asset wrote, oldest first. */
@Command(name = "logs", description = "Shows what an asset wrote.")
final class Logs extends Verb {
    private static final Duration PAUSE = Duration.ofSeconds(1);
    /** A record may arrive this much after its own time and still be shown while following. */
    private static final Duration LATE = Duration.ofMinutes(1);

    private static final int REMEMBERED = 10_000;

    @Parameters(paramLabel = "ASSET", description = "Its id.")
    private String asset = "";

    @Option(names = "--from", paramLabel = "TIME", defaultValue = "-1h", description = "-1h, or a date (-1h).")
    private String from = "-1h";

    @Option(names = "--to", paramLabel = "TIME", description = "-5m, or a date; now without it.")
    private @Nullable String to;

    @Option(
            names = "--severity",
            paramLabel = "LEVEL",
            description = "This and worse: trace, debug, info, warn, error, fatal.")
    private @Nullable String severity;

    @Option(names = "--contains", paramLabel = "TEXT", description = "Only lines with the text.")
    private @Nullable String contains;

    @Option(
            names = "--attribute",
            paramLabel = "NAME=VALUE",
            description = "Only lines with it, such as logger=dev.acme.Pump.")
    private @Nullable String attribute;

    @Option(
            names = "--limit",
            defaultValue = "1000",
            paramLabel = "N",
            description = "At most so many (1000); 0 for all.")
    private int limit;

    @Option(
            names = {"-f", "--follow"},
            description = "Goes on with what comes.")
    private boolean follow;

    @Override
    void run() {
        Instant now = Instant.now();
        Instant since = Times.moment(from, now);
        Query query = query(since).with("to", Times.moment(to, now));
        if (!root().printer().isTable() && !follow) {
            root().printer().list(List.of(), "", page -> Pages.each(root().api(), query, limit, page));
            return;
        }
        Set<String> shown = new LinkedHashSet<>();
        show(Pages.all(root().api(), query, limit), shown);
        if (shown.isEmpty() && !follow) {
            root().terminal().err().println("asset " + asset + " wrote nothing in that time");
        }
        while (follow && !Thread.currentThread().isInterrupted()) {
            pause();
            show(Pages.all(root().api(), query(Instant.now().minus(LATE)), REMEMBERED), shown);
            forgetOld(shown);
        }
    }

    private Query query(@Nullable Instant since) {
        return Query.of("assets", asset, "logs")
                .with("from", since)
                .with("severity", severity)
                .with("contains", contains)
                .with("attribute", attribute);
    }

    /** The server gives the newest first; people read the newest last. */
    private void show(List<JsonNode> records, Set<String> shown) {
        for (JsonNode record : records.reversed()) {
            if (shown.add(record.toString()) || !follow) {
                root().terminal().out().println(line(record));
            }
        }
        root().terminal().out().flush();
    }

    private static void forgetOld(Set<String> shown) {
        if (shown.size() > REMEMBERED) {
            List<String> oldest =
                    shown.stream().limit(shown.size() - REMEMBERED).toList();
            shown.removeAll(new HashSet<>(oldest));
        }
    }

    private String line(JsonNode record) {
        Terminal terminal = root().terminal();
        String level = record.path("severity").asString("info").toLowerCase(Locale.ROOT);
        Colour colour = switch (level) {
            case "error", "fatal" -> Colour.RED;
            case "warn" -> Colour.YELLOW;
            case "info" -> Colour.GREEN;
            default -> Colour.GREY;
        };
        String attributes = Column.text(record.path("attributes"));
        return Telemetry.time(record) + " " + terminal.coloured(colour, String.format(Locale.ROOT, "%-5s", level)) + " "
                + Table.printable(record.path("body").asString(""))
                + (attributes.equals("-") ? "" : "  " + Table.printable(attributes));
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

package dev.muster.cli.command;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import dev.muster.cli.output.Column;
import dev.muster.cli.output.Printer;
import dev.muster.cli.rest.Pages;
import dev.muster.cli.rest.Query;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code muster get KIND [NAME]}. */
@Command(
        name = "get",
        description = "Lists objects of a kind, or shows one.",
        footer = {
            "",
            "Kinds: assets, asset-types, groups, configurations, rollouts, releases, claim-tokens, certificates, tokens, audit,",
            "events, commands, command-runs, incidents, runbooks.",
            "",
            "  muster get assets --selector \"asset.type == 'pos' && asset.presence == 'online'\"",
            "  muster get asset pos-00001 -o yaml"
        })
final class Get extends Verb {
    @Parameters(index = "0", paramLabel = "KIND", description = "assets, groups, …")
    private String kind = "";

    @Parameters(index = "1", arity = "0..1", paramLabel = "NAME", description = "One object.")
    private @Nullable String name;

    @Option(
            names = {"-s", "--selector"},
            paramLabel = "CEL",
            description = "Of assets: only those for which it holds.")
    private @Nullable String selector;

    @Option(names = "-q", paramLabel = "TEXT", description = "Of assets: only those that contain the text.")
    private @Nullable String text;

    @Option(names = "--limit", defaultValue = "0", paramLabel = "N", description = "At most so many; all without it.")
    private int limit;

    @Option(
            names = {"-w", "--watch"},
            description = "Goes on, and prints what changed.")
    private boolean watch;

    @Option(names = "--interval", defaultValue = "2s", paramLabel = "TIME", description = "Of --watch (2s).")
    private String interval = "2s";

    @Override
    void run() {
        Kind wanted = Kind.named(kind);
        if (name != null) {
            root().printer().one(wanted.shown(root().api().get(Query.of(wanted.path(), name)), root().format()));
            return;
        }
        if (limit < 0) {
            throw new CommandFailed(ExitCode.USAGE, "--limit is " + limit + "; allowed are 1 and more, 0 for all");
        }
        if (!wanted.selectable() && (selector != null || text != null)) {
            throw new CommandFailed(ExitCode.USAGE, "--selector and -q choose assets; " + wanted.path() + " have none");
        }
        Query query = Query.of(wanted.path()).with("selector", selector).with("q", text);
        if (watch) {
            watch(root(), wanted.columns(Instant.now()), query, limit, Times.duration(interval));
        } else {
            list(wanted, query);
        }
    }

    private void list(Kind wanted, Query query) {
        Printer printer = root().printer();
        printer.list(
                wanted.columns(Instant.now()),
                wanted == Kind.ALERTS
                        ? AlertVerb.NONE_FIRES
                        : "no " + wanted.path() + (selector == null && text == null ? "" : " match"),
                page -> Pages.each(
                        root().api(),
                        query,
                        limit,
                        items -> page.accept(items.stream()
                                .map(item -> wanted.shown(item, root().format()))
                                .toList())));
    }

    /** Asks again and again, and prints what is new or different since the last time. */
    static void watch(Root root, List<Column> columns, Query query, int limit, Duration pause) {
        Map<String, JsonNode> known = new HashMap<>();
        root.printer().list(columns, "", page -> {
            while (!Thread.currentThread().isInterrupted()) {
                List<JsonNode> changed = new ArrayList<>();
                for (JsonNode item : Pages.all(root.api(), query, limit)) {
                    if (!item.equals(known.put(keyOf(item), item))) {
                        changed.add(item);
                    }
                }
                page.accept(changed);
                root.terminal().out().flush();
                sleep(pause);
            }
        });
    }

    private static String keyOf(JsonNode item) {
        for (String field : List.of("id", "serial", "position")) {
            if (item.has(field)) {
                return item.path(field).asString();
            }
        }
        return item.path("metadata").path("name").asString("");
    }

    private static void sleep(Duration pause) {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

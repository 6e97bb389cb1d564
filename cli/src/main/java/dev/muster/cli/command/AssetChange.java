package dev.muster.cli.command;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import dev.muster.cli.Terminal;
import dev.muster.cli.output.Column;
import dev.muster.cli.output.ProgressBar;
import dev.muster.cli.output.Table;
import dev.muster.cli.rest.Api;
import dev.muster.cli.rest.Query;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code muster asset change}: the same change of many assets, looked at before it is made. */
@Command(
        name = "change",
        description = "Changes labels, owner, region, site or lifecycle of many assets; shows first what would be.",
        footer = {
            "",
            "  muster asset change --selector \"asset.labels.ring == 'early'\" --label ring=canary --label batch=",
            "  muster asset change pos-1 pos-2 --owner retail-it --yes",
            "  muster asset change --status ID          how far one is that goes on",
            "  muster asset change --stop ID            what is changed stays changed",
            "",
            "Without --yes nothing is changed where nobody can be asked. With it no more assets are changed than the look",
            "before said. Ends with 0 when it is done, 1 when it was stopped. Ctrl-C stops waiting, not the change."
        })
final class AssetChange extends Verb {
    private static final int SHOWN = 5;

    @Parameters(arity = "0..*", paramLabel = "ID", description = "Assets by name, at most 10,000.")
    private List<String> ids = new ArrayList<>();

    @Option(
            names = {"-s", "--selector"},
            paramLabel = "CEL",
            description = "Or those for which it holds.")
    private @Nullable String selector;

    @Option(
            names = {"-l", "--label"},
            paramLabel = "KEY=VALUE",
            description = "Sets a label; without a value it is taken away. May be repeated.")
    private Map<String, String> labels = new LinkedHashMap<>();

    @Option(names = "--owner", paramLabel = "NAME", description = "Another owner; empty for none.")
    private @Nullable String owner;

    @Option(names = "--region", paramLabel = "NAME", description = "Another region.")
    private @Nullable String region;

    @Option(names = "--site", paramLabel = "NAME", description = "Another site.")
    private @Nullable String site;

    @Option(
            names = "--lifecycle",
            paramLabel = "STATE",
            description = "provisioned, active, maintenance, quarantined or retired.")
    private @Nullable String lifecycle;

    @Option(
            names = "--wait",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Whether to wait for the end (it does).")
    private boolean wait = true;

    @Option(names = "--status", paramLabel = "ID", description = "Shows how far one is, and changes nothing.")
    private @Nullable String status;

    @Option(names = "--stop", paramLabel = "ID", description = "Stops one.")
    private @Nullable String stop;

    @Option(
            names = {"-y", "--yes"},
            description = "Does it after the look, without asking.")
    private boolean yes;

    @Override
    void run() {
        if (status != null || stop != null) {
            show(
                    stop != null
                            ? root().api().post(Query.of("asset-changes", stop, "stop"), Api.JSON.createObjectNode())
                            : root().api().get(Query.of("asset-changes", String.valueOf(status))));
            return;
        }
        ObjectNode wanted = wanted();
        JsonNode preview = root().api().post(Query.of("asset-changes").with("dryRun", "true"), wanted);
        look(preview);
        int changed = preview.path("changed").asInt(0);
        if (changed == 0 || !meant(changed)) {
            return;
        }
        wanted.put("atMost", changed);
        JsonNode begun = root().api().post(Query.of("asset-changes"), wanted);
        JsonNode now = wait ? await(begun, preview.path("selected").asLong(0)) : begun;
        show(now);
        if (now.path("state").asString("").equals("stopped")) {
            throw new CommandFailed(
                    ExitCode.FAILED,
                    Table.printable("it was stopped: " + now.path("stopped").asString("")));
        }
    }

    private ObjectNode wanted() {
        if (ids.isEmpty() == (selector == null)) {
            throw new CommandFailed(ExitCode.USAGE, "give the assets: ID… or --selector CEL");
        }
        ObjectNode wanted = Api.JSON.createObjectNode();
        if (selector != null) {
            wanted.put("selector", selector);
        } else {
            ids.forEach(wanted.putArray("ids")::add);
        }
        if (!labels.isEmpty()) {
            ObjectNode given = wanted.putObject("labels");
            labels.forEach(given::put);
        }
        put(wanted, "owner", owner);
        put(wanted, "region", region);
        put(wanted, "site", site);
        put(wanted, "lifecycle", lifecycle);
        return wanted;
    }

    /** What would become of whom; where another program reads the answer, on standard error. */
    private void look(JsonNode preview) {
        if (!root().printer().isTable() && !yes) {
            root().printer().one(preview);
            return;
        }
        Terminal terminal = root().terminal();
        int changed = preview.path("changed").asInt(0);
        terminal.err()
                .println("would change " + assets(changed) + ", leave "
                        + preview.path("unchanged").asInt(0) + " as they are" + leftOut(preview));
        int shown = 0;
        for (JsonNode each : preview.path("sample")) {
            if (shown++ == SHOWN) {
                break;
            }
            terminal.err()
                    .println(Table.printable("  " + each.path("asset").asString("") + ": "
                            + Column.text(each.path("before")) + " → " + Column.text(each.path("after"))));
        }
        if (changed > SHOWN) {
            terminal.err().println("  and " + (changed - SHOWN) + " more");
        }
        terminal.err().flush();
    }

    private boolean meant(int changed) {
        if (yes) {
            return true;
        }
        Terminal terminal = root().terminal();
        if (!terminal.interactive()) {
            terminal.err().println("nothing was changed; give --yes when that is meant");
            return false;
        }
        if (terminal.agrees("Change " + assets(changed) + "?")) {
            return true;
        }
        throw new CommandFailed(ExitCode.REFUSED, "nothing was changed");
    }

    private JsonNode await(JsonNode begun, long total) {
        String id = begun.path("id").asString("");
        ProgressBar bar = new ProgressBar(root().terminal(), "change " + id);
        try {
            return new Following(
                            "change", now -> !now.path("state").asString("").equals("running"))
                    .toItsEnd(
                            begun,
                            () -> root().api().get(Query.of("asset-changes", id)),
                            now -> bar.show(met(now), total));
        } finally {
            bar.end();
        }
    }

    private static long met(JsonNode change) {
        long met = change.path("changed").asLong(0) + change.path("unchanged").asLong(0);
        for (JsonNode left : change.path("leftOut")) {
            met += left.asLong(0);
        }
        return met;
    }

    private void show(JsonNode change) {
        if (!root().printer().isTable()) {
            root().printer().one(change);
            return;
        }
        root().terminal()
                .out()
                .println(Table.printable("change " + change.path("id").asString("") + " is "
                        + change.path("state").asString("") + ": "
                        + assets(change.path("changed").asInt(0)) + " changed, "
                        + change.path("unchanged").asInt(0) + " were so already" + leftOut(change)));
        root().terminal().out().flush();
    }

    private static String leftOut(JsonNode told) {
        return told.path("leftOut").isEmpty() ? "" : "; left out: " + Column.text(told.path("leftOut"));
    }
}

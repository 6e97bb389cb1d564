package dev.muster.cli.command;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import dev.muster.cli.Terminal;
import dev.muster.cli.output.Table;
import dev.muster.cli.rest.Api;
import dev.muster.cli.rest.Query;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code muster retire ASSET}: takes an asset out of the fleet for good. */
@Command(
        name = "retire",
        description = "Takes an asset out of the fleet for good: it wipes itself, then it is refused everywhere.",
        footer = {
            "",
            "  muster retire box-1 --wait               until it is over",
            "  muster retire box-1 --within 7d          it may be offline for as long as that",
            "  muster retire box-1 --no-wipe --yes      it was stolen: cut it off now",
            "  muster retire box-1 --status             how far it is",
            "",
            "With --wait it ends with 0 when the asset is retired and wiped as was asked for, 1 when the wipe is not",
            "confirmed. Ctrl-C stops waiting, not the retirement. muster asset restore takes it back, or brings the asset back."
        })
final class Retire extends Verb {
    private static final Set<String> ENDS = Set.of("retired", "kept", "taken_back");

    @Parameters(paramLabel = "ASSET", description = "The asset.")
    private String asset = "";

    @Option(
            names = "--wipe",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Whether it is to wipe itself first (it is).")
    private boolean wipe = true;

    @Option(
            names = "--within",
            paramLabel = "TIME",
            description = "How long it has to wipe itself, as 10m, 24h, 7d (the server's retirement-wipe-within).")
    private @Nullable String within;

    @Option(
            names = "--if-unconfirmed",
            paramLabel = "WHAT",
            description = "When the wipe is not confirmed by then: retire it all the same, or keep it as it was.")
    private @Nullable String ifUnconfirmed;

    @Option(names = "--reason", paramLabel = "TEXT", description = "For the audit trail.")
    private @Nullable String reason;

    @Option(names = "--wait", description = "Waits until it is over.")
    private boolean wait;

    @Option(names = "--status", description = "Shows how far it is, and changes nothing.")
    private boolean status;

    @Option(
            names = {"-y", "--yes"},
            description = "Does not ask.")
    private boolean yes;

    @Override
    void run() {
        Query query = Query.of("assets", asset, "retirement");
        if (status) {
            JsonNode now = root().api().get(query);
            if (!now.has("phase")) {
                throw new CommandFailed(ExitCode.NOT_FOUND, "asset " + asset + " was never asked to be retired");
            }
            show(now);
            return;
        }
        confirm();
        JsonNode now = root().api().post(query, wanted());
        if (wait) {
            tell(now);
            now = await(query, now);
        }
        show(now);
        if (wait) {
            judge(now);
        }
    }

    private ObjectNode wanted() {
        ObjectNode wanted = Api.JSON.createObjectNode().put("wipe", wipe).put("confirm", true);
        if (within != null) {
            wanted.put("wipeWithin", within);
        }
        if (ifUnconfirmed != null) {
            wanted.put("ifUnconfirmed", ifUnconfirmed);
        }
        if (reason != null) {
            wanted.put("reason", reason);
        }
        return wanted;
    }

    private void confirm() {
        if (yes) {
            return;
        }
        Terminal terminal = root().terminal();
        String what = "asset " + asset + " goes out of the fleet for good"
                + (wipe ? ", and loses all that Muster brought there" : ", without a wipe");
        if (!terminal.interactive()) {
            throw new CommandFailed(ExitCode.REFUSED, what + "; give --yes when that is meant");
        }
        if (!terminal.answer(what + ". Type its id to go on: ").equals(asset)) {
            throw new CommandFailed(ExitCode.REFUSED, "nothing was done");
        }
    }

    private JsonNode await(Query query, JsonNode begun) {
        AtomicReference<String> told = new AtomicReference<>(begun.path("phase").asString(""));
        return new Following("retirement", Retire::hasEnded)
                .toItsEnd(begun, () -> root().api().get(query), now -> {
                    String phase = now.path("phase").asString("");
                    if (!told.getAndSet(phase).equals(phase) && !hasEnded(now)) {
                        tell(now);
                    }
                });
    }

    private static boolean hasEnded(JsonNode retirement) {
        return ENDS.contains(retirement.path("phase").asString(""));
    }

    private void tell(JsonNode now) {
        root().terminal().err().println(sentence(now));
        root().terminal().err().flush();
    }

    private void show(JsonNode now) {
        if (!root().printer().isTable()) {
            root().printer().one(now);
            return;
        }
        root().terminal().out().println(sentence(now));
        root().terminal().out().flush();
    }

    private String sentence(JsonNode now) {
        return Table.printable("asset " + asset + ": " + now.path("summary").asString(""));
    }

    private void judge(JsonNode now) {
        boolean done = now.path("phase").asString("").equals("retired")
                && !now.path("wipe").asString("").equals("unconfirmed");
        if (!done) {
            throw new CommandFailed(
                    ExitCode.FAILED,
                    "asset " + asset + " did not go as was asked for: "
                            + now.path("summary").asString(""));
        }
    }
}

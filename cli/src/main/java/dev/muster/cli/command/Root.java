package dev.muster.cli.command;

import dev.muster.cli.Terminal;
import dev.muster.cli.output.Format;
import dev.muster.cli.output.Printer;
import dev.muster.cli.rest.Api;
import dev.muster.cli.rest.ServerAddress;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command {@code muster} with the options that every verb knows. */
@Command(
        name = "muster",
        description = "Fleet management: ask and change what a Muster server manages.",
        sortOptions = false,
        synopsisSubcommandLabel = "VERB",
        commandListHeading = "%nVerbs:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:failed",
            "2:wrong usage",
            "3:refused by policy or state",
            "4:not found",
            "5:the server does not answer"
        },
        footer = {
            "",
            "More verbs of the launcher: muster demo, muster server, muster restore, muster agent, muster sim.",
            "Server and token: flags, then MUSTER_SERVER and MUSTER_TOKEN, then ~/.config/muster/config.yaml,",
            "then the server that runs on this machine (--data-dir)."
        })
public final class Root {
    private final Terminal terminal;

    @Option(names = "--server", scope = ScopeType.INHERIT, paramLabel = "URL", description = "Address of the server.")
    private @Nullable String server;

    @Option(
            names = "--token",
            scope = ScopeType.INHERIT,
            paramLabel = "TOKEN",
            description = "API token; better in MUSTER_TOKEN, where other users do not see it.")
    private @Nullable String token;

    @Option(
            names = "--data-dir",
            scope = ScopeType.INHERIT,
            defaultValue = ".muster",
            paramLabel = "DIR",
            description = "Data directory of a server on this machine (.muster).")
    private Path dataDir = Path.of(".muster");

    @Option(names = "--config", scope = ScopeType.INHERIT, paramLabel = "FILE", description = "Another config file.")
    private @Nullable Path config;

    @Option(
            names = {"-o", "--output"},
            scope = ScopeType.INHERIT,
            defaultValue = "table",
            paramLabel = "FORMAT",
            description = "${COMPLETION-CANDIDATES} (table).")
    private Format format = Format.table;

    @Option(
            names = {"-h", "--help"},
            scope = ScopeType.INHERIT,
            usageHelp = true,
            description = "Shows this help.")
    @SuppressWarnings("UnusedVariable") // picocli looks at it
    private boolean help;

    private @Nullable Api api;

    public Root(Terminal terminal) {
        this.terminal = terminal;
    }

    Terminal terminal() {
        return terminal;
    }

    Printer printer() {
        return new Printer(terminal, format);
    }

    Format format() {
        return format;
    }

    Path dataDir() {
        return dataDir;
    }

    ServerAddress address() {
        return ServerAddress.find(server, token, dataDir, config, terminal.environment());
    }

    Api api() {
        if (api == null) {
            api = new Api(address());
        }
        return api;
    }
}

package dev.muster.cli.command;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import dev.muster.cli.Terminal;
import dev.muster.cli.output.Table;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ParameterException;

/**
 * The list of all verbs. A call prepares the one verb that it needs: reading the annotations of all of them would cost
 * more time than most commands take.
 */
public final class Verbs {
    private static final Map<String, Supplier<Object>> ALL = new LinkedHashMap<>();

    static {
        ALL.put("get", Get::new);
        ALL.put("describe", Describe::new);
        ALL.put("create", Create::new);
        ALL.put("delete", Delete::new);
        ALL.put("apply", Apply::new);
        ALL.put("import", Import::new);
        ALL.put("export", Export::new);
        ALL.put("asset", Asset::new);
        ALL.put("retire", Retire::new);
        ALL.put("group", Group::new);
        ALL.put("twin", Twin::new);
        ALL.put("drift", Drift::new);
        ALL.put("rollout", Rollout::new);
        ALL.put("fleet", FleetVerb::new);
        ALL.put("slo", SloVerb::new);
        ALL.put("sli", SliVerb::new);
        ALL.put("review", Review::new);
        ALL.put("explain", Explain::new);
        ALL.put("alert", AlertVerb::new);
        ALL.put("silence", Silence::new);
        ALL.put("oncall", OnCall::new);
        ALL.put("token", Token::new);
        ALL.put("claim-token", ClaimToken::new);
        ALL.put("gateway-token", GatewayToken::new);
        ALL.put("hook", Hook::new);
        ALL.put("certificate", Certificate::new);
        ALL.put("release", Release::new);
        ALL.put("telemetry", Telemetry::new);
        ALL.put("latest", Latest::new);
        ALL.put("availability", AvailabilityVerb::new);
        ALL.put("timeline", Timeline::new);
        ALL.put("aggregate", Aggregate::new);
        ALL.put("positions", Positions::new);
        ALL.put("logs", Logs::new);
        ALL.put("full-logs", FullLogs::new);
        ALL.put("events", Events::new);
        ALL.put("file", FileVerb::new);
        ALL.put("run", RunCommand::new);
        ALL.put("commands", Commands::new);
        ALL.put("incident", IncidentVerb::new);
        ALL.put("runbook", RunbookVerb::new);
        ALL.put("gameday", GameDay::new);
        ALL.put("audit", Audit::new);
        ALL.put("whoami", Whoami::new);
        ALL.put("readiness", Readiness::new);
        ALL.put("backup", Backup::new);
        ALL.put("doctor", Doctor::new);
        ALL.put("completion", Completion::new);
        ALL.put("version", Version::new);
    }

    private Verbs() {}

    /** Runs a command line; one line on standard error says why when it fails. */
    public static int run(Terminal terminal, String... args) {
        Optional<String> verb = Arrays.stream(args).filter(ALL::containsKey).findFirst();
        CommandLine line = verb.isPresent() ? only(terminal, verb.get()) : commandLine(terminal);
        if (args.length == 0) {
            line.usage(terminal.out());
            terminal.out().flush();
            return ExitCode.USAGE.code();
        }
        int code = line.execute(args);
        terminal.out().flush();
        return code;
    }

    /** With every verb, for help and completion. */
    static CommandLine commandLine(Terminal terminal) {
        CommandLine line = new CommandLine(new Root(terminal));
        ALL.forEach((name, verb) -> line.addSubcommand(name, verb.get()));
        return prepared(line, terminal);
    }

    private static CommandLine only(Terminal terminal, String verb) {
        CommandLine line = new CommandLine(new Root(terminal));
        Supplier<Object> chosen = ALL.get(verb);
        if (chosen != null) {
            line.addSubcommand(verb, chosen.get());
        }
        return prepared(line, terminal);
    }

    private static CommandLine prepared(CommandLine line, Terminal terminal) {
        return line.setOut(new PrintWriter(terminal.out(), true))
                .setErr(new PrintWriter(terminal.err(), true))
                .setColorScheme(CommandLine.Help.defaultColorScheme(terminal.colours() ? Ansi.ON : Ansi.OFF))
                .setUsageHelpWidth(Math.max(60, Math.min(100, terminal.width())))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((e, args) -> usage(terminal, e))
                .setExecutionExceptionHandler((e, command, parsed) -> failed(terminal, e));
    }

    private static int usage(Terminal terminal, ParameterException e) {
        String name = e.getCommandLine().getCommandSpec().qualifiedName();
        String message = String.valueOf(e.getMessage());
        terminal.err()
                .println("muster: " + shown(Character.toLowerCase(message.charAt(0)) + message.substring(1)) + "; see "
                        + name + " --help");
        return ExitCode.USAGE.code();
    }

    private static int failed(Terminal terminal, Exception e) throws Exception {
        if (e instanceof CommandFailed failed) {
            terminal.out().flush();
            terminal.err().println("muster: " + shown(String.valueOf(failed.getMessage())));
            return failed.code().code();
        }
        throw e;
    }

    /** Standard error obeys what a line that is written anew needs; what assets wrote is not to use that. */
    private static String shown(String message) {
        return message.lines().map(Table::printable).collect(Collectors.joining(System.lineSeparator()));
    }
}

package dev.muster.agent;

import dev.muster.agent.console.ConsoleLoggers;
import dev.muster.agent.settings.AgentSettings;
import dev.muster.agent.settings.SettingsException;
import dev.muster.agent.settings.SettingsReader;
import dev.muster.agent.state.StateDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** {@code muster agent}: exit code 0 done, 1 failed, 2 usage or configuration, 3 the server refused the enrolment. */
public final class Main {
    private static final System.Logger LOG = System.getLogger(Main.class.getName());

    private Main() {}

    public static void main(String[] args) {
        List<String> arguments = new ArrayList<>(Arrays.asList(args));
        int code;
        try {
            code = run(arguments);
        } catch (SettingsException e) {
            System.err.println("muster agent: " + e.getMessage());
            code = StartRefusal.USAGE;
        } catch (StartRefusal e) {
            System.err.println("muster agent: " + e.getMessage());
            code = e.exitCode();
        } catch (IOException e) {
            System.err.println("muster agent: " + e.getMessage());
            code = StartRefusal.FAILED;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            code = StartRefusal.FAILED;
        }
        System.exit(code);
    }

    private static int run(List<String> arguments) throws StartRefusal, IOException, InterruptedException {
        if (arguments.removeIf(argument -> argument.equals("--help") || argument.equals("-h"))) {
            System.out.println(usage());
            return 0;
        }
        if (arguments.removeIf(argument -> argument.equals("--version"))) {
            System.out.println("muster agent " + Version.text());
            return 0;
        }
        boolean status = !arguments.isEmpty() && arguments.getFirst().equals("status");
        if (status) {
            arguments.removeFirst();
        }
        boolean print = arguments.removeIf(argument -> argument.equals("--print-config"));
        AgentSettings settings = new SettingsReader(Catalog.ALL).read(arguments, System.getenv());
        if (print) {
            System.out.println(settings.print());
            return 0;
        }
        if (status) {
            return showStatus(settings);
        }
        if (settings.get(Catalog.SERVER).isEmpty()) {
            throw new StartRefusal(
                    StartRefusal.USAGE, "no server is named; give --server host[:port] (--help lists all flags)");
        }
        ConsoleLoggers.level(settings.get(Catalog.LOG_LEVEL));
        serve(settings);
        return 0;
    }

    /** 0 when the agent runs and is connected, else 1. */
    private static int showStatus(AgentSettings settings) throws StartRefusal, IOException {
        Path folder = settings.get(Catalog.STATE_DIR);
        Status status = Status.read(folder)
                .orElseThrow(() -> new StartRefusal(
                        StartRefusal.FAILED,
                        "there is no status in " + folder
                                + "; has an agent run there, and is it readable for this user?"));
        boolean runs = StateDirectory.isHeld(folder);
        System.out.println(status.print(runs));
        return runs && status.connected() ? 0 : StartRefusal.FAILED;
    }

    private static void serve(AgentSettings settings) throws StartRefusal, IOException, InterruptedException {
        LOG.log(
                System.Logger.Level.INFO,
                "muster agent {0}, state directory {1}",
                Version.text(),
                settings.get(Catalog.STATE_DIR));
        Agent agent =
                Agent.start(settings, StateDirectory.open(settings.get(Catalog.STATE_DIR)), InstantSource.system());
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(agent, stopped), "signal"));
        stopped.await();
    }

    private static void stop(Agent agent, CountDownLatch stopped) {
        try {
            agent.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "the agent did not end cleanly: {0}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            stopped.countDown();
        }
    }

    private static String usage() {
        StringBuilder text = new StringBuilder("""
                muster agent --server HOST[:PORT] --token TOKEN [flags]   runs; enrols the first time
                muster agent status [--state-dir FOLDER]                  who it is, whether it is connected, what waits
                muster agent --print-config [flags]                       effective settings and where each comes from

                A flag wins over a variable (MUSTER_AGENT_SERVER and so on), a variable over the settings file.

                """);
        text.append(SettingsReader.CONFIG.flag())
                .append("\n    ")
                .append(SettingsReader.CONFIG.sentence())
                .append('\n');
        Catalog.ALL.forEach(setting ->
                text.append("%s  (%s)%n    %s%n".formatted(setting.flag(), setting.kind(), setting.sentence())));
        return text.toString().stripTrailing();
    }
}

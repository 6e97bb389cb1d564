package dev.muster.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The console in a real Chromium, over a fleet of varied assets: beside the bars, which stand on the lines. */
@Command(
        name = "console",
        mixinStandardHelpOptions = true,
        description =
                "Milliseconds to first content and of inputs in Chromium, bytes of scripts, what open consoles cost the server.")
final class ConsoleBench implements Callable<Integer> {
    private static final JsonMapper JSON = new JsonMapper();

    @Option(names = "--assets", defaultValue = "100000", description = "Registered (default 100000).")
    private int assets;

    @Option(names = "--rounds", defaultValue = "10", description = "Of each measurement (default 10).")
    private int rounds;

    @Option(
            names = "--seconds",
            defaultValue = "60",
            description = "For which processor time is counted each time (default 60).")
    private int seconds;

    @Option(names = "--consoles", defaultValue = "50", description = "Open at the same time (default 50).")
    private int consoles;

    @Option(
            names = "--only",
            defaultValue = "",
            description =
                    "Of screens, interactions, dashboards, consoles: these; and names of screens, as dashboards too.")
    private String only = "";

    @Option(
            names = "--messages",
            defaultValue = "20",
            description = "A second by the simulated assets meanwhile (default 20).")
    private int messages;

    @Option(
            names = "--data",
            description = "A directory for the fleet, which is kept: filled once, used again by later runs.")
    private @Nullable Path kept;

    @Override
    public Integer call() throws Exception {
        Path directory = kept == null ? Files.createTempDirectory("muster-bench") : Files.createDirectories(kept);
        Figures figures = new Figures("console", System.out);
        figures.setting("rounds", rounds);
        figures.setting("messages-per-second", messages);
        figures.setting("load-before", Programs.loadAverage());
        try (MusterServer server =
                MusterServer.start(Programs.server(HeardFleet.class), directory.resolve("data"), List.of())) {
            ConsoleWorld world = new ConsoleWorld(server, directory, figures, assets);
            world.fill();
            Process simulator = world.simulate(messages);
            try {
                figures.setting("fleet", world.described());
                boolean measured = measure(server, figures);
                figures.setting("load-after", Programs.loadAverage());
                figures.write(Programs.root());
                return measured ? 0 : 1;
            } finally {
                ConsoleWorld.end(simulator);
            }
        } finally {
            if (kept == null) {
                Programs.delete(directory);
            }
        }
    }

    private boolean measure(MusterServer server, Figures figures) throws IOException, InterruptedException {
        Path console = Programs.root().resolve("console");
        ProcessBuilder script = new ProcessBuilder(
                        "node", console.resolve("scripts/measure.mjs").toString())
                .directory(console.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        script.environment()
                .putAll(Map.of(
                        "MUSTER_SERVER", server.http().toString(),
                        "MUSTER_TOKEN", server.adminToken(),
                        "MUSTER_PID", Long.toString(server.process().pid()),
                        "ROUNDS", Integer.toString(rounds),
                        "SECONDS", Integer.toString(seconds),
                        "CONSOLES", Integer.toString(consoles),
                        "ONLY", only));
        Process running = script.start();
        List<String> missed = new ArrayList<>();
        try (BufferedReader lines = running.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode figure = JSON.readTree(line);
                double value = figure.get("value").asDouble();
                String unit = figure.get("unit").asString();
                if (figure.has("bar")) {
                    double bar = figure.get("bar").asDouble();
                    unit += " (bar " + figure.get("bar").asString() + ")";
                    if (value > bar) {
                        missed.add(figure.get("name").asString());
                    }
                }
                figures.figure(figure.get("name").asString(), value, unit);
            }
        } finally {
            running.descendants().forEach(ProcessHandle::destroy);
            running.destroy();
        }
        figures.setting("bars-missed", missed.isEmpty() ? "none" : String.join(", ", missed));
        return running.waitFor() == 0;
    }
}

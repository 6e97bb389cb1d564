package dev.muster.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
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
    private static final List<String> TYPES = List.of("vehicle", "pos", "sensor", "edge-gpu", "linux-device");
    private static final List<String> REGIONS =
            List.of("eu-west", "eu-north", "us-east", "us-west", "ap-south", "sa-east");
    private static final List<String> RINGS = List.of("canary", "early", "broad", "broad", "broad");

    @Option(names = "--assets", defaultValue = "100000", description = "Registered (default 100000).")
    private int assets;

    @Option(names = "--rounds", defaultValue = "7", description = "Of each measurement; the median counts (default 7).")
    private int rounds;

    @Option(names = "--seconds", defaultValue = "60", description = "For which processor time is counted (default 60).")
    private int seconds;

    @Option(names = "--consoles", defaultValue = "50", description = "Open at the same time (default 50).")
    private int consoles;

    @Override
    public Integer call() throws Exception {
        Path directory = Files.createTempDirectory("muster-bench");
        Figures figures = new Figures("console", System.out);
        figures.setting("assets", assets + ", of 5 types, 6 regions, 400 sites, with 5 labels; 9 of 10 online");
        figures.setting("rounds", rounds);
        figures.setting("load-before", Programs.loadAverage());
        try (MusterServer server = MusterServer.start(directory.resolve("data"))) {
            server.importAssets(fleet());
            answerPresence(server);
            for (int i = 0; i < 300; i++) {
                server.post("/api/v1/incidents", "{\"title\":\"incident " + i + "\",\"severity\":\"minor\"}");
            }
            boolean measured = measure(server, figures);
            figures.setting("load-after", Programs.loadAverage());
            figures.write(Programs.root());
            return measured ? 0 : 1;
        } finally {
            Programs.delete(directory);
        }
    }

    private String fleet() {
        StringBuilder csv = new StringBuilder(
                "id,type,region,site,owner,hardware,lifecycle,label.ring,label.model,label.depot,label.line,label.batch\n");
        for (int i = 0; i < assets; i++) {
            String type = TYPES.get(i % TYPES.size());
            csv.append("%s-%06d,%s,%s,site-%03d,team-%02d,rev-%c,active,%s,m%d,d%d,l%d,b%d%n"
                    .formatted(
                            type,
                            i,
                            type,
                            REGIONS.get(i * 7 % REGIONS.size()),
                            i * 13 % 400,
                            i % 40,
                            (char) ('a' + i % 3),
                            RINGS.get(i % RINGS.size()),
                            i % 9,
                            i % 100,
                            i % 17,
                            i / 1000));
        }
        return csv.toString();
    }

    /** As if nine of ten had sent something a moment ago; nothing here connects. */
    private static void answerPresence(MusterServer server) throws IOException, SQLException {
        try (Connection database = server.database();
                Statement statement = database.createStatement()) {
            statement.execute("""
                    insert into asset_presence (asset, presence, since, reason, last_seen)
                    select id, case when n % 10 < 9 then 'online' when n % 20 = 9 then 'stale' else 'offline' end, now(), 'message', now()
                    from (select id, row_number() over (order by id) as n from asset) as numbered
                    on conflict (asset) do nothing
                    """);
            statement.execute("analyze");
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
                        "CONSOLES", Integer.toString(consoles)));
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

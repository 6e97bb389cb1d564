package dev.muster.bench;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** How long questions take over REST, beside the same questions put to QuestDB itself. */
@Command(name = "query", mixinStandardHelpOptions = true, description = "Milliseconds of queries over REST.")
final class QueryBench implements Callable<Integer> {
    private static final int DEPOTS = 100;
    private static final Duration NORMALLY_BEHIND = Duration.ofMinutes(5);

    @Option(names = "--assets", defaultValue = "100000", description = "Registered, with an hour's data (100000).")
    private int assets;

    @Option(names = "--days", defaultValue = "1000", description = "Assets of them with a day's data (1000).")
    private int dayAssets;

    @Option(names = "--pace", defaultValue = "30", description = "Seconds between readings of the day (30).")
    private int pace;

    @Option(names = "--hour-pace", defaultValue = "60", description = "Seconds between readings of all (60).")
    private int hourPace;

    @Option(names = "--rounds", defaultValue = "200", description = "Times that each is asked (200).")
    private int rounds;

    @Option(
            names = "--warm-up",
            defaultValue = "1000",
            description = "Times that each is asked before; the slowest of the first hundred is said (1000).")
    private int warmUp;

    @Option(names = "--only", paramLabel = "QUESTION", description = "day, latest-page, group or groups (all of them).")
    private @Nullable String only;

    @Option(names = "--keep", description = "Keep the data directory.")
    private boolean keep;

    private interface Question {
        void ask(int round) throws Exception;
    }

    @Override
    public Integer call() throws Exception {
        Path directory = Files.createTempDirectory("muster-bench");
        Path data = directory.resolve("data");
        Figures figures = new Figures("query", System.out);
        long now = System.currentTimeMillis();
        long dayAgo = now - Duration.ofDays(1).toMillis();
        long hourAgo = now - Duration.ofHours(1).toMillis();
        try {
            try (MusterServer server = MusterServer.start(data)) {
                server.importAssets(QueryData.TYPE, assets, DEPOTS);
            }
            long begun = System.nanoTime();
            try (QueryData fill = new QueryData(data.resolve("questdb"))) {
                fill.fill(dayAssets, dayAgo, hourAgo, Duration.ofSeconds(pace));
                fill.fill(assets, hourAgo, now, Duration.ofSeconds(hourPace));
                figures.setting(
                        "rows",
                        fill.rows() + " of 8 metrics, " + assets + " assets of which " + dayAssets
                                + " have a day; each question asked " + warmUp + " times before and " + rounds
                                + " times measured");
            }
            figures.setting("filled", "%.0f s".formatted((System.nanoTime() - begun) / 1e9));
            try (MusterServer server = MusterServer.start(data)) {
                awaitLatest(server);
                awaitSums(server);
                figures.setting("load", Programs.loadAverage());
                ask(figures, server, dayAgo, hourAgo, now);
            }
            reference(figures, data.resolve("questdb"), dayAgo, hourAgo, now);
            figures.write(Programs.root());
            return 0;
        } finally {
            if (keep) {
                System.out.println("kept " + directory);
            } else {
                Programs.delete(directory);
            }
        }
    }

    /** After a start the newest values are read back; they are asked for afterwards. */
    private static void awaitLatest(MusterServer server) throws Exception {
        while (server.metric("muster_telemetry_latest_restoring") > 0) {
            Thread.sleep(Duration.ofMillis(500));
        }
    }

    /** As they are on a server that runs: some minutes behind. */
    private static void awaitSums(MusterServer server) throws Exception {
        while (!(server.metric("muster_telemetry_summed_behind_seconds") < NORMALLY_BEHIND.toSeconds())) {
            Thread.sleep(Duration.ofMillis(500));
        }
    }

    private void ask(Figures figures, MusterServer server, long dayAgo, long hourAgo, long now) throws Exception {
        measure(figures, "query.day", "one asset's day in steps of a minute", round -> {
            JsonNode answer = server.get("/api/v1/assets/" + QueryData.id(round % dayAssets)
                    + "/telemetry?metrics=speed&step=1m&from=" + dayAgo + "&to=" + now);
            require(answer.at("/series/0/points").size() > 1000, "a day has its minutes");
        });
        String all = encoded("asset.type == '" + QueryData.TYPE + "'");
        measure(figures, "query.latest-page", "1,000 newest values of a selector of all assets", round -> {
            JsonNode answer = server.get("/api/v1/telemetry/latest?metrics=speed&limit=1000&selector=" + all);
            require(answer.get("items").size() == Math.min(assets, 1000), "a page is full");
        });
        measure(
                figures,
                "query.group",
                "percentiles of a group, a hundredth of the assets, an hour in one step",
                round -> {
                    JsonNode answer = server.get("/api/v1/telemetry/aggregate?metric=speed&step=1d&from=" + hourAgo
                            + "&to=" + now + "&selector=" + encoded("asset.labels.depot == 'd" + round % DEPOTS + "'"));
                    require(answer.at("/groups/0/points").size() > 0, "a group has values");
                });
        measure(figures, "query.groups", "percentiles of all assets by label, an hour in steps of 5 minutes", round -> {
            JsonNode answer = server.get(
                    "/api/v1/telemetry/aggregate?metric=speed&step=5m&by=labels.depot&from=" + hourAgo + "&to=" + now);
            require(answer.get("groups").size() == DEPOTS, "every depot is a group");
        });
    }

    private void reference(Figures figures, Path questdb, long dayAgo, long hourAgo, long now) throws Exception {
        String table = "'telemetry_" + QueryData.TYPE + "'";
        try (BareQuestDb bare = new BareQuestDb(questdb)) {
            measure(
                    figures,
                    "reference.questdb.day",
                    "the same from the sums of minutes, in QuestDB itself",
                    round -> require(
                            bare.query("SELECT ts, readings, lowest, highest, total, newest FROM 'minutes_"
                                            + QueryData.TYPE + "' WHERE asset = '"
                                            + QueryData.id(round % dayAssets)
                                            + "' AND metric = 'm_speed' AND " + between(dayAgo, now)
                                            + " ORDER BY ts")
                                    > 1000,
                            "a day has its minutes"));
            measure(
                    figures,
                    "reference.questdb.readings",
                    "the same from the readings, in QuestDB itself",
                    round -> require(
                            bare.query(
                                            "SELECT timestamp_floor('1m', ts) step, count(m_speed), min(m_speed), max(m_speed),"
                                                    + " avg(m_speed), last_not_null(m_speed) FROM " + table
                                                    + " WHERE asset = '"
                                                    + QueryData.id(round % dayAssets) + "' AND " + between(dayAgo, now)
                                                    + " GROUP BY step ORDER BY step")
                                    > 1000,
                            "a day has its minutes"));
            measure(
                    figures,
                    "reference.questdb.percentiles",
                    "of all assets in steps of 5 minutes, in QuestDB itself",
                    _ -> require(
                            bare.query(
                                            "SELECT timestamp_floor('5m', ts) step, count(m_speed), min(m_speed), max(m_speed),"
                                                    + " avg(m_speed), approx_percentile(m_speed, 0.5, 2),"
                                                    + " approx_percentile(m_speed, 0.9, 2), approx_percentile(m_speed, 0.99, 2)"
                                                    + " FROM " + table + " WHERE " + between(hourAgo, now)
                                                    + " GROUP BY step ORDER BY step")
                                    > 10,
                            "an hour has its steps"));
        }
    }

    private static String between(long from, long to) {
        return "ts >= " + from * 1000 + " AND ts < " + to * 1000;
    }

    /** Warm, as on a server that people use all day, and what the first of the day waits for. */
    private void measure(Figures figures, String name, String what, Question question) throws Exception {
        if (only != null && !name.equals("query." + only) && !name.startsWith("reference.")) {
            return;
        }
        double[] first = millis(question, 0, Math.min(warmUp, 100));
        millis(question, first.length, warmUp - first.length);
        double[] warm = millis(question, warmUp, rounds);
        figures.figure(name + ".p50", warm[rounds / 2], "ms (" + what + ")");
        figures.figure(name + ".p99", warm[Math.min(rounds - 1, rounds * 99 / 100)], "ms");
        if (first.length > 0) {
            figures.figure(
                    name + ".first", first[first.length - 1], "ms (the slowest of the first " + first.length + ")");
        }
    }

    private static double[] millis(Question question, int from, int count) throws Exception {
        double[] millis = new double[count];
        for (int i = 0; i < count; i++) {
            long begun = System.nanoTime();
            question.ask(from + i);
            millis[i] = (System.nanoTime() - begun) / 1e6;
        }
        Arrays.sort(millis);
        return millis;
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new IllegalStateException(
                    "the answer is not what was asked for: " + what + " (" + Instant.now() + ")");
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}

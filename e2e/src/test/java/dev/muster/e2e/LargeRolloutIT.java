package dev.muster.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.PGConnection;
import tools.jackson.databind.JsonNode;

/**
 * A rollout over as many assets as PostgreSQL holds, killed with -9 on its way. The assets are not connected: {@link
 * AnsweringServer} says how they answer. {@code -Drollout.assets=1000000} is the full size (docs/performance.md).
 */
@EnabledIfSystemProperty(
        named = "rollout.assets",
        matches = "\\d+",
        disabledReason = "takes minutes; -Drollout.assets=1000000 runs it, 3000 is a first try")
class LargeRolloutIT {
    private static final int ASSETS = Integer.getInteger("rollout.assets", 3_000);
    private static final int IN_FLIGHT = Math.clamp(ASSETS / 5, 100, 20_000);
    private static final double KILL_AT = 0.4;
    private static final Duration BOUND = Duration.ofMinutes(Math.max(10, ASSETS / 5_000));
    private static final int COPY_CHUNK = 50_000;
    private static final long STARTED = System.nanoTime();

    private static final String TEMPLATE = "large-template";

    private static final String ROLLOUT = """
            apiVersion: muster.dev/v1
            kind: Rollout
            metadata: {name: large}
            spec:
              selector: asset.labels.fleet == 'large'
              change: {release: {component: app, version: "1.5.0"}}
              waves:
                - {name: canary, percent: 1%%}
                - {name: early, percent: 10%%}
                - {name: all, percent: 100%%}
              maxInFlight: %d
              evidence: confirmed
            """.formatted(IN_FLIGHT);

    @TempDir
    Path folder;

    @Test
    void everyTargetIsChangedOnceAlthoughTheServerIsKilledOnTheWay() throws Exception {
        say("%,d assets, at most %,d in flight", ASSETS, IN_FLIGHT);
        try (ServerProcess server = new ServerProcess(
                folder.resolve("data"),
                Map.of(),
                List.of(),
                flags -> Programs.asServer(AnsweringServer.class, flags))) {
            server.start();
            publish(server);
            fill(server);
            server.apply(ROLLOUT);

            long begun = System.nanoTime();
            JsonNode plan = server.get("/api/v1/rollouts/large/plan?examples=1");
            say("planned after %.1f s; resident %d MiB", seconds(begun), resident(server));
            assertThat(plan.path("targets").asInt()).as(plan.toString()).isEqualTo(ASSETS);

            begun = System.nanoTime();
            server.post("/api/v1/rollouts/large/start", Map.of());
            say("started after %.1f s; resident %d MiB", seconds(begun), resident(server));

            Pages pages = new Pages(server);
            Progress progress = new Progress(server);
            progress.until(KILL_AT);
            pages.stop();
            killed(server, progress);
            pages.start();
            progress.until(1);
            pages.stop();
            JsonNode ended = Await.until(
                    "the rollout has ended",
                    BOUND,
                    () -> Optional.of(status(server))
                            .filter(status -> !status.path("phase").asString().equals("running")));
            say("ended after %.1f s: %s", progress.seconds(), ended.path("counts"));
            say("resident at most %d MiB", resident(server));
            pages.say();

            assertThat(ended.path("phase").asString()).isEqualTo("completed");
            assertThat(counts(ended)).isEqualTo(Map.of("succeeded", ASSETS));
            checkTables(server);
            pages.check();
        }
    }

    private void publish(ServerProcess server) throws Exception {
        CommandLine muster = new CommandLine(server, folder.resolve("cli"));
        ReleaseWorkshop workshop = new ReleaseWorkshop(muster, folder.resolve("releases"), "app");
        Path artifact = Files.writeString(folder.resolve("app.tar"), "the new version");
        workshop.publish("app", "1.5.0", artifact.toString());
    }

    /** Rows as the server makes them itself: one asset is created and reports, the others are its copies, of three versions. */
    private static void fill(ServerProcess server) throws Exception {
        long begun = System.nanoTime();
        server.post("/api/v1/assets", Map.of("id", TEMPLATE, "type", "sensor"));
        Await.that(
                "the template has a desired state",
                BOUND,
                () -> server.find("/api/v1/assets/" + TEMPLATE + "/twin")
                        .filter(twin -> twin.path("desired").isObject())
                        .isPresent());
        try (Connection database = server.database();
                Statement statement = database.createStatement()) {
            long version = copyAssets(database, statement);
            statement.execute("""
                    insert into twin_desired (asset, generation, content, origins, changed, reason, asset_version)
                    select a.id, d.generation, d.content, d.origins, d.changed, d.reason, a.resource_version
                    from twin_desired d cross join asset a where d.asset = '%s' and a.resource_version > %d""".formatted(TEMPLATE, version));
            statement.execute("""
                    insert into twin_reported (asset, journal_offset, generation, received, boot_id, config, software, updates,
                                               hash, compared, since)
                    select a.id, -1, d.generation, now(), 'b-1', (x.body::json -> 'config'),
                           jsonb_build_object('firmware', '3.2.0', 'app',
                               case when a.resource_version %% 3 = 0 then '1.4.2' when a.resource_version %% 3 = 1 then '1.4.1' else '1.3.0' end),
                           '{}', '', d.generation, now()
                    from asset a join twin_desired d on d.asset = a.id join twin_text x on x.id = d.content
                    where a.resource_version > %d""".formatted(version));
            statement.execute("""
                    update asset a set software = r.software, drift = 0 from twin_reported r
                    where r.asset = a.id and a.resource_version > %d""".formatted(version));
            statement.execute("analyze asset");
            statement.execute("analyze twin_desired");
            statement.execute("analyze twin_reported");
        }
        say("filled after %.1f s", seconds(begun));
    }

    /** @return the version after which theirs begin */
    private static long copyAssets(Connection database, Statement statement) throws SQLException, IOException {
        long version = number(statement, "select nextval('resource_version')");
        number(statement, "select setval('resource_version', " + (version + ASSETS) + ")");
        var copy = database.unwrap(PGConnection.class).getCopyAPI();
        for (int begin = 0; begin < ASSETS; begin += COPY_CHUNK) {
            StringBuilder rows = new StringBuilder();
            for (int i = begin; i < Math.min(begin + COPY_CHUNK, ASSETS); i++) {
                rows.append(String.format(
                        Locale.ROOT,
                        "sensor-%07d\tsensor\t{\"fleet\":\"large\",\"line\":\"%d\"}\tplant-%d\trev-a\tactive\t"
                                + "2026-01-01\t2026-01-01\t2026-01-01\t%d%n",
                        i,
                        i % 40,
                        i % 100,
                        version + 1 + i));
            }
            copy.copyIn(
                    "copy asset (id, type, labels, site, hardware, lifecycle, presence_since, created, updated, resource_version)"
                            + " from stdin",
                    new StringReader(rows.toString()));
        }
        return version;
    }

    /** What the server says is also what its tables hold, and nobody was given a second order. */
    private static void checkTables(ServerProcess server) throws Exception {
        try (Connection database = server.database();
                Statement statement = database.createStatement()) {
            assertThat(number(statement, "select count(*) from rollout_target where stage = 8"))
                    .isEqualTo(ASSETS);
            assertThat(number(statement, "select count(*) from rollout_target where attempt <> 1"))
                    .isZero();
            assertThat(number(statement, "select count(*) from rollout_step where stage = 2"))
                    .isEqualTo(ASSETS);
            assertThat(number(statement, "select count(*) from rollout_step where stage = 8"))
                    .isEqualTo(ASSETS);
            assertThat(number(
                            statement,
                            "select count(*) from twin_reported where software ->> 'app' = '1.5.0'"
                                    + " and updates -> 'app' ->> 'previous' in ('1.4.2', '1.4.1', '1.3.0')"))
                    .isEqualTo(ASSETS);
            assertThat(number(
                            statement,
                            "select count(*) from rollout_target t join twin_reported r on r.asset = t.asset"
                                    + " where t.previous <> r.updates -> 'app' ->> 'previous'"))
                    .isZero();
        }
    }

    private static void killed(ServerProcess server, Progress progress) throws Exception {
        say("resident at most %d MiB until the kill", resident(server));
        server.kill9();
        JsonNode before = progress.last();
        long begun = System.nanoTime();
        server.start();
        say("killed with -9 at %.1f %%, ready again after %.1f s", progress.percent(), seconds(begun));
        JsonNode after = status(server);
        assertThat(done(after))
                .as("nothing that was told is lost: %s, then %s", before, after)
                .isGreaterThanOrEqualTo(done(before));
        Await.that("the rollout goes on", BOUND, () -> done(status(server)) > done(after));
        say("goes on after %.1f s", seconds(begun));
    }

    private static JsonNode status(ServerProcess server) throws Exception {
        return server.get("/api/v1/rollouts/large").path("status");
    }

    private static int done(JsonNode status) {
        return status.path("counts").path("succeeded").asInt(0);
    }

    private static Map<String, Integer> counts(JsonNode status) {
        Map<String, Integer> counts = new TreeMap<>();
        status.path("counts").forEachEntry((stage, count) -> counts.put(stage, count.asInt()));
        return counts;
    }

    /** Says each tenth, and how fast it went: a step that grew with the fleet would show as slower tenths or a larger N. */
    private static final class Progress {
        private final ServerProcess server;
        private final long begun = System.nanoTime();
        private JsonNode last;
        private int tenth;
        private long tenthAt = begun;
        private int tenthDone;

        Progress(ServerProcess server) throws Exception {
            this.server = server;
            this.last = status(server);
        }

        void until(double share) throws Exception {
            Await.that("%.0f %% are done".formatted(share * 100), BOUND, () -> {
                last = status(server);
                if (!last.path("phase").asString().equals("running") && done(last) < ASSETS) {
                    throw new AssertionError("the rollout does not run: " + last);
                }
                while (done(last) >= (tenth + 1L) * ASSETS / 10 && tenth < 10) {
                    tenth++;
                    say(
                            "%d0 %% after %.1f s, %.0f targets/s since the last tenth; %s",
                            tenth,
                            seconds(),
                            (done(last) - tenthDone) / LargeRolloutIT.seconds(tenthAt),
                            last.path("counts"));
                    tenthAt = System.nanoTime();
                    tenthDone = done(last);
                }
                Thread.sleep(200);
                return done(last) >= share * ASSETS;
            });
        }

        JsonNode last() {
            return last;
        }

        double percent() {
            return done(last) * 100.0 / ASSETS;
        }

        double seconds() {
            return LargeRolloutIT.seconds(begun);
        }
    }

    /** Asks for the pages that the console shows of a rollout, again and again while it moves. */
    private static final class Pages {
        private static final Map<String, String> PATHS = paths();

        private final ServerProcess server;
        private final Map<String, List<Double>> millis = new ConcurrentHashMap<>();
        private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
        private volatile boolean stopped;
        private Thread thread;

        private static Map<String, String> paths() {
            Map<String, String> paths = new LinkedHashMap<>();
            paths.put("list", "/api/v1/rollouts?live=true");
            paths.put("rollout", "/api/v1/rollouts/large");
            paths.put("targets", "/api/v1/rollouts/large/targets?limit=100");
            paths.put("targets deep", "/api/v1/rollouts/large/targets?limit=100&continue=" + token(ASSETS / 2));
            paths.put("targets of a stage", "/api/v1/rollouts/large/targets?limit=100&stage=succeeded");
            paths.put("targets of a stage that has none", "/api/v1/rollouts/large/targets?limit=100&stage=failed");
            paths.put("targets by reason", "/api/v1/rollouts/large/targets?limit=100&reason=wrong_version");
            paths.put("targets of a wave", "/api/v1/rollouts/large/targets?limit=100&wave=all");
            paths.put("target", "/api/v1/rollouts/large/targets/sensor-0000007");
            paths.put("decisions", "/api/v1/rollouts/large/decisions?limit=100");
            return paths;
        }

        /** Of the page that begins after this place in the order. */
        private static String token(int ord) {
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(Integer.toString(ord).getBytes(StandardCharsets.UTF_8));
        }

        Pages(ServerProcess server) {
            this.server = server;
            this.thread = begin();
        }

        private Thread begin() {
            stopped = false;
            return Thread.ofPlatform().daemon().start(() -> {
                try {
                    while (!stopped) {
                        for (Map.Entry<String, String> page : PATHS.entrySet()) {
                            long asked = System.nanoTime();
                            server.get(page.getValue());
                            millis.computeIfAbsent(page.getKey(), key -> new ArrayList<>())
                                    .add((System.nanoTime() - asked) / 1e6);
                            Thread.sleep(ASSETS < 10_000 ? 5 : 50);
                        }
                    }
                } catch (Exception | AssertionError e) {
                    failure.compareAndSet(null, new IllegalStateException("a page cannot be had", e));
                }
            });
        }

        void start() {
            thread = begin();
        }

        void stop() throws InterruptedException {
            stopped = true;
            thread.join();
        }

        void say() {
            PATHS.keySet()
                    .forEach(page -> LargeRolloutIT.say(
                            "page %-33s %,5d times, p50 %6.1f ms, p95 %6.1f ms, most %6.1f ms",
                            page,
                            millis.getOrDefault(page, List.of()).size(),
                            quantile(page, 0.5),
                            quantile(page, 0.95),
                            quantile(page, 1)));
        }

        private double quantile(String page, double share) {
            List<Double> sorted =
                    millis.getOrDefault(page, List.of()).stream().sorted().toList();
            return sorted.isEmpty()
                    ? 0
                    : sorted.get((int) Math.min(sorted.size() - 1, Math.floor(share * sorted.size())));
        }

        void check() {
            assertThat(failure.get()).isNull();
            assertThat(millis.keySet()).isEqualTo(PATHS.keySet());
        }
    }

    private static long number(Statement statement, String sql) throws SQLException {
        try (ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    /** High water of the process in MiB, as the kernel counts it. */
    private static long resident(ServerProcess server) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + server.pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .map(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                .findFirst()
                .orElseThrow();
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }

    private static void say(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, "large rollout [%.0f s]: ", seconds(STARTED))
                + String.format(Locale.ROOT, format, values));
    }
}

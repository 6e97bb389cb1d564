package dev.muster.bench;

import dev.muster.gateway.journal.EntryKind;
import dev.muster.gateway.journal.Journal;
import dev.muster.gateway.journal.JournalFailure;
import dev.muster.main.SettingsCatalog;
import dev.muster.platform.config.SettingsReader;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.PayloadFormat;
import dev.muster.protocol.Uplink.StateReport;
import dev.muster.protocol.Uplink.Update;
import dev.muster.protocol.Uplink.Update.State;
import dev.muster.protocol.UplinkCodec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * The server as it is shipped, and in its process a fleet too large for sockets on one machine: whoever has an order tells how far he
 * is, by reports that are offered to the journal as the device plane does. From the journal on everything is the server's own: what
 * is written, synced, consumed, compared, nudged, decided. Left out are sockets, TLS, the downlink and downloads.
 *
 * <p>It remembers nothing that matters: after a kill it answers those whose order is still unanswered.
 */
final class AnsweringFleet {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int PAGE = 4_000;
    private static final int REMEMBERED = 200_000;
    private static final int UNACKNOWLEDGED = 20_000;
    private static final long AGAIN_NANOS = 60_000_000_000L;

    /** Stages as they are stored, and what a target in that stage says next. */
    private static final Map<Integer, State> THREE_REPORTS =
            Map.of(2, State.DOWNLOADING, 3, State.DOWNLOADING, 4, State.INSTALLED, 5, State.SUCCEEDED);

    private static final Map<Integer, State> ONE_REPORT = Map.of(2, State.SUCCEEDED);

    private final JdbcTemplate database;
    private final Journal journal;
    private final Map<Integer, State> says;
    private final Semaphore unacknowledged = new Semaphore(UNACKNOWLEDGED);
    private Map<String, Object> config = Map.of();

    /** When each thing was said; what is not heard of for long is said again. */
    private final Map<String, Long> said = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
            return size() > REMEMBERED;
        }
    };

    private AnsweringFleet(dev.muster.main.MusterServer server, Map<Integer, State> says) {
        this.database = server.bean(JdbcTemplate.class);
        this.journal = server.bean(Journal.class);
        this.says = says;
    }

    /** The command line of one, with the memory, the collector and the compiler that the launcher gives a server. */
    static List<String> program(boolean progress) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:InitialHeapSize=256m",
                "-XX:MinHeapSize=64m",
                "-Xmx1g",
                "-XX:+UseG1GC",
                "-XX:G1PeriodicGCInterval=30000",
                "-XX:MinHeapFreeRatio=30",
                "-XX:MaxHeapFreeRatio=60",
                "-XX:MaxMetaspaceSize=256m",
                "-XX:ReservedCodeCacheSize=96m",
                "-XX:MaxDirectMemorySize=512m",
                "-XX:+ExitOnOutOfMemoryError",
                "--sun-misc-unsafe-memory-access=allow",
                "--enable-native-access=ALL-UNNAMED",
                "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                AnsweringFleet.class.getName(),
                progress ? "progress" : "outcome");
    }

    public static void main(String[] arguments) throws InterruptedException {
        List<String> flags = Arrays.asList(arguments).subList(1, arguments.length);
        dev.muster.main.MusterServer server = dev.muster.main.MusterServer.start(
                new SettingsReader(SettingsCatalog.ALL).read(flags, System.getenv()));
        Runtime.getRuntime().addShutdownHook(new Thread(server::close));
        new AnsweringFleet(server, arguments[0].equals("progress") ? THREE_REPORTS : ONE_REPORT).live();
    }

    /** A target that has something to say. */
    private record Told(
            int ord, String asset, int stage, long generation, String attempt, String version, String previous) {}

    private void live() throws InterruptedException {
        while (true) {
            int heard = 0;
            try {
                config = config.isEmpty() ? desired() : config;
                for (int rollout : database.queryForList("select id from rollout where live", Integer.class)) {
                    for (Map.Entry<Integer, State> each : says.entrySet()) {
                        heard += stage(rollout, each.getKey(), each.getValue());
                    }
                }
            } catch (DataAccessException away) {
                System.err.println("the fleet cannot read what it is told: " + away.getMessage());
            }
            if (heard == 0) {
                Thread.sleep(50);
            }
        }
    }

    /** All are desired the same configuration, and have it. */
    private Map<String, Object> desired() {
        List<@Nullable String> found = database.queryForList(
                "select config::text from twin_reported where asset = ?", String.class, RolloutAssets.id(0));
        String config = found.isEmpty() ? null : found.getFirst();
        return config == null ? Map.of() : JSON.readValue(config, new TypeReference<>() {});
    }

    private int stage(int rollout, int stage, State says) throws InterruptedException {
        int after = -1;
        int heard = 0;
        List<Told> page;
        do {
            page = page(rollout, stage, after);
            for (Told each : page) {
                heard += say(each, says) ? 1 : 0;
            }
            after = page.isEmpty() ? after : page.getLast().ord();
        } while (page.size() == PAGE);
        return heard;
    }

    private List<Told> page(int rollout, int stage, int after) {
        List<Told> page = new ArrayList<>();
        database.query(
                """
                select t.ord, t.asset, t.stage, d.generation, s.attempt, s.version, t.previous
                from (select ord, asset, stage, previous, component from rollout_target
                      where (rollout, stage, ord) > (?, ?, ?) and (rollout, stage) <= (?, ?)
                      order by rollout, stage, ord limit ?) t
                join twin_desired d on d.asset = t.asset
                join twin_software s on s.asset = t.asset and s.component = t.component order by t.ord""",
                row -> {
                    page.add(new Told(
                            row.getInt("ord"),
                            row.getString("asset"),
                            row.getInt("stage"),
                            row.getLong("generation"),
                            row.getString("attempt"),
                            row.getString("version"),
                            row.getString("previous")));
                },
                rollout,
                stage,
                after,
                rollout,
                stage,
                PAGE);
        return page;
    }

    private boolean say(Told told, State state) throws InterruptedException {
        String what = told.attempt() + " " + state;
        long now = System.nanoTime();
        Long before = said.get(what);
        if (before != null && now - before < AGAIN_NANOS) {
            return false;
        }
        said.put(what, now);
        unacknowledged.acquire();
        StateReport report = report(told, state);
        while (!journal.offer(
                System.currentTimeMillis(),
                new AssetId(told.asset()),
                EntryKind.STATE_REPORTED,
                "",
                PayloadFormat.JSON,
                UplinkCodec.encode(report, PayloadFormat.JSON),
                report,
                acknowledged())) {
            Thread.sleep(20);
        }
        return true;
    }

    private StateReport report(Told told, State state) {
        boolean done = state == State.SUCCEEDED;
        return new StateReport(
                System.currentTimeMillis(),
                told.generation(),
                config,
                Map.of("firmware", "3.2.0", RolloutAssets.COMPONENT, done ? told.version() : told.previous()),
                Map.of(
                        RolloutAssets.COMPONENT,
                        new Update(told.version(), state, null, null, told.previous(), told.attempt())),
                null,
                RolloutAssets.boot(done ? told.version() : told.previous()));
    }

    private Journal.Ack acknowledged() {
        return new Journal.Ack() {
            @Override
            public void durable(long offset) {
                unacknowledged.release();
            }

            @Override
            public void failed(JournalFailure failure) {
                unacknowledged.release();
            }
        };
    }
}

package dev.muster.bench;

import dev.muster.gateway.journal.EntryKind;
import dev.muster.gateway.journal.Journal;
import dev.muster.gateway.journal.JournalFailure;
import dev.muster.main.SettingsCatalog;
import dev.muster.platform.config.SettingsReader;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.PayloadFormat;
import dev.muster.protocol.Uplink;
import dev.muster.protocol.Uplink.Heartbeat;
import dev.muster.protocol.Uplink.StateReport;
import dev.muster.protocol.Uplink.Update;
import dev.muster.protocol.Uplink.Update.State;
import dev.muster.protocol.UplinkCodec;
import dev.muster.rollout.engine.Stage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
    /** Asking what all in flight were told is the fleet's own cost, and none of the server's; assets would not ask at all. */
    private static final int LOOK_EVERY_MILLIS = 2_000;

    private static final int REMEMBERED = 100_000;
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
    private final Map<Long, Long> said = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Long> eldest) {
            return size() > REMEMBERED;
        }
    };

    private final Map<Long, Told> told = new HashMap<>();
    private final Map<Integer, Change> changes = new HashMap<>();

    private AnsweringFleet(dev.muster.main.MusterServer server, Map<Integer, State> says) {
        this.database = server.bean(JdbcTemplate.class);
        this.journal = server.bean(Journal.class);
        this.says = says;
    }

    /** The command line of one. */
    static List<String> program(boolean progress) {
        return Programs.server(AnsweringFleet.class, progress ? "progress" : "outcome");
    }

    public static void main(String[] arguments) throws InterruptedException {
        List<String> flags = Arrays.asList(arguments).subList(1, arguments.length);
        dev.muster.main.MusterServer server = dev.muster.main.MusterServer.start(
                new SettingsReader(SettingsCatalog.ALL).read(flags, System.getenv()));
        Runtime.getRuntime().addShutdownHook(new Thread(server::close));
        new AnsweringFleet(server, arguments[0].equals("progress") ? THREE_REPORTS : ONE_REPORT).live();
    }

    /** What a rollout tells all of its targets. @param attempt without the number of the try */
    private record Change(String attempt, String version) {}

    /** What a target was told when its order was read, which it remembers until it has told its outcome. */
    private record Told(String asset, long generation, String attempt, String version, String previous) {}

    private void live() throws InterruptedException {
        appear();
        while (true) {
            try {
                config = config.isEmpty() ? desired() : config;
                for (int rollout : database.queryForList("select id from rollout where live", Integer.class)) {
                    for (Map.Entry<Integer, List<Integer>> each :
                            standing(rollout).entrySet()) {
                        State next = says.get(each.getKey());
                        if (next != null) {
                            answer(rollout, each.getValue(), next);
                        }
                    }
                }
            } catch (DataAccessException away) {
                System.err.println("the fleet cannot read what it is told: " + away.getMessage());
            }
            Thread.sleep(LOOK_EVERY_MILLIS);
        }
    }

    /** Whoever is there and was never heard of gives a sign of life: a fleet is online before it is changed. */
    private void appear() throws InterruptedException {
        Heartbeat heartbeat = new Heartbeat(null, null, Map.of());
        byte[] payload = UplinkCodec.encode(heartbeat, PayloadFormat.JSON);
        for (@Nullable String asset : database.queryForList(
                "select id from asset where presence = 'never_seen' and labels ->> '" + RolloutAssets.LABEL
                        + "' is not null",
                String.class)) {
            say(new AssetId(Objects.requireNonNull(asset)), EntryKind.HEARTBEAT, heartbeat, payload);
        }
    }

    /** All are desired the same configuration, and have it. */
    private Map<String, Object> desired() {
        List<@Nullable String> found = database.queryForList(
                "select config::text from twin_reported where asset = ?", String.class, RolloutAssets.id(0));
        String config = found.isEmpty() ? null : found.getFirst();
        return config == null ? Map.of() : JSON.readValue(config, new TypeReference<>() {});
    }

    private void answer(int rollout, List<Integer> ords, State state) throws InterruptedException {
        long now = System.nanoTime();
        List<Integer> quiet = new ArrayList<>();
        for (int ord : ords) {
            Long before = said.get(key(rollout, ord, state));
            if (before == null || now - before > AGAIN_NANOS) {
                quiet.add(ord);
            }
        }
        for (int i = 0; i < quiet.size(); i += PAGE) {
            List<Integer> page = quiet.subList(i, Math.min(quiet.size(), i + PAGE));
            Map<Integer, Told> read = read(
                    rollout,
                    page.stream()
                            .filter(ord -> !told.containsKey(key(rollout, ord, null)))
                            .toList());
            for (int ord : page) {
                Told each = read.getOrDefault(ord, told.get(key(rollout, ord, null)));
                if (each != null) {
                    said.put(key(rollout, ord, state), now);
                    if (state == State.SUCCEEDED) {
                        told.remove(key(rollout, ord, null));
                    } else {
                        told.put(key(rollout, ord, null), each);
                    }
                    say(each, state);
                }
            }
        }
    }

    /** Spread over all bits: a hash map goes by the low ones. */
    private static long key(int rollout, int ord, @Nullable State state) {
        return (((long) rollout << 36) + ((long) ord << 4) + (state == null ? 15 : state.ordinal()))
                * 0x9E3779B97F4A7C15L;
    }

    /** What is in flight, by stage; by the index on lanes alone. */
    private Map<Integer, List<Integer>> standing(int rollout) {
        Map<Integer, List<Integer>> standing = new HashMap<>();
        database.query(
                "select stage, ord from rollout_target where lane = ? order by ord",
                row -> {
                    standing.computeIfAbsent(row.getInt(1), stage -> new ArrayList<>())
                            .add(row.getInt(2));
                },
                Stage.ORDERED.lane(rollout));
        return standing;
    }

    /** Which component and version it is of, and how its attempts are named, is said by the rollout and not of each target. */
    private Map<Integer, Told> read(int rollout, List<Integer> ords) {
        Map<Integer, Told> read = new HashMap<>();
        if (!ords.isEmpty()) {
            Change change = changes.computeIfAbsent(rollout, this::change);
            database.query(
                    """
                    select t.ord, t.asset, d.generation, t.attempt, t.previous
                    from rollout_target t join twin_desired d on d.asset = t.asset
                    where t.rollout = ? and t.ord = any(?)""",
                    row -> {
                        read.put(
                                row.getInt(1),
                                new Told(
                                        row.getString(2),
                                        row.getLong(3),
                                        change.attempt() + "." + row.getInt(4),
                                        change.version(),
                                        row.getString(5)));
                    },
                    rollout,
                    ords.toArray(Integer[]::new));
        }
        return read;
    }

    private Change change(int rollout) {
        return Objects.requireNonNull(database.queryForObject(
                "select name || '.' || id, spec -> 'change' -> 'release' ->> 'version' from rollout where id = ?",
                (row, _) -> new Change(row.getString(1), row.getString(2)),
                rollout));
    }

    private void say(Told told, State state) throws InterruptedException {
        StateReport report = report(told, state);
        say(
                new AssetId(told.asset()),
                EntryKind.STATE_REPORTED,
                report,
                UplinkCodec.encode(report, PayloadFormat.JSON));
    }

    private void say(AssetId asset, EntryKind kind, Uplink uplink, byte[] payload) throws InterruptedException {
        unacknowledged.acquire();
        while (!journal.offer(
                System.currentTimeMillis(), asset, kind, "", PayloadFormat.JSON, payload, uplink, acknowledged())) {
            Thread.sleep(20);
        }
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

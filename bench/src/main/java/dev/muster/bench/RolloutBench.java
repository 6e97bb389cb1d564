package dev.muster.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/**
 * A rollout over as many assets as PostgreSQL holds: how long its plan and its start take, how many steps of targets a second are stored,
 * what is left of them after kill -9, then many rollouts at once.
 */
@Command(
        name = "rollout",
        mixinStandardHelpOptions = true,
        description = "Steps of targets per second, plan and start.")
final class RolloutBench implements Callable<Integer> {
    @Option(names = "--assets", defaultValue = "1000000", description = "Targets of the large rollout (1000000).")
    private int assets;

    @Option(names = "--in-flight", defaultValue = "20000", description = "Of the large rollout (20000).")
    private int inFlight;

    @Option(names = "--rollouts", defaultValue = "50", description = "At once, afterwards; 0 leaves them out (50).")
    private int rollouts;

    @Option(names = "--each", defaultValue = "2000", description = "Targets of each of those, at most (2000).")
    private int each;

    @Option(
            names = "--outcome-only",
            description = "Targets tell the outcome alone, not that they download and have installed.")
    private boolean outcomeOnly;

    @Option(
            names = "--kill-at",
            defaultValue = "40",
            description = "Per cent that are done when the server is killed; 0: not (40).")
    private int killAt;

    @Option(
            names = "--until",
            defaultValue = "100",
            description = "Per cent at which to stop watching the large one (100).")
    private int until;

    @Option(names = "--profile", description = "Print what the server does meanwhile; costs a few per cent.")
    private boolean profile;

    @Option(names = "--top", defaultValue = "5", description = "Lines of each part of the profile (default 5).")
    private int top;

    @Option(names = "--keep", description = "Keep the data directory and the server's log.")
    private boolean keep;

    @Option(
            names = "--postgres",
            description =
                    "Folder of a distribution's initdb and postgres, which the server reaches by URL; without it the embedded one.")
    private @Nullable Path programs;

    private static final Duration PATIENCE = Duration.ofHours(1);
    private static final String STEPS = "muster_rollout_transitions_total";

    /** What a span of a run cost. */
    private record Span(double steps, double seconds, double serverCpu, double postgresCpu, double walBytes) {}

    @Override
    public Integer call() throws Exception {
        Path directory = Files.createTempDirectory("muster-bench");
        Figures figures = new Figures("rollout", System.out);
        figures.setting("assets", assets + ", online before: each was heard of once; not connected");
        figures.setting("in-flight", inFlight);
        figures.setting(
                "reports",
                (outcomeOnly
                                ? "one of each target, its outcome"
                                : "three of each target: downloads, has installed, has succeeded, each when the one before was stored")
                        + "; offered to the journal in the server's process, as the device plane does");
        SystemPostgres postgres = programs == null ? null : SystemPostgres.start(programs, directory, profile);
        figures.setting(
                "commit",
                "synced, as shipped; "
                        + (postgres == null
                                ? "embedded PostgreSQL as shipped"
                                : "PostgreSQL " + postgres.version() + " beside, with the embedded one's settings"));
        figures.setting("heap", "1 GiB at most, as shipped");
        figures.setting("load", Programs.loadAverage());
        MusterServer server = start(directory.resolve("server"), postgres);
        try {
            long begun = System.nanoTime();
            Publishing publishing = new Publishing(server, directory);
            publishing.publish(
                    RolloutAssets.COMPONENT,
                    "1.5.0",
                    Files.writeString(directory.resolve("app-1.tar"), "the new version"));
            publishing.publish(
                    RolloutAssets.COMPONENT,
                    "1.6.0",
                    Files.writeString(directory.resolve("app-2.tar"), "a newer version"));
            RolloutAssets.fill(server, assets, Math.max(1, rollouts));
            figures.figure("rollout.filled", seconds(begun), "s");
            if (profile && postgres == null) {
                Statements.prepare(server);
            }
            server.close();
            server = start(server.dataDirectory(), postgres);
            begun = System.nanoTime();
            RolloutAssets.awaitOnline(server, assets);
            figures.figure("rollout.online", seconds(begun), "s");
            figures.figure("reference.table", TableReference.changes(server, Math.min(assets, 200_000)), "rows/s");
            planAndStart(figures, server);
            Memory memory = new Memory(server);
            if (killAt > 0) {
                long before = count(server, "select count(*) from rollout_step");
                Span span = watch(figures, directory, server, killAt, "rollout.until-the-kill");
                tell(figures, "rollout.until-the-kill", span);
                memory.tell(figures, "rollout.until-the-kill");
                server.kill9();
                long killed = System.nanoTime();
                server = start(server.dataDirectory(), postgres);
                figures.figure("rollout.ready-after-kill", seconds(killed), "s");
                long after = count(server, "select count(*) from rollout_step");
                figures.figure("rollout.steps-at-the-kill", after - before, "stored");
                goesOn(server, after);
                figures.figure("rollout.goes-on-after-kill", seconds(killed), "s");
                memory = new Memory(server);
            }
            Span span = watch(figures, directory, server, until, "rollout");
            tell(figures, "rollout", span);
            memory.tell(figures, "rollout");
            if (until == 100) {
                require(figures, server);
                if (rollouts > 0) {
                    many(figures, directory, server);
                }
            }
            figures.write(Programs.root());
            return 0;
        } finally {
            server.close();
            if (postgres != null) {
                postgres.close();
            }
            if (keep) {
                System.out.println("kept " + directory);
            } else {
                Programs.delete(directory);
            }
        }
    }

    private MusterServer start(Path dataDirectory, @Nullable SystemPostgres postgres) throws Exception {
        return MusterServer.start(AnsweringFleet.program(!outcomeOnly), dataDirectory, List.of(), postgres);
    }

    private void planAndStart(Figures figures, MusterServer server) throws Exception {
        apply(
                server,
                "large",
                "asset.type == '" + RolloutAssets.TYPE + "' && asset.labels.line != ''",
                "1.5.0",
                inFlight);
        long begun = System.nanoTime();
        JsonNode plan = server.get("/api/v1/rollouts/large/plan?examples=1");
        figures.figure("rollout.planned", seconds(begun), "s");
        if (plan.path("targets").asInt() != assets) {
            throw new IllegalStateException("the plan has other targets: " + plan);
        }
        begun = System.nanoTime();
        server.post("/api/v1/rollouts/large/start", "application/json", "{}");
        figures.figure("rollout.started", seconds(begun), "s");
    }

    private static void apply(MusterServer server, String name, String selector, String version, int inFlight)
            throws Exception {
        server.post("/api/v1/apply", "application/yaml", """
                apiVersion: muster.dev/v1
                kind: Rollout
                metadata: {name: %s}
                spec:
                  selector: %s
                  change: {release: {component: %s, version: "%s"}}
                  stratify: [region, hardware, version]
                  waves:
                    - {name: canary, percent: 1%%}
                    - {name: early, percent: 10%%}
                    - {name: all, percent: 100%%}
                  maxInFlight: %d
                  evidence: confirmed
                """.formatted(
                        name, selector, RolloutAssets.COMPONENT, version, inFlight));
    }

    /** From now on until so many of the large rollout are done. */
    private Span watch(Figures figures, Path directory, MusterServer server, int percent, String name)
            throws Exception {
        Profile recording = profile ? Profile.start(server.process(), directory.resolve(name + ".jfr")) : null;
        if (profile) {
            Statements.begin(server);
        }
        AtomicReference<@Nullable Moment> half = new AtomicReference<>();
        Span span = during(server, () -> {
            int tenth = 0;
            while (true) {
                JsonNode status = server.get("/api/v1/rollouts/large").path("status");
                int done = status.path("counts").path("succeeded").asInt(0);
                if (done >= (long) assets * percent / 100 && (percent < 100 || !isRunning(status))) {
                    return;
                }
                if (!isRunning(status)) {
                    throw new IllegalStateException("the rollout does not run: " + status);
                }
                if (half.get() == null && done >= (long) assets * percent / 200) {
                    half.set(Moment.now(server));
                }
                if (done >= (tenth + 1L) * assets / 10) {
                    tenth = (int) (done * 10L / assets);
                    System.out.printf(Locale.ROOT, "%d0 %%: %s%n", tenth, status.path("counts"));
                }
                Thread.sleep(2_000);
            }
        });
        Moment begun = half.get();
        if (begun != null) {
            // In the first one the compiler of the JVM is not done.
            tell(figures, name + ".second-half", begun.until(Moment.now(server)));
        }
        if (recording != null) {
            recording.stop(System.out, top);
            Statements.tell(server, System.out, top);
        }
        return span;
    }

    /** What was used up by then. */
    private record Moment(long at, double steps, double serverCpu, double allCpu, long wal) {
        static Moment now(MusterServer server) throws Exception {
            try (Connection database = server.database()) {
                return new Moment(
                        System.nanoTime(),
                        server.metric(STEPS),
                        Programs.cpuOf(server.process()),
                        server.cpuMicros(),
                        RolloutAssets.number(database, "select (pg_current_wal_insert_lsn() - '0/0')::bigint"));
            }
        }

        Span until(Moment end) {
            double own = end.serverCpu - serverCpu;
            return new Span(
                    end.steps - steps, (end.at - at) / 1e9, own, end.allCpu - allCpu - own, (double) end.wal - wal);
        }
    }

    private interface Work {
        void run() throws Exception;
    }

    private static Span during(MusterServer server, Work work) throws Exception {
        Moment begun = Moment.now(server);
        work.run();
        return begun.until(Moment.now(server));
    }

    private static void tell(Figures figures, String name, Span span) {
        figures.figure(name, span.steps() / span.seconds(), "transitions/s");
        figures.figure(name + ".transitions", span.steps(), "by the server's counter");
        figures.figure(name + ".seconds", span.seconds(), "s");
        figures.figure(name + ".server-cpu", span.serverCpu() / span.steps(), "us/transition, fleet included");
        figures.figure(name + ".postgres-cpu", span.postgresCpu() / span.steps(), "us/transition");
        figures.figure(name + ".wal", span.walBytes() / span.steps(), "bytes/transition");
    }

    private static void goesOn(MusterServer server, long steps) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (count(server, "select count(*) from (select 1 from rollout_step limit " + (steps + 1) + ") found")
                <= steps) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("the rollout does not go on after the kill");
            }
            Thread.sleep(100);
        }
    }

    /** Nothing is done twice, nothing is lost, by the tables. */
    private void require(Figures figures, MusterServer server) throws Exception {
        int perTarget = outcomeOnly ? 2 : 4;
        requireCount(server, "targets that succeeded", "select count(*) from rollout_target where stage = 8", assets);
        requireCount(server, "orders", "select count(*) from rollout_step where stage = 2", assets);
        requireCount(server, "second orders", "select count(*) from rollout_target where attempt <> 1", 0);
        requireCount(server, "successes", "select count(*) from rollout_step where stage = 8", assets);
        requireCount(
                server,
                "steps taken twice",
                "select count(*) from (select 1 from rollout_step group by rollout, ord, stage having count(*) > 1) twice",
                0);
        requireCount(
                server,
                "assets that run the new version by their own report",
                "select count(*) from twin_reported where software ->> 'app' = '1.5.0'",
                assets);
        requireCount(
                server,
                "targets whose previous version is another than what the asset ran",
                "select count(*) from rollout_target t join twin_reported r on r.asset = t.asset"
                        + " where t.previous is distinct from r.updates -> 'app' ->> 'previous'",
                0);
        long steps = count(server, "select count(*) from rollout_step");
        figures.figure("rollout.steps", steps, "stored; " + perTarget + " of each target were possible");
        figures.figure("rollout.targets-once", assets, "targets with one order and one success each");
    }

    private static void requireCount(MusterServer server, String what, String sql, long wanted) throws Exception {
        long found = count(server, sql);
        if (found != wanted) {
            throw new IllegalStateException(what + ": " + found + ", expected " + wanted);
        }
    }

    private static long count(MusterServer server, String sql) throws IOException, SQLException {
        try (Connection database = server.database()) {
            return RolloutAssets.number(database, sql);
        }
    }

    private void many(Figures figures, Path directory, MusterServer server) throws Exception {
        int size = Math.min(each, assets / rollouts);
        for (int i = 0; i < rollouts; i++) {
            String last = RolloutAssets.id(size * rollouts);
            apply(server, "line-" + i, "asset.labels.line == '" + i + "' && asset.id < '" + last + "'", "1.6.0", 1_000);
        }
        Profile recording = profile ? Profile.start(server.process(), directory.resolve("many.jfr")) : null;
        List<Long> orders = new ArrayList<>();
        Span span = during(server, () -> {
            for (int i = 0; i < rollouts; i++) {
                server.post("/api/v1/rollouts/line-" + i + "/start", "application/json", "{}");
            }
            long end = System.nanoTime() + PATIENCE.toNanos();
            while (count(server, "select count(*) from rollout where live") > 0) {
                if (System.nanoTime() > end) {
                    throw new IllegalStateException("not all rollouts end");
                }
                Thread.sleep(100);
            }
            orders.add(count(server, "select count(*) from rollout where phase = 'completed' and name like 'line-%'"));
        });
        if (recording != null) {
            recording.stop(System.out, top);
        }
        if (orders.getFirst() != rollouts) {
            throw new IllegalStateException("completed are " + orders.getFirst() + " of " + rollouts);
        }
        figures.figure("rollout.many", rollouts, "at once, " + size + " targets each, all completed");
        tell(figures, "rollout.many", span);
    }

    private static boolean isRunning(JsonNode status) {
        return status.path("phase").asString().equals("running");
    }

    /** The most that was resident, looked at now and then: each look goes through all pages of all of PostgreSQL's processes. */
    private static final class Memory {
        private final MusterServer server;
        private volatile double most;
        private volatile @Nullable IOException failure;

        Memory(MusterServer server) {
            this.server = server;
            Thread.ofPlatform().daemon().start(this::look);
        }

        private void look() {
            try {
                while (server.process().isAlive()) {
                    most = Math.max(most, server.residentMiB());
                    Thread.sleep(20_000);
                }
            } catch (IOException e) {
                failure = e;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        void tell(Figures figures, String name) throws IOException {
            if (failure != null) {
                throw failure;
            }
            figures.figure(
                    name + ".resident",
                    Programs.mostResidentMiB(server.process()),
                    "MiB at most, of the server's process");
            figures.figure(name + ".resident-all", most, "MiB at most, with PostgreSQL");
        }
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }
}

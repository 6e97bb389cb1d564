package dev.muster.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A fleet reports while the server and PostgreSQL are killed at random moments; afterwards every acknowledged message
 * must be found exactly once.
 *
 * <p>With {@code --lose-unsynced} a kill of the server is a power cut: what the journal wrote and did not sync is gone,
 * too. With {@code --server journal-sync=false} the server acknowledges before it syncs; together they are the planted
 * fault that this harness has to catch.
 */
final class CrashHarness {
    private static final Duration SETTLE = Duration.ofMinutes(3);
    private static final Duration FIRST_MESSAGES = Duration.ofMinutes(8);

    record Plan(
            int assets,
            double rate,
            int kills,
            int postgresKills,
            Duration meanPause,
            long seed,
            boolean loseUnsynced,
            List<String> serverSettings) {}

    private enum Blow {
        SERVER,
        POSTGRES
    }

    private final Plan plan;
    private final Path folder;
    private final @Nullable LosingWrites disk;

    CrashHarness(Plan plan, Path folder) throws Exception {
        this.plan = plan;
        this.folder = folder;
        this.disk = plan.loseUnsynced() ? new LosingWrites(folder, folder.resolve("data/journal")) : null;
    }

    /** {@code e2e/crash --assets 2000 --rate 1 --kills 20 --postgres-kills 5 --pause 10 --seed 1}; exit code 1 on loss. */
    public static void main(String[] args) throws Exception {
        Map<String, List<String>> options = new HashMap<>();
        for (int i = 0; i < args.length; i++) {
            String value = args[i].equals("--lose-unsynced") ? "true" : args[++i];
            options.computeIfAbsent(args[args[i].equals(value) ? i - 1 : i], name -> new ArrayList<>())
                    .add(value);
        }
        Plan plan = new Plan(
                Integer.parseInt(option(options, "--assets", "200")),
                Double.parseDouble(option(options, "--rate", "1")),
                Integer.parseInt(option(options, "--kills", "5")),
                Integer.parseInt(option(options, "--postgres-kills", "1")),
                Duration.ofSeconds(Long.parseLong(option(options, "--pause", "8"))),
                Long.parseLong(option(options, "--seed", Long.toString(System.nanoTime()))),
                options.containsKey("--lose-unsynced"),
                options.getOrDefault("--server", List.of()));
        Path folder = Files.createTempDirectory("muster-crash-");
        Reckoning reckoning = new CrashHarness(plan, folder).run();
        System.out.println((reckoning.isExactlyOnce() ? "ok    " : "FAIL  ") + reckoning + "; " + plan + "; " + folder);
        System.exit(reckoning.isExactlyOnce() ? 0 : 1);
    }

    private static String option(Map<String, List<String>> options, String name, String absent) {
        return options.getOrDefault(name, List.of(absent)).getLast();
    }

    Reckoning run() throws Exception {
        System.out.println("crash harness: " + plan);
        Random random = new Random(plan.seed());
        Map<String, String> environment = disk == null ? Map.of() : disk.environment();
        try (ServerProcess server = new ServerProcess(folder.resolve("data"), environment, plan.serverSettings())) {
            server.start();
            Path acked = folder.resolve("acked.log");
            Process fleet = startFleet(server, acked);
            try {
                awaitFleet(fleet, acked);
                for (Blow blow : blows(random)) {
                    Thread.sleep(pause(random).toMillis());
                    strike(blow, server);
                }
                Thread.sleep(plan.meanPause().toMillis());
            } finally {
                fleet.destroy();
                if (!fleet.waitFor(60, TimeUnit.SECONDS)) {
                    fleet.destroyForcibly().waitFor();
                }
            }
            return settled(AckedLog.read(acked), server);
        }
    }

    private void awaitFleet(Process fleet, Path acked) throws Exception {
        long start = System.nanoTime();
        while (!Files.exists(acked) || AckedLog.read(acked).assets().size() < plan.assets()) {
            if (!fleet.isAlive()) {
                throw new AssertionError("the simulator ended with " + fleet.exitValue() + ", see " + simulatorLog());
            }
            if (System.nanoTime() - start > FIRST_MESSAGES.toNanos()) {
                throw new AssertionError("not every asset was acknowledged a message within "
                        + FIRST_MESSAGES.toMinutes() + " min, see " + simulatorLog());
            }
            Thread.sleep(1000);
        }
        System.out.printf(
                Locale.ROOT,
                "%d assets enrolled and heard of after %.1f s%n",
                plan.assets(),
                (System.nanoTime() - start) / 1e9);
    }

    private Path simulatorLog() {
        return folder.resolve("simulator.log");
    }

    private void strike(Blow blow, ServerProcess server) throws Exception {
        long start = System.nanoTime();
        switch (blow) {
            case SERVER -> {
                server.kill9();
                if (disk != null) {
                    disk.cutPower();
                }
                server.start();
            }
            case POSTGRES -> {
                server.killPostgres9();
                Await.that(
                        "ready again after PostgreSQL was killed",
                        Duration.ofMinutes(2),
                        () -> server.status("/readyz") == 200);
            }
        }
        System.out.printf(
                Locale.ROOT, "%s killed, ready again after %.1f s%n", blow, (System.nanoTime() - start) / 1e9);
    }

    /** Consumers may lag behind what was acknowledged; what is still missing after the bound is lost. */
    private Reckoning settled(AckedLog acked, ServerProcess server) throws Exception {
        long end = System.nanoTime() + SETTLE.toNanos();
        Reckoning reckoning = Reckoning.of(acked, server);
        while (!reckoning.missing().isEmpty() && System.nanoTime() < end && !plan.loseUnsynced()) {
            Thread.sleep(1000);
            reckoning = Reckoning.of(acked, server);
        }
        return reckoning;
    }

    private Process startFleet(ServerProcess server, Path acked) throws IOException {
        List<String> command = Programs.java(
                "simulator",
                "--assets",
                Integer.toString(plan.assets()),
                "--types",
                "sensor=50,vehicle=50",
                "--rate",
                Double.toString(plan.rate()),
                "--seed",
                Long.toString(plan.seed()),
                "--data-dir",
                server.dataDirectory().toString(),
                "--state-dir",
                folder.resolve("fleet").toString(),
                "--acked-log",
                acked.toString());
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(simulatorLog().toFile())
                .start();
    }

    private List<Blow> blows(Random random) {
        List<Blow> blows = new ArrayList<>(Collections.nCopies(plan.kills(), Blow.SERVER));
        blows.addAll(Collections.nCopies(plan.postgresKills(), Blow.POSTGRES));
        Collections.shuffle(blows, random);
        return blows;
    }

    private Duration pause(Random random) {
        return Duration.ofMillis((long) (plan.meanPause().toMillis() * 2 * random.nextDouble()));
    }
}

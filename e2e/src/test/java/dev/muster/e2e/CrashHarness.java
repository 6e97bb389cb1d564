package dev.muster.e2e;

import dev.muster.e2e.SmallDisks.Part;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A fleet reports while the server and PostgreSQL are killed and disks are full at random moments; afterwards every acknowledged message
 * must be found exactly once, with the values that it had.
 *
 * <p>Every asset begins with a backlog, and what waits for longer than two seconds while the server is away counts as late, so that both
 * lanes of rows are held to it. People make changes meanwhile, and those that were answered must be there, too.
 *
 * <p>With {@code --lose-unsynced} a kill of the server is a power cut: what the journal wrote and did not sync is gone, too. With {@code
 * --fault} the server has a fault that this harness has to catch, see {@link FaultyServer}.
 */
final class CrashHarness {
    private static final Duration SETTLE = Duration.ofMinutes(3);
    private static final Duration FIRST_MESSAGES = Duration.ofMinutes(8);
    private static final Duration NOTICED = Duration.ofSeconds(60);
    private static final Duration BACK = Duration.ofMinutes(2);
    /** An acknowledgement may be on its way when the disk becomes full. */
    private static final Duration UNDER_WAY = Duration.ofSeconds(1);

    private static final Duration SECOND_LOOK = Duration.ofSeconds(5);
    /** What a server may log about a full disk, the stack traces of its first failures included. */
    private static final int LINES_AT_FIRST = 400;

    private static final int LINES_EACH_MINUTE = 120;

    private final CrashPlan plan;
    private final Path folder;
    private final @Nullable LosingWrites unsynced;
    private final @Nullable SmallDisks disks;
    private final List<String> faults = new ArrayList<>();
    private final List<Double> secondsBack = new ArrayList<>();

    /**
     * @param faults what else was not as it should be
     * @param secondsBack from each blow until the server was ready again
     */
    record Outcome(Reckoning reckoning, List<String> faults, List<Double> secondsBack) {
        boolean isAsPromised() {
            return reckoning.isExactlyOnce() && faults.isEmpty();
        }
    }

    private sealed interface Blow {
        record KillServer() implements Blow {}

        record KillPostgres() implements Blow {}

        record FillDisk(Part part) implements Blow {}
    }

    CrashHarness(CrashPlan plan, Path folder) throws Exception {
        this.plan = plan;
        this.folder = folder;
        Path data = Files.createDirectories(folder.resolve("data"));
        this.disks = plan.fullDisks().isEmpty() ? null : new SmallDisks(data);
        this.unsynced = plan.loseUnsynced() ? new LosingWrites(folder, data.resolve("journal")) : null;
    }

    /** What {@code e2e/crash} runs; exit code 1 on loss. */
    public static void main(String[] arguments) throws Exception {
        if (List.of(arguments).equals(List.of("--prove"))) {
            System.exit(PlantedFaults.prove() ? 0 : 1);
        }
        CrashPlan plan = CrashPlan.of(arguments);
        Path folder = Files.createTempDirectory("muster-crash-");
        Outcome outcome = new CrashHarness(plan, folder).run();
        System.out.println(outcome.reckoning());
        outcome.faults().forEach(fault -> System.out.println("fault: " + fault));
        System.out.println(backAgain(outcome.secondsBack()));
        System.out.println((outcome.isAsPromised() ? "ok    " : "FAIL  ") + plan + "; all of it is in " + folder);
        System.exit(outcome.isAsPromised() ? 0 : 1);
    }

    private static String backAgain(List<Double> seconds) {
        if (seconds.isEmpty()) {
            return "no blow";
        }
        List<Double> sorted = seconds.stream().sorted().toList();
        return String.format(
                Locale.ROOT,
                "%d blows, ready again after %.1f s in the middle, %.1f s at most",
                sorted.size(),
                sorted.get(sorted.size() / 2),
                sorted.getLast());
    }

    Outcome run() throws Exception {
        System.out.println("crash harness: " + plan);
        Random random = new Random(plan.seed());
        try (ServerProcess server = server()) {
            server.start();
            SimulatedFleet fleet = new SimulatedFleet(plan, server, folder);
            Changes changes = new Changes(server);
            try (fleet;
                    changes) {
                fleet.start();
                fleet.awaitAll(FIRST_MESSAGES);
                fleet.load();
                changes.start();
                List<Blow> blows = blows(random);
                for (int i = 0; i < blows.size(); i++) {
                    Thread.sleep(pause(random).toMillis());
                    strike(blows.get(i), i + 1 + "/" + blows.size(), server, fleet);
                }
                Thread.sleep(plan.meanPause().toMillis());
                fleet.requireRunning();
            }
            Reckoning reckoning = settled(fleet.acknowledged(), server);
            faults.addAll(changes.missing());
            return new Outcome(reckoning, List.copyOf(faults), List.copyOf(secondsBack));
        }
    }

    private ServerProcess server() {
        String fault = plan.fault();
        return server(fault == null ? flags -> Programs.java("server", flags) : FaultyServer.with(fault));
    }

    private ServerProcess server(Function<String[], List<String>> program) {
        Map<String, String> environment = unsynced == null ? Map.of() : unsynced.environment();
        return new ServerProcess(folder.resolve("data"), environment, plan.serverSettings(), program);
    }

    private void strike(Blow blow, String which, ServerProcess server, SimulatedFleet fleet) throws Exception {
        long start = System.nanoTime();
        switch (blow) {
            case Blow.KillServer() -> {
                server.kill9();
                if (unsynced != null) {
                    unsynced.cutPower();
                }
                server.start();
            }
            case Blow.KillPostgres() -> {
                server.killPostgres9();
                Await.that("ready again after PostgreSQL was killed", BACK, () -> server.status("/readyz") == 200);
            }
            case Blow.FillDisk(Part part) -> {
                fill(part, server, fleet);
                start = System.nanoTime();
                disks().free();
                Await.that("ready again after there was room for " + part, BACK, () -> server.status("/readyz") == 200);
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        secondsBack.add(seconds);
        fleet.awaitAcknowledged();
        System.out.printf(
                Locale.ROOT,
                "%s %s: ready again after %.1f s, a message acknowledged after %.1f s%n",
                which,
                blow,
                seconds,
                (System.nanoTime() - start) / 1e9);
    }

    /** Until the server has noticed, and for a while after. */
    private void fill(Part part, ServerProcess server, SimulatedFleet fleet) throws Exception {
        long linesBefore = server.logged();
        long begun = System.nanoTime();
        disks().fill(part);
        Await.that("/readyz says that there is no room for " + part, NOTICED, () -> {
            if (part.holds(Part.POSTGRES)) {
                server.switchWal(); // else it is content with the file that it has for a long while
            }
            return part.isToldBy(notReady(server));
        });
        double noticed = (System.nanoTime() - begun) / 1e9;
        Thread.sleep(UNDER_WAY);
        long acknowledged = fleet.acknowledgedBytes();
        Thread.sleep(plan.fullFor());
        boolean acknowledges = fleet.acknowledgedBytes() > acknowledged;
        System.out.printf(Locale.ROOT, "no room for %s, noticed after %.1f s%n", part, noticed);
        for (JsonNode check : problems(server)) {
            System.out.println("    " + check.path("name").asString() + ": "
                    + check.path("problem").asString());
        }
        long lines = server.logged() - linesBefore;
        double minutes = (System.nanoTime() - begun) / 60e9;
        System.out.printf(
                Locale.ROOT,
                "    messages are %sacknowledged meanwhile; %d lines logged%n",
                acknowledges ? "" : "not ",
                lines);
        if (acknowledges == part.holds(Part.JOURNAL)) {
            faults.add("with no room for " + part + " messages were " + (acknowledges ? "" : "not ") + "acknowledged");
        }
        if (lines > LINES_AT_FIRST + LINES_EACH_MINUTE * minutes) {
            faults.add("the server logged " + lines + " lines while there was no room for " + part);
        }
        if (!server.isAlive()) {
            throw new AssertionError("the server ended when there was no room for " + part + "; see " + server.log());
        }
    }

    private static List<String> notReady(ServerProcess server) throws Exception {
        return problems(server).stream()
                .map(check -> check.path("name").asString())
                .toList();
    }

    private static List<JsonNode> problems(ServerProcess server) throws Exception {
        List<JsonNode> problems = new ArrayList<>();
        for (JsonNode check : server.readiness().path("checks")) {
            if (!check.path("ok").asBoolean()) {
                problems.add(check);
            }
        }
        return problems;
    }

    private SmallDisks disks() {
        if (disks == null) {
            throw new IllegalStateException("the plan has no full disks");
        }
        return disks;
    }

    /** Consumers may lag behind what was acknowledged; what is missing when they have caught up is lost. */
    private Reckoning settled(AckedLog acked, ServerProcess server) throws Exception {
        Await.that("consumers have caught up", SETTLE, server::caughtUp);
        Reckoning reckoning = Reckoning.of(acked, server);
        if (!reckoning.missing().isEmpty()) {
            Thread.sleep(SECOND_LOOK);
            reckoning = Reckoning.of(acked, server);
        }
        return reckoning;
    }

    private List<Blow> blows(Random random) {
        List<Blow> blows = new ArrayList<>(Collections.nCopies(plan.kills(), new Blow.KillServer()));
        blows.addAll(Collections.nCopies(plan.postgresKills(), new Blow.KillPostgres()));
        plan.fullDisks().forEach(part -> blows.add(new Blow.FillDisk(part)));
        Collections.shuffle(blows, random);
        return blows;
    }

    private Duration pause(Random random) {
        return Duration.ofMillis((long) (plan.meanPause().toMillis() * 2 * random.nextDouble()));
    }
}

package dev.muster.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.agent.buffer.DiskBuffer;
import dev.muster.agent.buffer.Entry;
import dev.muster.protocol.PayloadFormat;
import dev.muster.protocol.Uplink;
import dev.muster.protocol.UplinkCodec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A fleet of real agents that is given commands, cut off, renewed and killed. */
@WhenAgentsAreAskedFor
class AgentsIT extends AgentFleetFixture {
    private static final int KILLS = Integer.getInteger("kills", 4);
    private static final long SEED = Long.getLong("seed", System.nanoTime());
    private static final Set<String> ENDS =
            Set.of("succeeded", "failed", "rejected", "expired", "indeterminate", "cancelled");

    @Test
    void commandsAreAnsweredAndTheAssetDecidesWhichItDoes() throws Exception {
        Box box = boxes.get(0);
        assertThat(muster.run("run", "ping", "--asset", box.id()).code()).isZero();
        JsonNode counted = muster.json(
                "run",
                "run",
                "--yes",
                "--asset",
                box.id(),
                "--params",
                "{\"name\":\"count\",\"args\":{\"word\":\"once\"}}");
        assertThat(counted.path("status").asString()).as(counted.toString()).isEqualTo("succeeded");
        List<String> counts = box.counted();
        assertThat(counts).containsOnlyOnce("once");

        CommandLine.Ran refused = muster.run(
                "run", "run", "--yes", "--asset", box.id(), "--params", "{\"name\":\"rm\",\"args\":{\"word\":\"x\"}}");
        assertThat(refused.code()).isEqualTo(3);
        assertThat(refused.out() + refused.err()).contains("rejected");
        CommandLine.Ran shell = muster.run(
                "run",
                "run",
                "--yes",
                "--asset",
                box.id(),
                "--params",
                "{\"name\":\"count\",\"args\":{\"word\":\"a;b\"}}");
        assertThat(shell.code()).isEqualTo(3);
        assertThat(box.counted()).isEqualTo(counts);

        muster.must("run", "collect-logs", "--asset", box.id());
        Await.that(
                "the log's end is stored",
                LONG,
                () -> server.get("/api/v1/assets/" + box.id() + "/logs?contains=words")
                        .toString()
                        .contains("last words of " + box.id()));

        JsonNode collected = muster.json("run", "collect-file", "--asset", box.id(), "--params", "{\"name\":\"own\"}");
        assertThat(collected.path("status").asString()).as(collected.toString()).isEqualTo("succeeded");
        String file = collected.path("detail").path("file").asString();
        assertThat(server.get("/api/v1/files/" + file).toString()).contains(box.id());
    }

    @Test
    void anAssetThatWasOfflineCatchesUpWithoutLoss() throws Exception {
        Box box = boxes.getLast();
        network.cut();
        Instant away = Instant.now();
        // What is desired meanwhile waits for it.
        muster.apply(nextRevision(""));
        List<Long> killed = Await.until(
                "some measurements wait", LONG, () -> Optional.of(waiting(box)).filter(times -> times.size() >= 5));
        box.agent().kill9();
        box.agent().start();
        List<Long> waiting = Await.until(
                "more of them after the restart",
                LONG,
                () -> Optional.of(waiting(box)).filter(times -> times.size() >= killed.size() + 3));
        assertThat(waiting).as("a kill loses none").containsAll(killed).doesNotHaveDuplicates();
        assertThat(box.motdText()).isNotEqualTo(text(box));
        network.mend();

        long first = waiting.getFirst();
        long last = waiting.getLast();
        Await.that(
                "the last of the " + waiting.size() + " measurements is stored",
                LONG,
                () -> measurements(box, away, last).contains(last));
        assertThat(measurements(box, away, last).stream().filter(ts -> ts >= first))
                .as("each of them, and once")
                .containsExactlyElementsOf(waiting);
        Await.that(
                "nothing waits in the buffer any more",
                LONG,
                () -> Files.readString(folder.resolve(box.id()).resolve("state/status"))
                        .lines()
                        .anyMatch(line -> line.matches("buffer: [0-3] messages.*")));
        assertThat(Files.readString(folder.resolve(box.id()).resolve("state/status")))
                .contains(" 0 refused");
        awaitRevisionEverywhere();
    }

    @Test
    void certificatesAreRenewedWhileEverythingRuns() throws Exception {
        for (Box box : boxes) {
            Await.that(
                    box.id() + " has another certificate",
                    LONG,
                    () -> server.get("/api/v1/certificates?asset=" + box.id())
                                    .path("items")
                                    .size()
                            >= 2);
            Await.that(
                    "noted; see " + box.agent().log(),
                    LONG,
                    () -> box.logged("renewed: asset " + box.id()).isPresent());
            awaitInSync(box);
        }
    }

    @Test
    void whateverIsKilledTheFleetConvergesAndNoCommandIsDoneTwice() throws Exception {
        System.out.printf(Locale.ROOT, "agents %d, kills %d, seed %d%n", AGENTS, KILLS, SEED);
        Random random = new Random(SEED);
        Map<String, Given> given = new TreeMap<>();
        for (int kill = 1; kill <= KILLS; kill++) {
            if (kill % 2 == 1) {
                muster.apply(nextRevision(""));
            }
            for (int i = 0; i < 3; i++) {
                Box box = boxes.get(random.nextInt(boxes.size()));
                String word = "kill-" + kill + "-" + i;
                given.put(
                        word,
                        new Given(
                                box, command(box.id(), "run", Map.of("name", "count", "args", Map.of("word", word)))));
            }
            Thread.sleep(random.nextInt(2500));
            strike(random, kill);
        }
        muster.apply(nextRevision(""));
        awaitRevisionEverywhere();

        Map<String, Integer> outcomes = new TreeMap<>();
        for (Map.Entry<String, Given> each : given.entrySet()) {
            Given command = each.getValue();
            String end = Await.until(
                    "command " + command.id() + " of " + command.box().id() + " ends",
                    LONG,
                    () -> Optional.of(server.get("/api/v1/commands/" + command.id())
                                    .path("status")
                                    .asString())
                            .filter(ENDS::contains));
            outcomes.merge(end, 1, Integer::sum);
            long times = command.box().counted().stream()
                    .filter(each.getKey()::equals)
                    .count();
            assertThat(end).as(each.toString()).isIn("succeeded", "indeterminate");
            if (end.equals("succeeded")) {
                assertThat(times).as("%s, seed %d", each, SEED).isEqualTo(1);
            } else {
                assertThat(times).as("%s, seed %d", each, SEED).isLessThanOrEqualTo(1);
            }
        }
        System.out.printf(Locale.ROOT, "after %d kills all %d boxes in sync; commands %s%n", KILLS, AGENTS, outcomes);
    }

    private record Given(Box box, String id) {}

    private void strike(Random random, int kill) throws Exception {
        boolean both = random.nextInt(5) == 0;
        boolean serverToo = both || random.nextBoolean();
        Box box = boxes.get(random.nextInt(boxes.size()));
        int pause = random.nextInt(1500);
        if (both || !serverToo) {
            box.agent().kill9();
        }
        if (serverToo) {
            server.kill9();
            server.start();
        }
        if (both || !serverToo) {
            Thread.sleep(pause);
            box.agent().start();
        }
        System.out.printf(
                Locale.ROOT, "kill %d: %s%n", kill, both ? "server and " + box.id() : serverToo ? "server" : box.id());
    }

    /** The measurements in the buffer of its agent, as the next agent would find them: in a copy of the files. */
    private List<Long> waiting(Box box) throws Exception {
        Path copy = Files.createTempDirectory(folder, "buffer");
        try (Stream<Path> files = Files.list(folder.resolve(box.id()).resolve("state/buffer"))) {
            for (Path file :
                    files.filter(each -> !each.toString().endsWith(".new")).toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        List<Long> times = new ArrayList<>();
        try (DiskBuffer buffer = DiskBuffer.open(copy, 64L << 20)) {
            for (Entry entry = buffer.next(); entry != null; entry = buffer.next()) {
                Uplink uplink = UplinkCodec.decode(entry.kind(), entry.subtopic(), PayloadFormat.JSON, entry.payload());
                if (uplink instanceof Uplink.Telemetry telemetry) {
                    telemetry.readings().stream()
                            .filter(reading -> reading.values().containsKey("memory.used"))
                            .forEach(reading -> times.add(Objects.requireNonNull(reading.ts())));
                }
            }
        }
        return times;
    }

    private List<Long> measurements(Box box, Instant from, long to) throws Exception {
        List<Long> times = new ArrayList<>();
        server.get("/api/v1/assets/" + box.id() + "/telemetry?metrics=memory.used&from=" + from.minusSeconds(60)
                        + "&to=" + Instant.ofEpochMilli(to + 1))
                .path("series")
                .path(0)
                .path("points")
                .forEach(point -> times.add(point.path("ts").asLong()));
        return times;
    }
}

package dev.muster.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Two of the shipped runbooks against the simulator, from the fault to the closed incident without a person: a full disk on which a program
 * frees space, and a gateway that is restarted because nothing comes from those behind it. The rules page, and are quicker than the
 * shipped ones; the runbooks are as they are. {@code -Dshipped.runbooks=true}
 */
@EnabledIfSystemProperty(
        named = "shipped.runbooks",
        matches = "true",
        disabledReason = "takes minutes; -Dshipped.runbooks=true runs it")
class ShippedRunbooksIT {
    private static final Duration BOUND = Duration.ofMinutes(5);
    private static final int ASSETS = 8;
    private static final String RULES = """
            apiVersion: muster.dev/v1
            kind: AlertRule
            metadata: {name: DiskFull}
            spec:
              severity: page
              every: 2s
              for: 0s
              condition: {threshold: {metric: disk.free, below: 400000000, clear: 500000000, staleAfter: 30m}}
            ---
            apiVersion: muster.dev/v1
            kind: AlertRule
            metadata: {name: StaleTelemetry}
            spec:
              severity: page
              every: 2s
              for: 0s
              condition: {absence: {longerThan: 10s}}
              commonCause: {by: [gateway], share: 0.5, atLeast: 5}
            """;

    @TempDir
    Path folder;

    @Test
    void aFullDiskAndASilentGatewayAreMendedAndTheirIncidentsClosed() throws Exception {
        try (ServerProcess server = new ServerProcess(folder.resolve("data"), Map.of(), List.of())) {
            server.start();
            try (Simulator fleet = new Simulator(server, folder)) {
                List<String> assets = Await.until(
                        "all are online",
                        BOUND,
                        () -> Optional.of(online(server)).filter(found -> found.size() == ASSETS));
                String gateway = assets.getFirst();
                List<String> behind = assets.subList(1, 6);
                String full = assets.getLast();
                for (String asset : behind) {
                    server.apply("""
                            apiVersion: muster.dev/v1
                            kind: Asset
                            metadata: {name: %s, labels: {gateway: %s}}
                            spec: {type: linux-device}
                            """.formatted(asset, gateway));
                }
                server.apply(RULES);

                fleet.command("fill " + full);
                closed(server, "DiskFull", "runbook disk-full");

                for (String asset : behind) {
                    fleet.command("offline " + asset);
                }
                JsonNode reboot = Await.until(
                        "the gateway has restarted",
                        BOUND,
                        () -> items(server, "/api/v1/commands?asset=" + gateway).stream()
                                .filter(command -> command.path("name")
                                                .asString()
                                                .equals("reboot")
                                        && command.path("status").asString().equals("succeeded"))
                                .findFirst());
                assertThat(reboot.path("createdBy").asString()).isEqualTo("runbook/stale-telemetry-gateway");
                fleet.command("online"); // what the restart of a gateway is worth
                closed(server, "StaleTelemetry", "runbook stale-telemetry-gateway");
                assertThat(items(server, "/api/v1/commands?limit=100").stream()
                                .map(command -> command.path("asset").asString() + " "
                                        + command.path("name").asString()))
                        .as("nobody behind the gateway is touched, nothing is done twice")
                        .containsExactlyInAnyOrder(full + " run", gateway + " reboot");
            }
        }
    }

    private static void closed(ServerProcess server, String kind, String by) throws Exception {
        JsonNode incident = Await.until(
                "the incident of " + kind + " is closed",
                BOUND,
                () -> items(server, "/api/v1/incidents").stream()
                        .filter(each -> each.path("class").asString().equals(kind)
                                && each.path("state").asString().equals("resolved"))
                        .findFirst());
        System.out.println(incident.path("name").asString() + " " + kind + ": detected "
                + incident.path("detectedAt").asString() + ", closed "
                + incident.path("resolvedAt").asString() + " by "
                + incident.path("resolvedBy").asString());
        assertThat(incident.path("resolvedBy").asString()).isEqualTo(by);
        assertThat(incident.path("byPerson").asBoolean()).isFalse();
    }

    private static List<String> online(ServerProcess server) throws Exception {
        return items(server, "/api/v1/assets").stream()
                .filter(asset -> asset.path("presence").asString().equals("online"))
                .map(asset -> asset.path("id").asString())
                .sorted()
                .toList();
    }

    private static List<JsonNode> items(ServerProcess server, String path) throws Exception {
        List<JsonNode> items = new ArrayList<>();
        server.get(path).path("items").forEach(items::add);
        return items;
    }

    /** The real simulator in a process of its own. */
    private static final class Simulator implements AutoCloseable {
        private final Process process;
        private final Writer control;

        Simulator(ServerProcess server, Path folder) throws IOException {
            this.process = new ProcessBuilder(Programs.java(
                            "simulator",
                            "--assets",
                            Integer.toString(ASSETS),
                            "--types",
                            "linux-device=100",
                            "--rate",
                            "0.5",
                            "--heartbeat",
                            "5s",
                            "--max-backoff",
                            "2s",
                            "--pace",
                            "5",
                            "--data-dir",
                            server.dataDirectory().toString(),
                            "--control"))
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("simulator.log").toFile())
                    .start();
            this.control = process.outputWriter(StandardCharsets.UTF_8);
        }

        void command(String line) throws IOException {
            control.write(line + "\n");
            control.flush();
        }

        @Override
        public void close() throws InterruptedException {
            process.destroy();
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        }
    }
}

package dev.muster.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.simulator.Endpoints;
import dev.muster.simulator.Fleet;
import dev.muster.simulator.FleetOptions;
import dev.muster.simulator.FleetReport;
import dev.muster.simulator.Management;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A fleet of real clients against a real server process. */
class FleetIT {
    private static final int ASSETS = 500;
    private static final double RATE = 2;

    @TempDir
    Path folder;

    @Test
    void everyAssetEnrolsWithACertificateOfItsOwnAndReports() throws Exception {
        try (ServerProcess server = new ServerProcess(folder.resolve("data"), Map.of(), List.of())) {
            server.start();
            FleetOptions options = FleetOptions.of(ASSETS, "vehicle=60,pos=20,sensor=10,edge-gpu=5,linux-device=5", 7)
                    .withRate(RATE);
            Endpoints endpoints = Endpoints.of(server.device(), server.mqtt());
            try (Fleet fleet = new Fleet(options, endpoints)) {
                fleet.enrol(new Management(server.http(), server.adminToken(), options.prefix()));
                fleet.connect();
                assertThat(fleet.awaitConnected(Duration.ofMinutes(3)))
                        .as("all connected; %s", fleet.report())
                        .isTrue();
                long before = fleet.statistics().acknowledged();
                Await.that(
                        "ten messages of each asset acknowledged",
                        Duration.ofMinutes(3),
                        () -> fleet.statistics().acknowledged() >= before + 10L * ASSETS);
                fleet.stop(Duration.ofSeconds(30));

                FleetReport report = fleet.report();
                System.out.println("fleet: " + report);
                assertThat(report.allTookPart()).as(report.toString()).isTrue();
                assertThat(report.unacknowledged()).as(report.toString()).isZero();
                assertThat(report.refused()).as(report.toString()).isZero();
            }
            assertThat(serials(server)).hasSize(ASSETS);
            JsonNode telemetry = server.get("/api/v1/assets/vehicle-00001/telemetry?metrics=speed");
            assertThat(telemetry.path("series").path(0).path("points").size()).isPositive();
            JsonNode refused = server.get("/api/v1/telemetry/refused");
            assertThat(refused.path("items").isEmpty())
                    .as("what the fleet sends is what the shipped types declare: %s", refused)
                    .isTrue();
        }
    }

    @Test
    void theSimulatorEndsCleanlyOnSigterm() throws Exception {
        try (ServerProcess server = new ServerProcess(folder.resolve("data"), Map.of(), List.of())) {
            server.start();
            Path output = folder.resolve("simulator.log");
            Process simulator = new ProcessBuilder(Programs.java(
                            "simulator",
                            "--assets",
                            "5",
                            "--data-dir",
                            server.dataDirectory().toString(),
                            "--progress",
                            "1s"))
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            try {
                Await.that(
                        "all five connected; see " + output,
                        Duration.ofMinutes(2),
                        () -> Files.readString(output).contains("connected 5"));
                simulator.destroy();
                assertThat(simulator.waitFor(60, TimeUnit.SECONDS)).isTrue();
                assertThat(simulator.exitValue()).isEqualTo(143);
                assertThat(Files.readString(output)).contains("0 unacknowledged", "5 of 5 assets took part");
            } finally {
                simulator.destroyForcibly();
            }
        }
    }

    private static Set<String> serials(ServerProcess server) throws Exception {
        Set<String> serials = new HashSet<>();
        String next = "";
        do {
            JsonNode page = server.get("/api/v1/certificates?limit=200" + (next.isEmpty() ? "" : "&continue=" + next));
            page.path("items")
                    .forEach(certificate ->
                            serials.add(certificate.path("serial").asString()));
            next = page.path("continue").asString("");
        } while (!next.isEmpty());
        return serials;
    }
}

package dev.muster.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.simulator.client.ClientSettings;
import dev.muster.simulator.client.TestBroker;
import dev.muster.simulator.enrol.ClaimToken;
import dev.muster.simulator.enrol.TestCa;
import dev.muster.simulator.enrol.TestEst;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class FleetTest {
    private final TestCa ca = new TestCa();
    private final String token = ca.claimToken("s3cret");

    @Test
    void enrolsConnectsReportsAndEndsCleanly(@TempDir Path directory) throws Exception {
        Path acked = directory.resolve("acked.log");
        FleetOptions options = options(40).withRate(10).withFiles(null, acked);
        try (TestEst est = new TestEst(ca, token);
                TestBroker broker = new TestBroker(ca);
                Fleet fleet = new Fleet(options, new Endpoints(est.address(), broker.address()))) {
            est.busyAnswers.set(3);
            fleet.enrol((type, uses) -> ClaimToken.parse(token));
            fleet.connect();
            assertThat(fleet.awaitConnected(Duration.ofSeconds(60))).isTrue();
            await(() -> fleet.statistics().acknowledged() > 400);
            broker.cutAll();
            await(() -> fleet.statistics().reconnects() == 40);
            long before = fleet.statistics().acknowledged();
            await(() -> fleet.statistics().acknowledged() > before + 400);
            fleet.stop(Duration.ofSeconds(10));

            FleetReport report = fleet.report();
            assertThat(report.allTookPart()).isTrue();
            assertThat(report.unacknowledged()).isZero();
            assertThat(report.acknowledged()).isEqualTo(report.sent());
            assertThat(broker.serials).hasSize(40);
            assertThat(broker.mismatched).isEmpty();
            List<String> lines = Files.readAllLines(acked);
            Set<String> keys = new HashSet<>(lines);
            assertThat(keys).as("no message is logged twice").hasSameSizeAs(lines);
            assertThat(lines).allMatch(line -> line.matches("[a-z]+-\\d{5}\\t\\d{13}\\t[a-z]+\\t[0-9a-f]{16}"));
        }
    }

    @Test
    void enrolsOnceAndKeepsItsCertificates(@TempDir Path directory) throws Exception {
        FleetOptions options = options(5).withFiles(directory, null);
        try (TestEst est = new TestEst(ca, token);
                TestBroker broker = new TestBroker(ca)) {
            Endpoints endpoints = new Endpoints(est.address(), broker.address());
            for (int start = 0; start < 2; start++) {
                try (Fleet fleet = new Fleet(options, endpoints)) {
                    fleet.enrol((type, uses) -> ClaimToken.parse(token));
                    fleet.connect();
                    assertThat(fleet.awaitConnected(Duration.ofSeconds(60))).isTrue();
                    fleet.stop(Duration.ofSeconds(5));
                }
            }
            assertThat(est.enrolled).hasValue(5);
            assertThat(broker.serials).hasSize(5);
        }
    }

    /** The certificates are real, and so is their end. */
    @Test
    void renewsItsCertificatesInTimeExceptThoseThatLapse() throws Exception {
        try (TestEst est = new TestEst(ca, token);
                TestBroker broker = new TestBroker(ca);
                Fleet fleet = new Fleet(options(2), new Endpoints(est.address(), broker.address()))) {
            est.lifetime = Duration.ofSeconds(6);
            fleet.enrol((type, uses) -> ClaimToken.parse(token));
            fleet.connect();
            assertThat(fleet.awaitConnected(Duration.ofSeconds(60))).isTrue();
            FleetControl control = new FleetControl(fleet, 7);
            String id = fleet.clients().getFirst().id().value();
            assertThat(control.carryOut("lapse " + id)).isEqualTo("lapse: 1 assets renew their certificates no more");
            // A renewal that was under way may still have come; that one ends too.
            await(() -> !fleet.clients().getFirst().isConnected()
                    && fleet.statistics().connectFailures.sum() > 0);
            String serial = fleet.clients().getFirst().identity().serial();
            int renewed = est.renewed.get();
            await(() -> est.renewed.get() > renewed);
            assertThat(fleet.clients().getFirst().identity().serial()).isEqualTo(serial);
            assertThat(fleet.clients().getFirst().isConnected()).isFalse();

            est.lifetime = Duration.ofHours(1);
            assertThat(control.carryOut("renew")).isEqualTo("renew: 1 assets renew their certificates again");
            await(() -> fleet.statistics().connected() == 2);
            fleet.stop(Duration.ZERO);
        }
    }

    @Test
    void sendsItsHistoryFirst() throws Exception {
        FleetOptions options = options(1).withRate(1).withBacklog(Duration.ofMinutes(20));
        try (TestEst est = new TestEst(ca, token);
                TestBroker broker = new TestBroker(ca);
                Fleet fleet = new Fleet(options, new Endpoints(est.address(), broker.address()))) {
            fleet.enrol((type, uses) -> ClaimToken.parse(token));
            fleet.connect();
            await(() -> count(broker, "\"ts\":") >= 1_190);
            assertThat(broker.acknowledged.stream()
                            .filter(line -> line.contains("/telemetry ["))
                            .count())
                    .as("history comes in few messages")
                    .isBetween(3L, 10L);
            fleet.stop(Duration.ofSeconds(5));
        }
    }

    @Test
    void countsAndNamesAssetsThatCouldNotTakePart() throws Exception {
        try (TestEst est = new TestEst(ca, token);
                TestBroker broker = new TestBroker(ca);
                Fleet fleet = new Fleet(options(2), new Endpoints(est.address(), broker.address()))) {
            fleet.enrol((type, uses) -> ClaimToken.parse(ca.claimToken("wrong")));
            fleet.connect();
            fleet.stop(Duration.ZERO);
            assertThat(fleet.report().failed()).isEqualTo(2);
            assertThat(fleet.report().failures())
                    .anyMatch(reason -> reason.contains("vehicle-00001 could not enrol")
                            && reason.contains("the claim token is not known"));
        }
    }

    private static long count(TestBroker broker, String part) {
        return broker.acknowledged.stream()
                .mapToLong(line -> line.split(part, -1).length - 1)
                .sum();
    }

    private static FleetOptions options(int assets) {
        return FleetOptions.of(assets, "vehicle=60,pos=20,sensor=20", 7)
                .withClient(ClientSettings.standard().withBackoff(Duration.ofMillis(10), Duration.ofMillis(200)));
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        while (!condition.getAsBoolean()) {
            Thread.sleep(10);
        }
    }
}

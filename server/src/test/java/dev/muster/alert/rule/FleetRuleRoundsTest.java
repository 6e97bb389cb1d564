package dev.muster.alert.rule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.platform.lease.Lease;
import dev.muster.platform.lease.Leases;
import dev.muster.testing.LargeFleet;
import dev.muster.testing.TestServer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** How long a round of alert rules takes over a large fleet: {@code -Dfleet.rounds.assets=100000} (docs/performance.md). */
@EnabledIfSystemProperty(
        named = "fleet.rounds.assets",
        matches = "\\d+",
        disabledReason = "takes minutes; -Dfleet.rounds.assets=100000 runs it")
class FleetRuleRoundsTest {
    private static final int ASSETS = Integer.getInteger("fleet.rounds.assets", 100_000);
    private static final String RULE = """
            apiVersion: muster.dev/v1
            kind: AlertRule
            metadata: {name: %s}
            spec: {every: 1h, severity: ticket, condition: {%s}}
            """;

    @Test
    void aRoundOfEachKindOfRule() throws Exception {
        Map<String, String> conditions = new LinkedHashMap<>();
        conditions.put("threshold", "threshold: {metric: temperature, above: 320, staleAfter: 1h}");
        conditions.put("absence", "absence: {metric: temperature, longerThan: 1h}");
        conditions.put(
                "expression", "expression: {cel: \"metrics.temperature > 320.0 && asset.drift == 0\", staleAfter: 1h}");
        conditions.put(
                "twin",
                "expression: {cel: \"reported.config.telemetry.interval > desired.config.telemetry.interval\"}");
        try (TestServer server = TestServer.start()) {
            server.bean(RuleWorker.class).stop();
            LargeFleet.measure(ASSETS + " assets that report", () -> {
                try {
                    LargeFleet.fill(server, ASSETS);
                } catch (Exception failed) {
                    throw new AssertionError(failed);
                }
            });
            Leases leases = server.bean(Leases.class);
            Lease lease = leases.acquire("alert-rules", "the test", Duration.ofHours(1))
                    .orElseThrow();
            RuleRound round = server.bean(RuleRound.class);
            Runnable run = () -> {
                round.run(lease);
                assertThat(leases.renew(lease, Duration.ofHours(1)))
                        .as("it keeps its lease")
                        .isPresent();
            };
            for (String shipped :
                    List.of("StaleTelemetry", "DiskFull", "CertificateNearExpiry", "Drift", "ClockSkew")) {
                server.send(
                        server.adminRequest("/api/v1/alert-rules/" + shipped).DELETE());
            }
            conditions.forEach((name, condition) -> {
                LargeFleet.apply(server, RULE.formatted(name, condition));
                LargeFleet.measure("rule " + name + " alone, its first round", run);
            });
            conditions.forEach(
                    (name, condition) -> LargeFleet.apply(server, RULE.formatted(name + "-again", condition)));
            LargeFleet.measure("all four in one round", run);
            RuleTally.Status threshold = server.bean(RuleStatusStore.class)
                    .find("threshold")
                    .orElseThrow()
                    .counts();
            System.out.println("threshold says " + threshold);
            assertThat(server.bean(RuleStatusStore.class)
                            .find("twin")
                            .orElseThrow()
                            .problem())
                    .isEmpty();
        }
    }
}

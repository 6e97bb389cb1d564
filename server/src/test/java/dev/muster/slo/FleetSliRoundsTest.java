package dev.muster.slo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.platform.lease.Lease;
import dev.muster.platform.lease.Leases;
import dev.muster.testing.LargeFleet;
import dev.muster.testing.TestServer;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.springframework.jdbc.core.JdbcTemplate;

/** How long indicators of a large fleet take to be summed up: {@code -Dfleet.rounds.assets=100000} (docs/performance.md). */
@EnabledIfSystemProperty(
        named = "fleet.rounds.assets",
        matches = "\\d+",
        disabledReason = "takes minutes; -Dfleet.rounds.assets=100000 runs it")
class FleetSliRoundsTest {
    private static final int ASSETS = Integer.getInteger("fleet.rounds.assets", 100_000);

    @Test
    void aRoundWithoutAndWithABucketThatIsOver() throws Exception {
        try (TestServer server = TestServer.start()) {
            server.bean(SloWorker.class).stop();
            LargeFleet.fill(server, ASSETS);
            LargeFleet.apply(server, """
                    apiVersion: muster.dev/v1
                    kind: Group
                    metadata: {name: half}
                    spec: {selector: "asset.hardware != 'rev-0'"}
                    """);
            JdbcTemplate jdbc = server.bean(JdbcTemplate.class);
            // uptime is told up to a checkpoint of the consumers, which is written once a minute
            LargeFleet.await(() -> jdbc.queryForList("select 1 from availability_checkpoint where known > 0")
                            .size()
                    == 1);
            Leases leases = server.bean(Leases.class);
            Lease lease = leases.acquire("slo", "the test", Duration.ofHours(1)).orElseThrow();
            BucketRounds rounds = server.bean(BucketRounds.class);
            LargeFleet.measure("the first round, which learns who is in service", () -> rounds.round(lease, now()));
            LargeFleet.measure("a round in which no bucket is over", () -> rounds.round(lease, now()));
            // as if all had been in service for an hour, and the newest bucket were just over
            jdbc.update("update sli_place set from_at = from_at - interval '1 hour'");
            jdbc.update("update sli_progress set next = date_bin('5 minutes', now(), 'epoch') - interval '5 minutes'");
            jdbc.update(
                    "update sli_progress set next = date_bin('5 minutes', to_timestamp((select known from availability_checkpoint)"
                            + " / 1000.0), 'epoch') - interval '5 minutes' where sli = 'uptime'");
            Instant justOver = Buckets.floor(now()).plusSeconds(30);
            LargeFleet.measure("a round with a bucket of every indicator", () -> rounds.round(lease, justOver));
            jdbc.queryForList(
                            "select sli, good, bad, stale, unknown from sli_bucket where scope = 'fleet' order by sli")
                    .forEach(System.out::println);
            LargeFleet.measure("budgets and figures", () -> {
                server.bean(BudgetRounds.class).round(lease, now());
                server.bean(SloMetrics.class).refresh(now());
            });
            assertThat(jdbc.queryForObject(
                            "select sum(good + bad + stale + unknown) from sli_bucket where sli = 'freshness' and scope = 'fleet'",
                            Double.class))
                    .isEqualTo(ASSETS);
        }
    }

    private static Instant now() {
        return Instant.now();
    }
}

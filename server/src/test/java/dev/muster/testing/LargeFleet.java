package dev.muster.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.muster.gateway.journal.EntryKind;
import dev.muster.gateway.journal.Journal;
import dev.muster.ingest.Ingest;
import dev.muster.ingest.JournalProbe;
import java.lang.management.ManagementFactory;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.springframework.jdbc.core.JdbcTemplate;

/** Sensors behind gateways in regions, each with what is desired, a report and a fresh reading; one in a hundred is too hot. For figures, not in CI. */
public final class LargeFleet {
    private static final int IN_FLIGHT = 2_000;
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private LargeFleet() {}

    /** Returns when all can be read. */
    public static void fill(TestServer server, int assets) throws Exception {
        JdbcTemplate jdbc = server.bean(JdbcTemplate.class);
        jdbc.update("""
                insert into asset (id, type, labels, owner, region, site, hardware, lifecycle, presence, presence_since,
                                   software, drift, created, updated, resource_version)
                select 'sensor-' || lpad(n::text, 6, '0'), 'sensor', jsonb_build_object('gateway', 'gw-' || n / 100), '',
                       'region-' || n % 5, 'hall-' || n / 1000, 'rev-' || n % 3, 'active', 'never_seen', now(),
                       '{"app": "1.4.2"}', 0, now(), now(), nextval('resource_version')
                from generate_series(1, ?) n""", assets);
        jdbc.update(
                "insert into twin_text (hash, body, used) values ('a large fleet', ?, now()), ('its origins', '{}', now())",
                """
                {"config":{"mode":"eco","telemetry":{"interval":60}},"software":{"app":{"version":"1.4.2"}}}""");
        jdbc.update("""
                insert into twin_desired (asset, generation, content, origins, changed, reason, asset_version)
                select a.id, 1, (select id from twin_text where hash = 'a large fleet'),
                       (select id from twin_text where hash = 'its origins'), now(), 'test', a.resource_version
                from asset a on conflict do nothing""");
        jdbc.update("""
                insert into twin_reported (asset, journal_offset, generation, received, boot_id, config, software, updates, hash,
                                           compared, since)
                select a.id, -1, 1, now(), 'b-1', '{"mode": "eco", "telemetry": {"interval": 60}}', '{"app": "1.4.2"}', '{}', '', 1,
                       now()
                from asset a on conflict do nothing""");
        for (String table : List.of("asset", "twin_desired", "twin_reported")) {
            jdbc.execute("vacuum analyze " + table);
        }
        Journal journal = server.bean(Journal.class);
        List<CompletableFuture<Long>> offered = new ArrayList<>();
        for (int i = 1; i <= assets; i++) {
            offered.add(JournalProbe.offer(
                    journal,
                    String.format(Locale.ROOT, "sensor-%06d", i),
                    EntryKind.TELEMETRY,
                    "{\"ts\":%d,\"values\":{\"temperature\":%d}}"
                            .formatted(System.currentTimeMillis(), i % 100 == 7 ? 330 : 290 + i % 5)));
            if (offered.size() == IN_FLIGHT) {
                await(offered);
            }
        }
        await(offered);
        assertThat(server.bean(Ingest.class).awaitCaughtUp(PATIENCE)).isTrue();
    }

    private static void await(List<CompletableFuture<Long>> offered) throws Exception {
        CompletableFuture.allOf(offered.toArray(CompletableFuture[]::new)).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        offered.clear();
    }

    /** Asks twice a second. */
    public static void await(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("it took longer than %s", PATIENCE).isLessThan(end);
            Thread.sleep(500);
        }
    }

    public static void apply(TestServer server, String yaml) {
        HttpResponse<String> answer = server.send(server.adminRequest("/api/v1/apply")
                .header("Content-Type", "application/yaml")
                .POST(BodyPublishers.ofString(yaml)));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    /** Says how long something took, how much this thread allocated for it, and what is reachable afterwards. */
    public static void measure(String what, Runnable work) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = threads.getCurrentThreadAllocatedBytes();
        long began = System.nanoTime();
        work.run();
        double seconds = (System.nanoTime() - began) / 1e9;
        allocated = threads.getCurrentThreadAllocatedBytes() - allocated;
        System.out.printf(
                Locale.ROOT,
                "%s: %.2f s, %,d kB allocated, load %.0f%n",
                what,
                seconds,
                allocated / 1_024,
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    }
}

package dev.muster.twin;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.databind.JsonNode;

/** 1,000 assets, some drifting, some with wrong clocks, some away: the drift list against the record of who did what. */
class TwinFleetTest {
    private static final int ASSETS = 1_000;

    @Test
    void theDriftListIsExactAndNothingActsOnStaleReports() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        try (TwinServer server = new TwinServer(Map.of("twin-resend-after", "1s"))) {
            List<String> away = new ArrayList<>();
            Map<String, Integer> drifting = new TreeMap<>();
            Map<String, Integer> skewed = new TreeMap<>();
            StringBuilder csv = new StringBuilder("id,type,label.side\n");
            for (int i = 0; i < ASSETS; i++) {
                String id = "meter-%04d".formatted(i);
                int dice = random.nextInt(100);
                if (dice < 10) {
                    away.add(id);
                } else if (dice < 15) {
                    drifting.put(id, 6 + random.nextInt(10));
                }
                if (random.nextInt(100) < 5) {
                    skewed.put(id, (random.nextBoolean() ? 1 : -1) * (1 + random.nextInt(48)));
                }
                csv.append(id)
                        .append(",meter,")
                        .append(dice < 10 ? "away" : "here")
                        .append('\n');
            }
            fleet(server, csv.toString());

            // All report that they are as desired; then some change, some leave, and late reports of those come in.
            List<String> all = new ArrayList<>(new TreeSet<>(csv.toString()
                    .lines()
                    .skip(1)
                    .map(line -> line.split(",")[0])
                    .toList()));
            all.forEach(server::connect);
            all.forEach(id -> report(server, id, 5, skewed));
            away.forEach(server::disconnect);
            drifting.forEach((id, rate) -> report(server, id, rate, skewed));
            server.settle();
            long whenTheyWereThere = System.currentTimeMillis() - 60_000;
            away.forEach(id -> server.reportOf(whenTheyWereThere, id, reported(id, 99, skewed)));
            server.settle();

            Map<String, Integer> listed = new TreeMap<>();
            server.until(
                    "/api/v1/drift/summary",
                    summary -> summary.at("/states/drifted").asInt() >= drifting.size());
            for (JsonNode item : server.pages("/api/v1/drift?state=drifted&limit=100")) {
                assertThat(item.path("fields")).as("seed %d: %s", seed, item).hasSize(1);
                assertThat(item.at("/fields/0/field").asString()).isEqualTo("/config/rate");
                listed.put(
                        item.path("asset").asString(),
                        item.at("/fields/0/reported").asInt());
            }
            assertThat(listed).as("seed %d", seed).isEqualTo(drifting);
            assertThat(server.pages("/api/v1/drift?state=unknown&limit=1000").stream()
                            .map(item -> item.path("asset").asString()))
                    .as("seed %d", seed)
                    .containsExactlyElementsOf(away);
            JsonNode summary = server.get("/api/v1/drift/summary");
            assertThat(summary.path("observed").asInt()).as("seed %d", seed).isEqualTo(ASSETS - away.size());
            assertThat(summary.at("/states/in_sync").asInt())
                    .as("seed %d", seed)
                    .isEqualTo(ASSETS - away.size() - drifting.size());
            for (String id : skewed.keySet()) {
                assertThat(server.twin(id).at("/reported/clockSkewed").asBoolean())
                        .as("seed %d: %s", seed, id)
                        .isTrue();
            }

            // Those that are away had the policy to enforce, and were given the time for it.
            JdbcTemplate sql = server.bean(JdbcTemplate.class);
            server.until(
                    "/api/v1/drift/summary",
                    each -> Integer.valueOf(0)
                            .equals(sql.queryForObject(
                                    "select count(*) from twin_reconcile where due < now() + interval '1 minute'",
                                    Integer.class)));
            assertThat(sql.queryForList("select distinct action from twin_decision", String.class))
                    .as("seed %d", seed)
                    .isEqualTo(drifting.isEmpty() ? List.of() : List.of("report"));
            assertThat(sql.queryForObject("select max(generation) from twin_desired", Long.class))
                    .as("seed %d", seed)
                    .isEqualTo(1);
        }
    }

    private static void fleet(TwinServer server, String csv) {
        assertThat(server.apply("""
                        apiVersion: muster.dev/v1
                        kind: AssetType
                        metadata: {name: meter}
                        spec: {heartbeat: {interval: 60s, ttl: 1h}}
                        ---
                        apiVersion: muster.dev/v1
                        kind: Group
                        metadata: {name: here}
                        spec: {selector: "asset.labels.side == 'here'"}
                        ---
                        apiVersion: muster.dev/v1
                        kind: Group
                        metadata: {name: away}
                        spec: {selector: "asset.labels.side == 'away'"}
                        ---
                        apiVersion: muster.dev/v1
                        kind: Configuration
                        metadata: {name: here}
                        spec: {target: {group: here}, conflict: report, config: {rate: 5}}
                        ---
                        apiVersion: muster.dev/v1
                        kind: Configuration
                        metadata: {name: away}
                        spec: {target: {group: away}, conflict: enforce, config: {rate: 5}}
                        """).statusCode()).isEqualTo(200);
        HttpResponse<String> imported = server.post("/api/v1/assets/import", "text/csv", csv);
        assertThat(imported.body()).contains("\"created\":" + ASSETS);
        server.until(
                "/api/v1/drift/summary",
                summary -> summary.at("/states/unknown").asInt() == ASSETS);
    }

    private static void report(TwinServer server, String id, int rate, Map<String, Integer> skewed) {
        server.report(id, reported(id, rate, skewed));
    }

    private static String reported(String id, int rate, Map<String, Integer> skewed) {
        long ts = System.currentTimeMillis() + skewed.getOrDefault(id, 0) * 3_600_000L;
        return "{'ts':%d,'generation':1,'config':{'rate':%d},'bootId':'b1'}".formatted(ts, rate);
    }
}

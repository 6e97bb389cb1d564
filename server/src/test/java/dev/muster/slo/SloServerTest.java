package dev.muster.slo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.TestServer;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The shipped examples on a real server, and what it tells Prometheus. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SloServerTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Duration BOUND = Duration.ofSeconds(60);
    /** Ten buckets of 98 good and 2 bad: 0.98, twice the rate that 99% allow, and minus one of the budget. */
    private static final String TEN_BUCKETS = """
            insert into sli_%s (sli, scope, at, good, bad, stale, unknown)
            select 'uptime', 'fleet', %s, %s, %s, 3, 4
            from sli_progress p, generate_series(1, %d) n where p.sli = 'uptime' on conflict do nothing""";

    private final TestServer server = TestServer.start();

    @BeforeAll
    void examples() throws IOException {
        for (Path example : files(ROOT.resolve("examples/slo"), ".yaml")) {
            HttpResponse<String> answer = apply(Files.readString(example), "");
            assertThat(answer.statusCode()).as("%s: %s", example, answer.body()).isEqualTo(200);
        }
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @Test
    void theExamplesAreAppliedOnceAndUnchangedThen() throws IOException {
        assertThat(names("/api/v1/slos"))
                .containsExactly(
                        "delivery-drift",
                        "fleet-commands",
                        "fleet-freshness",
                        "fleet-uptime",
                        "pos-payments",
                        "pos-printer-paper");
        for (Path example : files(ROOT.resolve("examples/slo"), ".yaml")) {
            assertThat(apply(Files.readString(example), "?dryRun=true").body())
                    .contains("\"result\":\"unchanged\"")
                    .doesNotContain("\"result\":\"updated\"")
                    .doesNotContain("\"result\":\"created\"");
        }
        assertThat(get("/api/v1/slis")
                        .path("items")
                        .valueStream()
                        .map(sli -> sli.path("name").asString("")))
                .contains(
                        "commands", "drift", "errors", "freshness", "queue", "repair", "rollouts", "uptime", "payments")
                .contains("slo:pos-printer-paper");
    }

    @Test
    void whatCannotBeEvaluatedIsRefusedWithItsPlace() {
        HttpResponse<String> answer = apply("""
                apiVersion: openslo/v1
                kind: SLO
                metadata: {name: latency}
                spec:
                  service: shop
                  indicator:
                    metadata: {name: latency}
                    spec:
                      thresholdMetric:
                        metricSource: {type: Any, spec: {query: Any}}
                  timeWindow: [{duration: 2w, isRolling: true}]
                  budgetingMethod: Occurrences
                  objectives: [{op: lt, value: 500, target: 0.99}]
                """, "");
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body())
                .contains("documents[0].spec.indicator.spec.thresholdMetric.metricSource.type")
                .contains("which is not evaluated here: Muster evaluates metricSource type muster");
    }

    @Test
    void aBudgetIsThatOfTheBucketsAndStaleAndUnknownAreApart() {
        JdbcTemplate jdbc = server.bean(JdbcTemplate.class);
        tenBuckets(jdbc);
        jdbc.update("""
                insert into sli_hour select sli, scope, date_trunc('hour', at), sum(good), sum(bad), sum(stale), sum(unknown)
                from sli_bucket where sli = 'uptime' group by 1, 2, 3""");

        JsonNode status = get("/api/v1/slos/fleet-uptime").path("status");
        assertThat(status.path("value").asDouble()).isEqualTo(0.98);
        assertThat(status.path("good").asDouble()).isEqualTo(980);
        assertThat(status.path("stale").asDouble()).isEqualTo(30);
        assertThat(status.path("unknown").asDouble()).isEqualTo(40);
        assertThat(status.path("budgetRemaining").asDouble()).isCloseTo(-1, org.assertj.core.data.Offset.offset(1e-9));
        assertThat(status.path("burnRate").asDouble()).isCloseTo(2, org.assertj.core.data.Offset.offset(1e-9));
        assertThat(status.path("state").asString()).isEqualTo("exhausted");

        JsonNode burn = get("/api/v1/slos/fleet-uptime/burn?window=6h");
        assertThat(burn.path("stepSeconds").asInt()).isEqualTo(300);
        assertThat(burn.path("points")).hasSize(73);
        assertThat(burn.at("/points/72/remaining").asDouble()).isCloseTo(-1, org.assertj.core.data.Offset.offset(1e-9));
        assertThat(burn.at("/points/0").has("remaining"))
                .as("nothing was counted yet")
                .isFalse();
        assertThat(burn.at("/windows/0/alert").asString()).isEqualTo("page-quick");
        assertThat(burn.at("/points/72/burn/0").asDouble()).isCloseTo(2, org.assertj.core.data.Offset.offset(1e-9));
        server.send(server.adminRequest("/api/v1/assets")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"id\":\"pi-9\",\"type\":\"sensor\",\"region\":\"eu\"}")));
        jdbc.update("""
                insert into sli_offender (sli, at, asset, bad, stale, unknown)
                select 'uptime', p.next - interval '5 minutes', asset, bad, 0, 0
                from sli_progress p, (values ('pi-9', 3), ('gone', 1)) as wrong (asset, bad) where p.sli = 'uptime'""");
        JsonNode causes = get("/api/v1/slos/fleet-uptime/causes?window=1h");
        assertThat(causes.path("causes")
                        .valueStream()
                        .map(cause -> cause.path("by").asString() + " "
                                + cause.path("name").asString() + " "
                                + cause.path("share").asDouble()))
                .containsExactly("asset pi-9 0.75", "asset gone 0.25", "region eu 0.75", "type sensor 0.75");

        JsonNode reading = get("/api/v1/slis/uptime?window=20m&step=10m");
        assertThat(reading.path("reading").path("bad").asDouble()).isEqualTo(8);
        assertThat(server.send(server.adminRequest("/api/v1/slis/uptime?scope=asset/absent")
                                .GET())
                        .statusCode())
                .isEqualTo(404);

        JsonNode review = get("/api/v1/reviews/weekly");
        assertThat(review.path("advice").toString())
                .contains("uptime was 98.000%, below its starting target of 99.0%")
                .contains("fleet-uptime missed its target of 99.000%: it spent 2.0 times its budget");
    }

    @Test
    void whatBurnedEndsUnderItsOwnLabelsWhenTheObjectiveIsAboutOthersOrDeleted() throws IOException {
        JdbcTemplate jdbc = server.bean(JdbcTemplate.class);
        await(() -> !jdbc.queryForList("select 1 from sli_progress where sli = 'uptime'")
                .isEmpty());
        jdbc.update("""
                insert into sli_bucket (sli, scope, at, good, bad, stale, unknown)
                select 'uptime', 'type/kiosk', p.next - n * interval '5 minutes', 50, 50, 0, 0
                from sli_progress p, generate_series(1, 13) n where p.sli = 'uptime'""");
        String objective = """
                apiVersion: openslo/v1
                kind: SLO
                metadata: {name: kiosks, annotations: {muster.dev/scope: type/kiosk}}
                spec:
                  service: %s
                  indicatorRef: uptime
                  timeWindow: [{duration: 30d, isRolling: true}]
                  budgetingMethod: Occurrences
                  objectives: [{target: 0.99}]
                """;
        try {
            applied(objective.formatted("shops"));
            await(() -> kiosks("shops").contains("firing") && !kiosks("shops").contains("resolved"));

            applied(objective.formatted("stations"));
            await(() -> kiosks("stations").contains("firing"));
            await(() -> kiosks("shops").equals(Set.of("resolved")));
        } finally {
            server.send(server.adminRequest("/api/v1/slos/kiosks").DELETE());
        }
        server.bean(SloWorker.class).lookNow();
        await(() -> kiosks("stations").equals(Set.of("resolved")));
        assertThat(jdbc.queryForList("select 1 from slo_burn where slo = 'kiosks' and ended is null"))
                .isEmpty();
    }

    private void applied(String yaml) {
        HttpResponse<String> answer = apply(yaml, "");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        server.bean(SloWorker.class).lookNow();
    }

    /** States of the alerts that the objective of kiosks has under this service. */
    private Set<String> kiosks(String service) {
        return get("/api/v1/alerts?state=pending,firing,resolved&limit=200")
                .path("items")
                .valueStream()
                .filter(alert -> alert.at("/labels/slo").asString("").equals("kiosks")
                        && alert.at("/labels/service").asString("").equals(service))
                .map(alert -> alert.path("state").asString(""))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void everyFigureOfTheRulesAndDashboardsIsTold() throws IOException {
        JdbcTemplate jdbc = server.bean(JdbcTemplate.class);
        tenBuckets(jdbc);
        jdbc.update("""
                insert into sli_total (sli, scope, good, bad, stale, unknown) values ('uptime', 'fleet', 1, 1, 1, 1)
                on conflict do nothing""");
        server.bean(SloWorker.class).lookNow();
        await(() -> metrics().contains("muster_sli_events_total{") && metrics().contains("muster_slo_burn_rate{"));
        Set<String> told = told();
        Set<String> missing = new TreeSet<>();
        int asked = 0;
        for (Path file : Stream.of(
                        files(ROOT.resolve("deploy/prometheus"), ".rules.yml"),
                        files(ROOT.resolve("deploy/grafana/dashboards"), ".json"))
                .flatMap(List::stream)
                .toList()) {
            Matcher name = Pattern.compile("\\bmuster_[a-z0-9_]+").matcher(Files.readString(file));
            while (name.find()) {
                asked++;
                if (!told.contains(name.group())) {
                    missing.add(ROOT.relativize(file) + ": " + name.group());
                }
            }
        }
        assertThat(missing).isEmpty();
        assertThat(asked).isGreaterThan(60);
        for (Path type : files(ROOT.resolve("server/src/main/resources/asset-types"), ".yaml")) {
            assertThat(ROOT.resolve("deploy/grafana/dashboards/type-"
                            + type.getFileName().toString().replace(".yaml", ".json")))
                    .exists();
        }
    }

    private static void tenBuckets(JdbcTemplate jdbc) {
        await(() -> !jdbc.queryForList("select 1 from sli_progress where sli = 'uptime'")
                .isEmpty());
        jdbc.update(TEN_BUCKETS.formatted("bucket", "p.next - n * interval '5 minutes'", "98", "2", 10));
    }

    private Set<String> told() {
        return metrics()
                .lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.split("[{ ]", 2)[0])
                .collect(Collectors.toSet());
    }

    private String metrics() {
        return server.send(server.adminRequest("/metrics").GET()).body();
    }

    private HttpResponse<String> apply(String yaml, String query) {
        return server.send(server.adminRequest("/api/v1/apply" + query)
                .header("Content-Type", "application/yaml")
                .POST(HttpRequest.BodyPublishers.ofString(yaml)));
    }

    private JsonNode get(String path) {
        HttpResponse<String> answer = server.send(server.adminRequest(path).GET());
        assertThat(answer.statusCode()).as("%s: %s", path, answer.body()).isEqualTo(200);
        return JsonMapper.shared().readTree(answer.body());
    }

    private List<String> names(String path) {
        return get(path)
                .path("items")
                .valueStream()
                .map(item -> item.path("metadata").path("name").asString(""))
                .toList();
    }

    private static List<Path> files(Path folder, String ending) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(ending))
                    .sorted()
                    .toList();
        }
    }

    private static void await(java.util.function.BooleanSupplier condition) {
        long end = System.nanoTime() + BOUND.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("it took longer than %s", BOUND).isLessThan(end);
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}

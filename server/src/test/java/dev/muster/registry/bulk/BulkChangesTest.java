package dev.muster.registry.bulk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.muster.identity.Actor;
import dev.muster.identity.ActorKind;
import dev.muster.identity.ApiToken;
import dev.muster.identity.ApiTokens;
import dev.muster.identity.Role;
import dev.muster.identity.Scope;
import dev.muster.platform.lease.Lease;
import dev.muster.platform.lease.Leases;
import dev.muster.registry.RegistryServer;
import dev.muster.registry.RegistryServer.Answer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Many assets changed at once. */
class BulkChangesTest {
    @SuppressWarnings("NullAway.Init")
    private static RegistryServer server;

    @BeforeAll
    static void start() {
        server = new RegistryServer();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void labelsThousandAssetsBatchByBatchAndEachOnceThoughTheyLeaveTheSelection() {
        importAssets("t", 1_203, "wide");
        String wanted = """
                {"selector": "asset.id.startsWith('t-') && asset.labels.ring == 'wide'", "labels": {"ring": "canary", "old": ""}}""";
        JsonNode preview = post("?dryRun=true", wanted, 200);
        assertThat(preview.path("selected").asInt()).isEqualTo(1_203);
        assertThat(preview.path("changed").asInt()).isEqualTo(1_203);
        assertThat(preview.at("/sample/0").toString())
                .isEqualTo("{\"asset\":\"t-00001\",\"before\":{\"labels.old\":\"x\",\"labels.ring\":\"wide\"},"
                        + "\"after\":{\"labels.old\":\"\",\"labels.ring\":\"canary\"}}");
        assertThat(count("asset.id.startsWith('t-') && asset.labels.ring == 'wide'"))
                .isEqualTo(1_203);

        JsonNode ended = ended(post("", wanted, 201));

        assertThat(told(ended)).isEqualTo("done: 1203 changed, 0 unchanged, left out {}");
        assertThat(count("asset.id.startsWith('t-') && asset.labels.ring == 'canary' && !has(asset.labels.old)"))
                .isEqualTo(1_203);
        String object = "asset-change/" + ended.path("id").asString();
        assertThat(trail(ended.path("id").asString()))
                .as(object)
                .containsExactly(
                        "asset.bulk_change_end",
                        "asset.bulk_change_batch",
                        "asset.bulk_change_batch",
                        "asset.bulk_change_batch",
                        "asset.bulk_change");
        assertThat(told(ended(post("", wanted, 201)))).isEqualTo("done: 0 changed, 0 unchanged, left out {}");
    }

    @Test
    void saysWhoIsLeftOutAndWhy() {
        server.create("l-1", "pos", "{\"side\":\"in\"}");
        server.create("l-2", "pos", "{\"side\":\"in\"}");
        server.create("l-3", "pos", "{\"side\":\"out\"}");
        server.put(
                "/api/v1/assets/l-2",
                "{\"type\":\"pos\",\"labels\":{\"side\":\"in\"},\"lifecycle\":\"retired\"}",
                null);
        String token = server.token("operator", "asset.labels.side == 'in'");
        String wanted = "{\"ids\":[\"l-1\",\"l-2\",\"l-3\",\"l-4\"],\"lifecycle\":\"maintenance\"}";

        Answer preview = server.post(token, "/api/v1/asset-changes?dryRun=true", "application/json", wanted);

        assertThat(preview.json().path("leftOut").toString()).isEqualTo("{\"absent\":2,\"lifecycle\":1,\"retired\":1}");
        assertThat(preview.json().path("leftOutSample").toString())
                .contains("asset l-1 cannot go from registered to maintenance")
                .contains("{\"asset\":\"l-3\",\"reason\":\"absent\"");
        Answer out = server.post(
                token,
                "/api/v1/asset-changes?dryRun=true",
                "application/json",
                "{\"q\":\"l-1\",\"labels\":{\"side\":\"out\"}}");
        assertThat(out.json().path("leftOut").toString()).isEqualTo("{\"scope\":1}");
    }

    @Test
    void goesOnAfterTheLastBatchThatWasDone() {
        importAssets("r", 1_100, "wide");
        BulkChanges changes = server.bean(BulkChanges.class);
        Leases leases = server.bean(Leases.class);
        Lease lease =
                leases.acquire("bulk-test", "this test", Duration.ofMinutes(1)).orElseThrow();
        BulkChange begun = changes.start(
                Actor.SYSTEM,
                new BulkChange.Selection("asset.id.startsWith('r-')", null, null),
                new AssetEdit(Map.of(), "night", null, null, null),
                1_100);

        changes.step(lease, begun.id());
        JsonNode ended = ended(server.get("/api/v1/asset-changes/" + begun.id()).json());

        assertThat(told(ended)).isEqualTo("done: 1100 changed, 0 unchanged, left out {}");
        assertThat(count("asset.owner == 'night'")).isEqualTo(1_100);
    }

    @Test
    void stopsWhenTheTokenThatBeganItIsRevoked() {
        importAssets("k", 1_100, "wide");
        ApiTokens tokens = server.bean(ApiTokens.class);
        ApiToken ann = tokens.create(Actor.SYSTEM, "ann-of-bulk", Role.OPERATOR, Scope.ALL, null)
                .token();
        tokens.revoke(Actor.SYSTEM, ann.id()); // before its first batch: the worker may be quick
        BulkChanges changes = server.bean(BulkChanges.class);
        Lease lease = server.bean(Leases.class)
                .acquire("bulk-test-revoked", "this test", Duration.ofMinutes(1))
                .orElseThrow();
        BulkChange begun = changes.start(
                new Actor(ann.name(), ActorKind.TOKEN, Role.OPERATOR, Scope.ALL),
                new BulkChange.Selection("asset.id.startsWith('k-')", null, null),
                new AssetEdit(Map.of(), "dusk", null, null, null),
                1_100);
        changes.step(lease, begun.id());
        JsonNode ended = ended(server.get("/api/v1/asset-changes/" + begun.id()).json());

        assertThat(ended.path("state").asString() + ": " + ended.path("stopped").asString())
                .startsWith("stopped: its token ann-of-bulk was revoked by ");
        assertThat(count("asset.owner == 'dusk'")).isZero();
    }

    @Test
    void stopsBeforeMoreAreChangedThanWereShown() {
        importAssets("m", 700, "wide");
        JsonNode ended =
                ended(post("", "{\"selector\":\"asset.id.startsWith('m-')\",\"owner\":\"day\",\"atMost\":600}", 201));

        assertThat(ended.path("state").asString()).isEqualTo("stopped");
        assertThat(ended.path("stopped").asString()).startsWith("more than the 600 assets that were shown");
        assertThat(count("asset.owner == 'day'")).isEqualTo(500);
    }

    @Test
    void refusesAChangeOfNothingAndOfNobody() {
        assertThat(post("?dryRun=true", "{\"selector\":\"true\"}", 400)
                        .path("detail")
                        .asString())
                .contains("nothing is changed");
        assertThat(post("", "{\"labels\":{\"a b\":\"x\"}}", 400).path("errors").size())
                .isEqualTo(2);
        assertThat(post("", "{\"selector\":\"asset.nope\",\"owner\":\"x\"}", 400)
                        .path("detail")
                        .asString())
                .contains("at character 6");
    }

    @Test
    void aTrialOfAnImportSaysTheSameAndWritesNothing() {
        server.create("i-1", "pos", "{}");
        String file = "id,type,owner\ni-1,pos,x\ni-2,pos,\ni-3,nope,\ni-2,pos,\n";

        JsonNode summary = server.importCsv("?dryRun=true", file).lines().getLast();

        assertThat(summary.path("created").asInt() + " "
                        + summary.path("updated").asInt() + " "
                        + summary.path("rejected").asInt() + " "
                        + summary.path("imported").asBoolean())
                .isEqualTo("1 1 2 false");
        assertThat(server.ids("q=i-")).containsExactly("i-1");
        assertThat(server.get("/api/v1/assets/i-1").json().path("owner").asString())
                .isEmpty();
    }

    private static void importAssets(String prefix, int count, String ring) {
        String rows = IntStream.rangeClosed(1, count)
                .mapToObj("%s-%%05d,pos,%s,x".formatted(prefix, ring)::formatted)
                .collect(Collectors.joining("\n"));
        Answer answer = server.importCsv("", "id,type,label.ring,label.old\n" + rows);
        assertThat(answer.text()).contains("\"created\":" + count);
    }

    private static JsonNode post(String query, String body, int status) {
        Answer answer = server.post("/api/v1/asset-changes" + query, "application/json", body);
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        return answer.json();
    }

    private static JsonNode ended(JsonNode begun) {
        String path = "/api/v1/asset-changes/" + begun.path("id").asString();
        await().atMost(Duration.ofMinutes(1))
                .until(() -> !server.get(path).json().path("state").asString().equals("running"));
        return server.get(path).json();
    }

    private static String told(JsonNode change) {
        return change.path("state").asString() + ": " + change.path("changed").asInt() + " changed, "
                + change.path("unchanged").asInt() + " unchanged, left out " + change.path("leftOut");
    }

    private static long count(String selector) {
        return server.get("/api/v1/assets/count?selector=" + URLEncoder.encode(selector, StandardCharsets.UTF_8))
                .json()
                .path("count")
                .asLong();
    }

    private static List<String> trail(String change) {
        List<String> actions = new ArrayList<>();
        server.get("/api/v1/audit?limit=100").json().path("items").forEach(entry -> {
            if (entry.toString().contains(change)) {
                actions.add(entry.path("action").asString());
            }
        });
        return actions;
    }
}

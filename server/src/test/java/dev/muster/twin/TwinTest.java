package dev.muster.twin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.identity.Actor;
import dev.muster.protocol.AssetId;
import dev.muster.registry.asset.AssetService;
import dev.muster.twin.desired.DesiredSoftware;
import dev.muster.twin.desired.DesiredSoftware.Assignment;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Configurations, documents, reports, drift and its settlement, in a whole server. */
class TwinTest {
    @SuppressWarnings("NullAway.Init")
    private static TwinServer server;

    @BeforeAll
    static void start() {
        server = new TwinServer(Map.of("twin-resend-after", "1s"));
        assertThat(server.apply("""
                        apiVersion: muster.dev/v1
                        kind: AssetType
                        metadata: {name: pump}
                        spec:
                          heartbeat: {interval: 60s, ttl: 600s}
                          baseline: {rate: 5, ntp: {enabled: true}}
                        ---
                        apiVersion: muster.dev/v1
                        kind: Group
                        metadata: {name: north}
                        spec: {selector: "asset.labels.side == 'north'"}
                        """).statusCode()).isEqualTo(200);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static boolean isAt(JsonNode twin, long generation) {
        return twin.at("/desired/generation").asLong(0) == generation;
    }

    private static boolean is(JsonNode twin, String state) {
        return twin.path("state").asString().equals(state);
    }

    @Test
    void theBaselineIsDesiredFromTheStartAndConfigurationsLieOverIt() {
        server.create("layered", "pump", "{'side':'north'}");
        JsonNode first = server.twin("layered", twin -> isAt(twin, 1));
        assertThat(first.at("/desired/config").toString()).isEqualTo("{\"ntp\":{\"enabled\":true},\"rate\":5}");
        assertThat(first.at("/desired/origins").toString())
                .isEqualTo("{\"/config/ntp/enabled\":\"baseline/pump\",\"/config/rate\":\"baseline/pump\"}");
        assertThat(first.path("state").asString()).isEqualTo("unknown");
        assertThat(first.path("reason").asString()).isEqualTo("it never reported");

        server.configure("north-rate", "group: north", "config: {rate: 6, ntp: null}, software: {app: '1.0'}");
        server.twin("layered", twin -> isAt(twin, 2));
        server.configure("layered-own", "asset: layered", "precedence: 1, config: {rate: 7}");
        JsonNode third = server.twin("layered", twin -> isAt(twin, 3));
        assertThat(third.at("/desired/config").toString()).isEqualTo("{\"rate\":7}");
        assertThat(third.at("/desired/software").toString()).isEqualTo("{\"app\":{\"version\":\"1.0\"}}");
        assertThat(third.at("/desired/origins").toString())
                .isEqualTo(
                        "{\"/config/rate\":\"configuration/layered-own\",\"/software/app\":\"configuration/north-rate\"}");

        assertThat(server.delete("/api/v1/configurations/layered-own")).isEqualTo(204);
        assertThat(server.twin("layered", twin -> isAt(twin, 4))
                        .at("/desired/config/rate")
                        .asInt())
                .isEqualTo(6);
        assertThat(server.delete("/api/v1/configurations/north-rate")).isEqualTo(204);
        JsonNode last = server.twin("layered", twin -> isAt(twin, 5));
        assertThat(last.at("/desired/config")).isEqualTo(first.at("/desired/config"));
        assertThat(last.at("/history/desired")
                        .valueStream()
                        .map(entry -> entry.path("generation").asInt()))
                .containsExactly(5, 4, 3, 2, 1);
    }

    @Test
    void anAssetGoesFromPendingToInSyncToDriftedAndIsBroughtBack() {
        server.create("driven", "pump", "{}");
        server.twin("driven", twin -> isAt(twin, 1));
        server.connect("driven");
        server.report("driven", "{'generation':0,'config':{},'bootId':'b1'}");
        server.twin("driven", twin -> is(twin, "pending"));
        server.report("driven", "{'generation':1,'config':{'rate':5.0,'ntp':{'enabled':true},'more':1},'bootId':'b1'}");
        server.twin("driven", twin -> is(twin, "in_sync"));

        server.report("driven", "{'generation':1,'config':{'rate':9,'ntp':{'enabled':true}},'bootId':'b1'}");
        // Enforced: a new generation with the same content, which the asset then applies.
        JsonNode enforced = server.twin("driven", twin -> isAt(twin, 2));
        assertThat(enforced.at("/decisions/0/action").asString()).isEqualTo("reapply");
        assertThat(enforced.at("/decisions/0/inputs/fields/0/field").asString()).isEqualTo("/config/rate");
        assertThat(enforced.at("/history/desired/0/document")).isEqualTo(enforced.at("/history/desired/1/document"));
        server.until(
                "/api/v1/events?limit=1000",
                events -> events.path("items")
                        .valueStream()
                        .filter(event -> event.path("subject").asString().equals("asset/driven"))
                        .map(event -> event.path("type").asString())
                        .toList()
                        .containsAll(List.of("twin.drifted", "twin.enforced")));
        server.report("driven", "{'generation':2,'config':{'rate':5,'ntp':{'enabled':true}},'bootId':'b1'}");
        server.twin("driven", twin -> is(twin, "in_sync"));

        server.disconnect("driven");
        JsonNode away = server.twin("driven", twin -> is(twin, "unknown"));
        assertThat(away.path("reason").asString()).isEqualTo("its last report is stale: no session is open");
        assertThat(away.at("/reported/fresh").asBoolean()).isFalse();
        server.connect("driven");
        server.settle();
        assertThat(server.twin("driven").path("reason").asString())
                .isEqualTo("its last report is stale: none since it connected");
        server.report("driven", "{'generation':2,'config':{'rate':5,'ntp':{'enabled':true}},'bootId':'b1'}");
        server.twin("driven", twin -> is(twin, "in_sync"));
    }

    @Test
    void underReportTheDriftIsShownAndLeftAlone() {
        server.create("watched", "pump", "{}");
        server.configure("watched-own", "asset: watched", "conflict: report, config: {mode: eco}");
        server.twin("watched", twin -> twin.at("/desired/config/mode").isString());
        long generation = server.twin("watched").at("/desired/generation").asLong();
        server.connect("watched");
        server.report(
                "watched",
                "{'generation':%d,'config':{'rate':5,'ntp':{'enabled':true},'mode':'turbo'}}".formatted(generation));

        JsonNode twin = server.twin(
                "watched", each -> each.at("/decisions/0/action").asString("").equals("report"));
        assertThat(twin.path("state").asString()).isEqualTo("drifted");
        assertThat(twin.path("drift").toString())
                .isEqualTo("[{\"field\":\"/config/mode\",\"desired\":\"eco\",\"reported\":\"turbo\","
                        + "\"origin\":\"configuration/watched-own\",\"policy\":\"report\"}]");
        assertThat(twin.at("/desired/generation").asLong()).isEqualTo(generation);
        assertThat(server.get("/api/v1/drift?state=drifted&selector=asset.id%20==%20'watched'".replace("'", "%27"))
                        .at("/items/0/differing")
                        .asInt())
                .isEqualTo(1);
    }

    @Test
    void underAcceptTheLocalValueBecomesDesiredUntilTheWishChanges() {
        server.create("tuned", "pump", "{}");
        server.configure("tuned-own", "asset: tuned", "conflict: accept, config: {gain: 1}");
        server.twin("tuned", twin -> twin.at("/desired/config/gain").asInt(0) == 1);
        long generation = server.twin("tuned").at("/desired/generation").asLong();
        server.connect("tuned");
        server.report(
                "tuned", "{'generation':%d,'config':{'rate':5,'ntp':{'enabled':true},'gain':4}}".formatted(generation));

        JsonNode accepted =
                server.twin("tuned", twin -> twin.at("/desired/config/gain").asInt(0) == 4);
        assertThat(accepted.at("/desired/origins").path("/config/gain").asString())
                .isEqualTo("local");
        assertThat(server.get("/api/v1/configurations/local.tuned")
                        .at("/spec/config/gain")
                        .asInt())
                .isEqualTo(4);
        assertThat(server.get("/api/v1/audit?limit=1000").toString()).contains("local.tuned");
        assertThat(server.apply("""
                        apiVersion: muster.dev/v1
                        kind: Configuration
                        metadata: {name: local.tuned}
                        spec: {target: {asset: tuned}, config: {gain: 9}}
                        """).statusCode()).isEqualTo(400);

        server.configure("tuned-own", "asset: tuned", "conflict: accept, config: {gain: 2}");
        assertThat(server.twin("tuned", twin -> twin.at("/desired/config/gain").asInt(0) == 2)
                        .at("/desired/origins")
                        .path("/config/gain")
                        .asString())
                .isEqualTo("configuration/tuned-own");
    }

    @Test
    void aRefusedGenerationIsRejectedWithItsReason() {
        server.create("stubborn", "pump", "{}");
        server.twin("stubborn", twin -> isAt(twin, 1));
        server.connect("stubborn");
        server.report(
                "stubborn", "{'generation':0,'config':{},'rejected':{'generation':1,'reason':'rate is too high'}}");

        JsonNode twin = server.twin("stubborn", each -> is(each, "rejected"));
        assertThat(twin.path("reason").asString()).isEqualTo("rate is too high");
    }

    @Test
    void aLateReportDoesNotOverwriteANewerOne() {
        server.create("late", "pump", "{}");
        server.twin("late", twin -> isAt(twin, 1));
        long now = System.currentTimeMillis();
        server.connect("late");
        server.report(
                "late",
                "{'generation':1,'ts':%d,'config':{'rate':5,'ntp':{'enabled':true}},'bootId':'b2'}".formatted(now));
        server.report("late", "{'generation':1,'ts':%d,'config':{'rate':1},'bootId':'b2'}".formatted(now - 60_000));
        server.settle();

        JsonNode twin = server.twin("late");
        assertThat(twin.path("state").asString()).isEqualTo("in_sync");
        assertThat(twin.at("/reported/ignored").asInt()).isEqualTo(1);
        assertThat(twin.at("/reported/ignoredReason").asString()).isEqualTo("older_time");
        assertThat(twin.at("/history/reported")).hasSize(1);
    }

    @Test
    void retiredAssetsHaveNoDesiredStateAndGetANewGenerationWhenTheyComeBack() {
        server.create("old", "pump", "{}");
        server.twin("old", twin -> isAt(twin, 1));
        retireOld();
        JsonNode gone = server.twin("old", twin -> twin.path("desired").isMissingNode());
        assertThat(gone.path("state").asString()).isEqualTo("unmanaged");
        server.bean(AssetService.class).restore(Actor.SYSTEM, new AssetId("old"));
        server.twin("old", twin -> isAt(twin, 2));
    }

    private static void retireOld() {
        assertThat(server.apply("""
                        apiVersion: muster.dev/v1
                        kind: Asset
                        metadata: {name: old}
                        spec: {type: pump, lifecycle: retired}
                        """).statusCode()).isEqualTo(200);
    }

    @Test
    void softwareIsAssignedWithTheCallersTransactionOrNotAtAll() {
        server.create("assigned-1", "pump", "{}");
        server.create("assigned-2", "pump", "{}");
        server.twin("assigned-1", twin -> isAt(twin, 1));
        server.twin("assigned-2", twin -> isAt(twin, 1));
        DesiredSoftware software = server.bean(DesiredSoftware.class);
        TransactionTemplate transaction = new TransactionTemplate(server.bean(PlatformTransactionManager.class));
        List<AssetId> both = List.of(new AssetId("assigned-1"), new AssetId("assigned-2"));
        List<Assignment> assignments = Stream.concat(both.stream(), Stream.of(new AssetId("nobody")))
                .map(asset -> new Assignment(
                        asset, "app", "2.0", "r-1.1", "app/2.0/x", "https://a/b", "ab", 7L, "rollout/r-1"))
                .toList();

        transaction.executeWithoutResult(status -> {
            assertThat(software.set(assignments)).isEqualTo(Map.of(both.get(0), 2L, both.get(1), 2L));
            status.setRollbackOnly();
        });
        server.settle();
        assertThat(server.twin("assigned-1").at("/desired/generation").asInt()).isEqualTo(1);

        Map<AssetId, Long> given = transaction.execute(status -> software.set(assignments));
        assertThat(given).isEqualTo(Map.of(both.get(0), 2L, both.get(1), 2L));
        assertThat(server.twin("assigned-2").at("/desired/software").toString())
                .isEqualTo("{\"app\":{\"attempt\":\"r-1.1\",\"sha256\":\"ab\",\"size\":7,\"target\":\"app/2.0/x\","
                        + "\"url\":\"https://a/b\",\"version\":\"2.0\"}}");
        assertThat(transaction.<Map<AssetId, Long>>execute(status -> software.set(assignments)))
                .as("the same again is the same generation")
                .isEqualTo(given);
        assertThat(transaction.<Map<AssetId, Long>>execute(status -> software.clear(both, "app", "rollout/r-1 ended")))
                .isEqualTo(Map.of(both.get(0), 3L, both.get(1), 3L));
        assertThat(server.twin("assigned-1").at("/desired/software")).isEmpty();
    }

    @Test
    void aConfigurationWithTemplatesComesWithTheLabelsThatTheyMayUse() {
        server.create("templated", "pump", "{'site':'berlin'}");
        server.apply("""
                apiVersion: muster.dev/v1
                kind: Configuration
                metadata: {name: templated-motd}
                spec:
                  target: {asset: templated}
                  config: {files: {motd: {path: /etc/motd, template: "at {{labels.site}}"}}}
                """);
        JsonNode twin = server.twin(
                "templated", each -> !each.at("/desired/config/files").isMissingNode());
        assertThat(twin.at("/desired/config/asset").toString())
                .isEqualTo("{\"labels\":{\"site\":\"berlin\"},\"type\":\"pump\"}");
        long generation = twin.at("/desired/generation").asLong();

        server.apply("""
                apiVersion: muster.dev/v1
                kind: Asset
                metadata: {name: templated, labels: {site: paris}}
                spec: {type: pump}
                """);

        JsonNode moved =
                server.twin("templated", each -> each.at("/desired/generation").asLong() > generation);
        assertThat(moved.at("/desired/config/asset/labels/site").asString()).isEqualTo("paris");
    }

    @Test
    void whatAnAssetReportsCanBeSelected() {
        server.create("told", "pump", "{}");
        server.twin("told", twin -> isAt(twin, 1));
        server.connect("told");
        assertThat(selected("asset.id == 'told' && !has(asset.drift) && asset.software.size() == 0"))
                .containsExactly("told");
        server.report(
                "told",
                "{'generation':1,'config':{'rate':9,'ntp':{'enabled':true}},'software':{'app':'1.4.2','muster-agent':'0.9'}}");
        server.twin("told", twin -> twin.path("differing").asInt() == 1);
        assertThat(selected("asset.software.app == '1.4.2'")).containsExactly("told");
        assertThat(selected("asset.software['muster-agent'].startsWith('0.') && asset.drift >= 1"))
                .containsExactly("told");
        assertThat(selected("asset.software.app == '1.4.3' || asset.id == 'told' && asset.drift == 0"))
                .isEmpty();

        server.twin("told", twin -> isAt(twin, 2));
        server.report("told", "{'generation':2,'config':{'rate':5,'ntp':{'enabled':true}},'software':{'app':'1.4.3'}}");
        server.twin("told", twin -> is(twin, "in_sync"));
        assertThat(selected("asset.software.app == '1.4.3' && asset.drift == 0 && !('muster-agent' in asset.software)"))
                .containsExactly("told");
    }

    private static List<String> selected(String selector) {
        return server.get("/api/v1/assets?selector=" + URLEncoder.encode(selector, StandardCharsets.UTF_8))
                .path("items")
                .valueStream()
                .map(asset -> asset.path("id").asString())
                .toList();
    }

    @Test
    void membersOfAGroupFollowImportsAndTheEndOfTheGroup() {
        server.apply("""
                apiVersion: muster.dev/v1
                kind: Group
                metadata: {name: fleeting}
                spec: {selector: "asset.labels.fleeting == 'yes'"}
                ---
                apiVersion: muster.dev/v1
                kind: Configuration
                metadata: {name: fleeting}
                spec: {target: {group: fleeting}, config: {fleeting: true}}
                """);
        server.post("/api/v1/assets/import", "text/csv", "id,type,label.fleeting\nbrought,pump,yes\n");
        server.twin("brought", twin -> twin.at("/desired/config/fleeting").asBoolean(false));

        assertThat(server.delete("/api/v1/groups/fleeting")).isEqualTo(204);
        server.twin("brought", twin -> twin.at("/desired/config/fleeting").isMissingNode());
    }

    @Test
    void aNewBaselineReachesTheAssetsOfTheType() {
        String type = """
                apiVersion: muster.dev/v1
                kind: AssetType
                metadata: {name: lamp}
                spec:
                  heartbeat: {interval: 60s, ttl: 600s}
                  baseline: {level: %d}
                """;
        server.apply(type.formatted(1));
        server.create("lamp-1", "lamp", "{}");
        server.twin("lamp-1", twin -> twin.at("/desired/config/level").asInt(0) == 1);

        server.apply(type.formatted(2));

        JsonNode twin =
                server.twin("lamp-1", each -> each.at("/desired/config/level").asInt(0) == 2);
        assertThat(twin.at("/desired/reason").asString()).isEqualTo("baseline of type lamp");
    }

    @Test
    void aConfigurationSaysAllThatIsWrongWithIt() {
        HttpResponse<String> answer = server.apply("""
                apiVersion: muster.dev/v1
                kind: Configuration
                metadata: {name: wrong}
                spec: {target: {group: nowhere, asset: nobody}, precedence: 20000, config: {a: [1, null]}, conflict: maybe, color: red}
                ---
                apiVersion: muster.dev/v1
                kind: Configuration
                metadata: {name: astray}
                spec: {target: {group: nowhere}}
                """);

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body())
                .contains("documents[0].spec.target", "documents[0].spec.precedence", "documents[0].spec.config.a[]")
                .contains("documents[0].spec.conflict", "documents[0].spec.color", "documents[1].spec.target.group");
    }

    @Test
    void theSummaryCountsStaleObservationsApart() {
        Instant began = Instant.now();
        for (String asset : new String[] {"sum-a", "sum-b", "sum-c", "sum-d"}) {
            server.create(asset, "pump", "{'sum':'yes'}");
            server.twin(asset, twin -> isAt(twin, 1));
        }
        for (String asset : new String[] {"sum-a", "sum-b", "sum-c"}) {
            server.connect(asset);
        }
        server.configure("sum-report", "asset: sum-b", "conflict: report, config: {rate: 5, ntp: {enabled: true}}");
        server.report("sum-a", "{'generation':1,'config':{'rate':5,'ntp':{'enabled':true}}}");
        server.report("sum-b", "{'generation':1,'config':{'rate':6,'ntp':{'enabled':true}}}");
        server.report("sum-c", "{'generation':1,'config':{'rate':6,'ntp':{'enabled':true}}}");
        server.disconnect("sum-c");

        JsonNode summary = server.until(
                "/api/v1/drift/summary?selector=asset.labels.sum%20==%20%27yes%27",
                each -> each.at("/states/unknown").asInt() == 2);
        assertThat(Instant.parse(summary.path("at").asString())).isBetween(began, Instant.now());
        ((ObjectNode) summary).remove("at");
        assertThat(summary.toString())
                .isEqualTo(
                        "{\"assets\":4,\"states\":{\"drifted\":1,\"in_sync\":1,\"pending\":0,\"rejected\":0,\"unknown\":2,"
                                + "\"unmanaged\":0},\"overdue\":0,\"stalled\":0,\"outOfSync\":1,\"observed\":2,\"rate\":0.5}");
        assertThat(server.pages("/api/v1/drift?state=all&limit=2&selector=asset.labels.sum%20==%20%27yes%27").stream()
                        .map(item -> item.path("asset").asString() + " "
                                + item.path("state").asString()))
                .containsExactly("sum-a in_sync", "sum-b drifted", "sum-c unknown", "sum-d unknown");
    }
}

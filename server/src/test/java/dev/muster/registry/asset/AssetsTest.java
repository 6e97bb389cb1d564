package dev.muster.registry.asset;

import static java.net.URLEncoder.encode;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.identity.Actor;
import dev.muster.identity.ActorKind;
import dev.muster.identity.Role;
import dev.muster.identity.Scope;
import dev.muster.platform.error.Refusal;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.Presence;
import dev.muster.registry.RegistryServer;
import dev.muster.registry.RegistryServer.Answer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Assets over HTTP and through the registry's own doors, on a whole server. */
class AssetsTest {
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
    void showsWhatWasRegistered() {
        Answer created = server.post("/api/v1/assets", "application/json", """
                {"id":"pos-7","type":"pos","labels":{"line":"7"},"owner":"retail","region":"eu","site":"Köln 1","hardware":"x86"}
                """);

        assertThat(created.status()).isEqualTo(201);
        Answer read = server.get("/api/v1/assets/pos-7");
        assertThat(read.tag()).isEqualTo(created.tag()).isNotNull();
        assertThat(read.json().get("labels").toString()).isEqualTo("{\"line\":\"7\"}");
        assertThat(read.json().get("lifecycle").stringValue()).isEqualTo("registered");
        assertThat(read.json().get("presence").stringValue()).isEqualTo("never_seen");
        assertThat(read.json().get("site").stringValue()).isEqualTo("Köln 1");
    }

    @Test
    void refusesAnIdThatIsTaken() {
        server.create("taken", "pos", "{}");

        Answer answer = server.post("/api/v1/assets", "application/json", "{\"id\":\"taken\",\"type\":\"pos\"}");

        assertThat(answer.status()).isEqualTo(409);
    }

    @Test
    void tellsAllThatIsWrongAtOnce() {
        Answer answer = server.post(
                "/api/v1/assets",
                "application/json",
                "{\"id\":\"no spaces\",\"type\":5,\"colour\":\"red\",\"lifecycle\":\"gone\"}");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json()
                        .at("/errors")
                        .valueStream()
                        .map(error -> error.get("field").stringValue()))
                .containsExactlyInAnyOrder("id", "type", "colour", "lifecycle");
        assertThat(server.post("/api/v1/assets", "application/json", "{\"id\":\"a\",\"type\":\"toaster\"}")
                        .text())
                .contains("is not an asset type");
        assertThat(server.post(
                                "/api/v1/assets",
                                "application/json",
                                "{\"id\":\"a\",\"type\":\"pos\",\"labels\":{\"-\":\"\\u0000\"}}")
                        .json()
                        .get("errors")
                        .size())
                .isEqualTo(2);
    }

    @Test
    void onlyAProvisionedAssetBecomesActiveWhenItIsHeardOf() {
        server.apply("", """
                apiVersion: muster.dev/v1
                kind: Group
                metadata: {name: at-work}
                spec: {selector: "asset.owner == 'first' && asset.lifecycle == 'active'"}
                """);
        List<String> lifecycles =
                List.of("registered", "provisioned", "active", "maintenance", "quarantined", "retired");
        for (String lifecycle : lifecycles) {
            server.post(
                    "/api/v1/assets",
                    "application/json",
                    "{\"id\":\"first-%s\",\"type\":\"pos\",\"owner\":\"first\",\"lifecycle\":\"%s\"}"
                            .formatted(lifecycle, lifecycle));
        }
        List<AssetId> all = lifecycles.stream()
                .map(lifecycle -> new AssetId("first-" + lifecycle))
                .toList();

        server.bean(FirstReadings.class).heardOf(all);
        server.bean(FirstReadings.class).heardOf(all);

        assertThat(all.stream()
                        .map(asset -> server.get("/api/v1/assets/" + asset)
                                .json()
                                .get("lifecycle")
                                .stringValue()))
                .containsExactly("registered", "active", "active", "maintenance", "quarantined", "retired");
        List<String> changes = server.get("/api/v1/audit?object=asset/first-provisioned&action=asset.update")
                .json()
                .get("items")
                .valueStream()
                .map(entry -> entry.get("actor").asString() + " "
                        + entry.at("/before/lifecycle").asString() + " → "
                        + entry.at("/after/lifecycle").asString())
                .toList();
        assertThat(changes).containsExactly("system provisioned → active");
        assertThat(server.get("/api/v1/groups/at-work/members")
                        .json()
                        .get("items")
                        .valueStream()
                        .map(member -> member.get("asset").asString()))
                .containsExactly("first-active", "first-provisioned");
    }

    @Test
    void aChangeNeedsTheVersionThatWasRead() {
        server.create("versioned", "pos", "{}");
        String tag = server.get("/api/v1/assets/versioned").tag();

        Answer first = server.put("/api/v1/assets/versioned", "{\"type\":\"pos\",\"owner\":\"a\"}", tag);
        Answer second = server.put("/api/v1/assets/versioned", "{\"type\":\"pos\",\"owner\":\"b\"}", tag);

        assertThat(first.status()).isEqualTo(200);
        assertThat(first.tag()).isNotEqualTo(tag);
        assertThat(second.status()).isEqualTo(412);
        assertThat(server.get("/api/v1/assets/versioned").json().get("owner").stringValue())
                .isEqualTo("a");
    }

    @Test
    void whatGetShowsMayComeBackInAPut() {
        server.create("same", "pos", "{\"a\":\"b\"}");
        Answer shown = server.get("/api/v1/assets/same");

        Answer answer = server.put("/api/v1/assets/same", shown.text(), shown.tag());

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.tag()).isEqualTo(shown.tag());
    }

    @Test
    void listsPagesThatStayPutWhileAssetsComeAndGo() {
        for (int i = 0; i < 10; i++) {
            server.create("paged-" + i, "sensor", "{\"list\":\"paged\"}");
        }
        String query = "limit=4&selector=" + encode("asset.labels.list == 'paged'", UTF_8);
        Answer first = server.get("/api/v1/assets?" + query);
        server.create("paged-00", "sensor", "{\"list\":\"paged\"}");
        server.delete("/api/v1/assets/paged-1");

        Answer second = server.get("/api/v1/assets?" + query + "&continue="
                + first.json().get("continue").stringValue());

        assertThat(second.json().at("/items/0/id").stringValue()).isEqualTo("paged-4");
        assertThat(server.ids(query)).hasSize(10).isSorted();
    }

    @Test
    void findsWordsInIdsLabelsAndSitesWhateverTheirCase() {
        server.create("word-one", "sensor", "{\"note\":\"Blue 100%\"}");
        server.create("word-two", "sensor", "{\"note\":\"blue 100x\"}");

        assertThat(server.ids("q=" + encode("WORD blue", UTF_8))).containsExactly("word-one", "word-two");
        assertThat(server.ids("q=" + encode("100%", UTF_8))).containsExactly("word-one");
        assertThat(server.ids("q=" + encode("w_rd", UTF_8))).isEmpty();
    }

    @Test
    void refusesASelectorThatIsNone() {
        Answer answer = server.get("/api/v1/assets?selector=" + encode("asset.lables.x == 'y'", UTF_8));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.text()).contains("undefined field 'lables'");
    }

    @Test
    void keepsEverybodyInsideOfTheirScope() {
        server.create("in-eu", "pos", "{\"region\":\"eu\",\"kind\":\"scoped\"}");
        server.create("in-us", "pos", "{\"region\":\"us\",\"kind\":\"scoped\"}");
        String exact = server.token("operator", "asset.labels.region == 'eu'");
        String residual = server.token("operator", "asset.labels.region.matches('^e.$')");

        for (String token : List.of(exact, residual)) {
            assertThat(server.ids(token, "selector=" + encode("asset.labels.kind == 'scoped'", UTF_8)))
                    .containsExactly("in-eu");
            assertThat(server.post(
                                    token,
                                    "/api/v1/assets",
                                    "application/json",
                                    "{\"id\":\"mine\",\"type\":\"pos\",\"labels\":{\"region\":\"us\"}}")
                            .status())
                    .isEqualTo(403);
        }
        Actor actor = new Actor("eu", ActorKind.TOKEN, Role.OPERATOR, new Scope("asset.labels.region == 'eu'"));
        AssetService service = server.bean(AssetService.class);
        AssetSpec leaving = new AssetSpec("pos", Map.of("region", "us"), "", "", "", "", null);
        assertThatThrownBy(() -> service.replace(actor, new AssetId("in-eu"), leaving, null, "api"))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("outside of your scope");
        assertThatThrownBy(() -> service.delete(actor, new AssetId("in-us"), null))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("does not exist or is outside of your scope");
    }

    @Test
    void lifecycleFollowsItsTable() {
        server.create("life", "pos", "{}");
        String path = "/api/v1/assets/life";

        assertThat(server.put(path, "{\"type\":\"pos\",\"lifecycle\":\"maintenance\"}", null)
                        .status())
                .isEqualTo(422);
        assertThat(server.put(path, "{\"type\":\"pos\",\"lifecycle\":\"active\"}", null)
                        .status())
                .isEqualTo(200);
        assertThat(server.put(path, "{\"type\":\"pos\",\"lifecycle\":\"quarantined\"}", null)
                        .status())
                .isEqualTo(200);
        Actor operator = new Actor("op", ActorKind.TOKEN, Role.OPERATOR, Scope.ALL);
        AssetSpec active = new AssetSpec("pos", Map.of(), "", "", "", "", Lifecycle.ACTIVE);
        assertThatThrownBy(() ->
                        server.bean(AssetService.class).replace(operator, new AssetId("life"), active, null, "api"))
                .hasMessageContaining("only an administrator may end");
        assertThat(server.put(path, "{\"type\":\"pos\",\"lifecycle\":\"active\"}", null)
                        .status())
                .isEqualTo(200);
    }

    @Test
    void enrolmentProvisionsAKnownAssetAndCreatesAnUnknownOne() {
        AssetService service = server.bean(AssetService.class);
        server.create("known", "sensor", "{\"own\":\"label\"}");

        Asset known = service.enrol(Actor.SYSTEM, new AssetId("known"), "sensor", Map.of("line", "7"));
        Asset unknown = service.enrol(Actor.SYSTEM, new AssetId("unknown"), "sensor", Map.of("line", "7"));

        assertThat(known.lifecycle()).isEqualTo(Lifecycle.PROVISIONED);
        assertThat(known.labels()).isEqualTo(Map.of("own", "label"));
        assertThat(unknown.lifecycle()).isEqualTo(Lifecycle.PROVISIONED);
        assertThat(unknown.labels()).isEqualTo(Map.of("line", "7"));
        assertThatThrownBy(() -> service.enrol(Actor.SYSTEM, new AssetId("known"), "pos", Map.of()))
                .hasMessageContaining("it is of type sensor and the claim token is for type pos");
    }

    @Test
    void presenceKeepsItsBeginningAndTheLatestSignOfLife() {
        server.create("present", "sensor", "{}");
        AssetStore store = server.bean(AssetStore.class);
        AssetId id = new AssetId("present");
        Instant t = Instant.now().truncatedTo(ChronoUnit.MILLIS);

        store.updatePresence(List.of(new PresenceUpdate(id, Presence.ONLINE, t, t)));
        store.updatePresence(List.of(
                new PresenceUpdate(id, Presence.ONLINE, t.plusSeconds(9), t.minusSeconds(9)),
                new PresenceUpdate(new AssetId("nobody"), Presence.ONLINE, t, t)));

        Asset asset = store.find(id).orElseThrow();
        assertThat(asset.presence()).isEqualTo(Presence.ONLINE);
        assertThat(asset.presenceSince()).isEqualTo(t);
        assertThat(asset.lastSeen()).isEqualTo(t);
        assertThat(server.ids("selector="
                        + encode("asset.presence == 'online' && asset.lastSeen > now - duration('1h')", UTF_8)))
                .contains("present");
    }

    @Test
    void findsStaleRecords() {
        server.create("stale-never", "sensor", "{\"list\":\"stale\"}");
        server.create("stale-seen", "sensor", "{\"list\":\"stale\"}");
        Instant longAgo = Instant.now().minus(90, ChronoUnit.DAYS);
        server.bean(AssetStore.class)
                .updatePresence(
                        List.of(new PresenceUpdate(new AssetId("stale-seen"), Presence.OFFLINE, longAgo, longAgo)));
        server.bean(JdbcClient.class)
                .sql("update asset set created = created - interval '60 days' where id = 'stale-never'")
                .update();

        assertThat(server.ids("selector="
                        + encode(
                                "asset.labels.list == 'stale'"
                                        + " && (asset.lastSeen < now - duration('720h')"
                                        + " || !has(asset.lastSeen) && asset.created < now - duration('720h'))",
                                UTF_8)))
                .containsExactly("stale-never", "stale-seen");
    }

    @Test
    void leavesATrailAndAnEventOfEachChange() {
        server.create("trailed", "pos", "{}");
        server.put("/api/v1/assets/trailed", "{\"type\":\"pos\",\"owner\":\"ops\"}", null);
        server.delete("/api/v1/assets/trailed");

        List<String> actions = server.bean(JdbcClient.class)
                .sql("select action from audit_entry where object_name = 'trailed' order by id")
                .query((row, index) -> row.getString(1))
                .list();
        assertThat(actions).containsExactly("asset.create", "asset.update", "asset.delete");
        assertThat(server.get("/api/v1/assets/trailed").status()).isEqualTo(404);
    }
}

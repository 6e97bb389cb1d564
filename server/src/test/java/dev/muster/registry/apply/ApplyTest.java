package dev.muster.registry.apply;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.registry.RegistryServer;
import dev.muster.registry.RegistryServer.Answer;
import dev.muster.registry.type.AssetTypes;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Documents applied to a whole server. */
class ApplyTest {
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

    private static final String FLEET = """
            apiVersion: muster.dev/v1
            kind: Asset
            metadata: {name: crane-1, labels: {port: Hamburg}}
            spec: {type: crane, site: Hamburg, lifecycle: active}
            ---
            apiVersion: muster.dev/v1
            kind: Group
            metadata: {name: cranes}
            spec: {selector: "asset.type == 'crane'"}
            ---
            apiVersion: muster.dev/v1
            kind: AssetType
            metadata: {name: crane}
            spec:
              heartbeat: {interval: 5s, ttl: 20s}
              telemetry:
                metrics:
                  load: {unit: kg, min: 0, max: 90000}
            """;

    @Test
    void createsATypeItsAssetsAndTheirGroupFromOneFileAndThenChangesNothing() {
        Answer created = server.apply("?dryRun=true", FLEET);
        assertThat(results(created)).containsExactly("created", "created", "created");
        assertThat(server.get("/api/v1/assets/crane-1").status()).isEqualTo(404);
        assertThat(server.bean(AssetTypes.class).find("crane")).isEmpty();

        assertThat(results(server.apply("", FLEET))).containsExactly("created", "created", "created");
        assertThat(results(server.apply("", FLEET))).containsExactly("unchanged", "unchanged", "unchanged");

        assertThat(server.bean(AssetTypes.class).find("crane")).isPresent();
        assertThat(server.get("/api/v1/groups/cranes/members").text()).contains("crane-1");
        assertThat(server.delete("/api/v1/asset-types/crane").status()).isEqualTo(409);
    }

    @Test
    void whatGetShowsOfATypeOrAGroupMayBeAppliedAgain() {
        String shown = server.get("/api/v1/asset-types/vehicle").text();

        assertThat(results(server.apply("?fieldManager=other", shown))).containsExactly("unchanged");
    }

    @Test
    void tellsEveryProblemOfEveryDocumentAndAppliesNone() {
        Answer answer = server.apply("", """
                apiVersion: muster.dev/v1
                kind: Asset
                metadata: {name: fine}
                spec: {type: pos}
                ---
                apiVersion: muster.dev/v1
                kind: Asset
                metadata: {name: not fine, labels: {a: 1}}
                spec: {type: pos}
                ---
                apiVersion: muster.dev/v2
                kind: Toaster
                metadata: {}
                spec: {}
                ---
                apiVersion: muster.dev/v1
                kind: AssetType
                metadata: {name: bad-type}
                spec: {criticality: extreme, colour: red}
                ---
                apiVersion: muster.dev/v1
                kind: Asset
                metadata: {name: other}
                spec: {type: toaster, site: 3}
                """);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json()
                        .get("errors")
                        .valueStream()
                        .map(error -> error.get("field").stringValue()))
                .containsExactlyInAnyOrder(
                        "documents[1].metadata.name",
                        "documents[2].apiVersion",
                        "documents[2].kind",
                        "documents[2].metadata.name",
                        "documents[3].spec.criticality",
                        "documents[3].spec.colour",
                        "documents[4].spec.site");
        assertThat(server.get("/api/v1/assets/fine").status()).isEqualTo(404);
    }

    @Test
    void aFieldOfAnotherManagerIsAConflictUnlessForced() {
        String mine = """
                apiVersion: muster.dev/v1
                kind: Asset
                metadata: {name: owned}
                spec: {type: pos, owner: %s}
                """;
        server.apply("?fieldManager=git", mine.formatted("retail"));

        Answer refused = server.apply("?fieldManager=alice", mine.formatted("ops"));
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.text()).contains("documents[0].spec.owner", "git");

        assertThat(results(server.apply("?fieldManager=alice&force=true", mine.formatted("ops"))))
                .containsExactly("updated");
        assertThat(server.apply("?fieldManager=git", mine.formatted("retail")).status())
                .isEqualTo(409);
    }

    @Test
    void aPlainWriteTakesTheFieldsThatItChanges() {
        String yaml = """
                apiVersion: muster.dev/v1
                kind: Asset
                metadata: {name: touched, labels: {a: x, b: y}}
                spec: {type: pos}
                """;
        server.apply("?fieldManager=git", yaml);
        server.put("/api/v1/assets/touched", "{\"type\":\"pos\",\"labels\":{\"a\":\"z\",\"b\":\"y\"}}", null);

        Answer refused = server.apply("?fieldManager=git", yaml);

        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.json().at("/errors/0/field").stringValue()).isEqualTo("documents[0].metadata.labels.a");
    }

    @Test
    void aFieldLeftOutByItsOwnerGoes() {
        server.apply("", """
                apiVersion: muster.dev/v1
                kind: Asset
                metadata: {name: shrinking, labels: {a: x, b: y}}
                spec: {type: pos, owner: me}
                """);

        server.apply("", """
                apiVersion: muster.dev/v1
                kind: Asset
                metadata: {name: shrinking, labels: {a: x}}
                spec: {type: pos}
                """);

        var asset = server.get("/api/v1/assets/shrinking").json();
        assertThat(asset.get("labels").toString()).isEqualTo("{\"a\":\"x\"}");
        assertThat(asset.get("owner").stringValue()).isEmpty();
    }

    @Test
    void saysInWhichLineTheYamlBreaks() {
        Answer answer = server.apply("", "apiVersion: muster.dev/v1\nkind: [\n");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.text()).contains("is not YAML").contains("line 3");
    }

    private static List<String> results(Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json()
                .get("results")
                .valueStream()
                .map(result -> result.get("result").stringValue())
                .toList();
    }
}

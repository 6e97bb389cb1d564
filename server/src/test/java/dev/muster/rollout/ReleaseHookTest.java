package dev.muster.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.rollout.RolloutServer.Behaviour;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a registry pushes, and the rollout that comes of it. */
class ReleaseHookTest extends RolloutsFixture {
    private static final String HOOK = """
            {"name":"images","format":"github","component":"app","repository":"acme/app","tagPrefix":"v",
             "rolloutName":"pushed-{{version}}","rollout":{"selector":"asset.labels.group == 'pushed'",
             "change":{"release":{"component":"{{component}}","version":"%s"}},
             "soak":"0s","timeout":"5m","evidence":"confirmed"}}
            """;

    @Test
    void whatARegistryPushesStartsARolloutOnce() throws Exception {
        server.device("pushed-0", "1.0", Behaviour.GOOD, "pushed");
        server.settle();
        assertThat(server.post("/api/v1/release-hooks", HOOK.formatted("2.0")).body())
                .contains("the rollout does not bring the version that is pushed");
        HttpResponse<String> created = server.post("/api/v1/release-hooks", HOOK.formatted("{{version}}"));
        assertThat(created.statusCode()).as(created.body()).isEqualTo(201);
        String secret =
                JsonMapper.shared().readTree(created.body()).path("secret").asString("");
        assertThat(server.post("/api/v1/release-hooks", HOOK.formatted("{{version}}"))
                        .statusCode())
                .isEqualTo(409);

        String body = pushed("acme/app", "v3.1");
        assertThat(server.postWith(signed("0".repeat(64), "d-1", body), "/hooks/images", body)
                        .statusCode())
                .isEqualTo(401);
        assertThat(server.postWith(signed(secret, "d-1", body), "/hooks/other", body)
                        .body())
                .isEqualTo(
                        server.postWith(Map.of(), "/hooks/images", body).body().replace("images", "other"));
        assertThat(delivered(secret, "d-1", body))
                .isEqualTo("d-1 refused  app@3.1 is not published; deliver it again when it is");
        server.publish("app", "3.1");
        assertThat(delivered(secret, "d-1", body)).isEqualTo("d-1 started pushed-3-1 ");
        assertThat(server.liveUntil("pushed-3-1", "completed").path("counts").toString())
                .isEqualTo("{\"succeeded\":1}");

        // sent again, and by somebody who has seen it and gives it another id, which GitHub does not sign
        assertThat(delivered(secret, "d-1", body)).isEqualTo("d-1 started pushed-3-1 ");
        assertThat(delivered(secret, "d-2", body)).isEqualTo("d-1 started pushed-3-1 ");
        // pushed once more: a rollout of this version is there
        assertThat(delivered(secret, "d-3", body.replace("published", "updated")))
                .isEqualTo("d-3 exists pushed-3-1 rollout pushed-3-1 is completed");
        assertThat(delivered(secret, "d-4", pushed("acme/other", "v3.1"))).isEmpty();
        assertThat(delivered(secret, "d-5", pushed("acme/app", "latest"))).isEmpty();

        JsonNode entries =
                server.get("/api/v1/audit?action=release-hook.deliver").path("items");
        assertThat(entries.size()).isEqualTo(3); // refused, started, exists
        assertThat(entries.toString() + server.get("/api/v1/release-hooks") + server.get("/api/v1/audit?limit=1000"))
                .doesNotContain(secret);
        assertThat(server.get("/api/v1/release-hooks/images/deliveries").size()).isEqualTo(2);
        assertThat(server.delete("/api/v1/release-hooks/images")).isEqualTo(204);
        assertThat(server.postWith(signed(secret, "d-6", body), "/hooks/images", body)
                        .statusCode())
                .isEqualTo(401);
    }

    private static String pushed(String repository, String tag) {
        return """
                {"action":"published","registry_package":{"namespace":"%s","name":"%s","updated_at":"%s",
                 "package_version":{"container_metadata":{"tag":{"name":"%s"}}}}}
                """.formatted(
                        repository.substring(0, repository.indexOf('/')),
                        repository.substring(repository.indexOf('/') + 1),
                        java.time.Instant.now(),
                        tag);
    }

    private static Map<String, String> signed(String secret, String delivery, String body) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.US_ASCII), "HmacSHA256"));
        return Map.of(
                "X-GitHub-Event",
                "registry_package",
                "X-GitHub-Delivery",
                delivery,
                "X-Hub-Signature-256",
                "sha256=" + HexFormat.of().formatHex(mac.doFinal(body.getBytes(StandardCharsets.UTF_8))));
    }

    /** What it came to, in words; empty when it is about something else. */
    private String delivered(String secret, String delivery, String body) throws Exception {
        HttpResponse<String> answer = server.postWith(signed(secret, delivery, body), "/hooks/images", body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
        JsonNode first =
                JsonMapper.shared().readTree(answer.body()).path("deliveries").path(0);
        return first.isMissingNode()
                ? ""
                : String.join(
                        " ",
                        first.path("delivery").asString(""),
                        first.path("outcome").asString(""),
                        first.path("rollout").asString(""),
                        first.path("detail").asString(""));
    }
}

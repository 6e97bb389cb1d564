package dev.muster.ddi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.Shell;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The other door for devices that exist: Mosquitto's command line clients go through a rollout as docs/protocol.md says, report each step,
 * and are sent back when they say that it went wrong.
 */
class MosquittoRolloutTest {
    private static final String QUICK = "soak: 0s, timeout: 5m, evidence: confirmed";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @Test
    void plainMqttGoesThroughARolloutAndBack() throws Exception {
        Shell.require("mosquitto_pub", "mosquitto_sub");
        try (DdiServer server = new DdiServer(Map.of("mqtt-plain-listen", "127.0.0.1:0"))) {
            server.publish("app", "1.0", "the old one");
            server.publish("app", "2.0", "the new one");
            server.publish("app", "3.0", "the one that crashes");
            String address = JsonMapper.shared()
                    .readTree(Files.readString(server.directory().resolve("run/server.json")))
                    .path("mqttPlain")
                    .asString();
            Till till = new Till(address, server.register("till"));
            till.say("\"software\":{\"app\":\"1.0\"},\"bootId\":\"b-1\"");
            server.awaitRuns("till", "1.0", () -> "");

            server.rollOut("good", "till", "2.0", QUICK);
            server.awaitStage("good", "till", "ordered");
            JsonNode order = till.desired();
            assertThat(order.at("/software/app/version").asString()).isEqualTo("2.0");
            assertThat(order.at("/software/app/size").asInt()).isEqualTo("the new one".length());
            till.update(order, "1.0", "\"notified\"", "b-1");
            server.awaitStage("good", "till", "notified");
            till.update(order, "1.0", "\"downloading\",\"progress\":40", "b-1");
            server.awaitStage("good", "till", "downloading");
            till.update(order, "1.0", "\"installed\"", "b-1");
            server.awaitStage("good", "till", "installed");
            till.update(order, "1.0", "\"rebooting\"", "b-1");
            server.awaitStage("good", "till", "rebooting");
            till.update(order, "2.0", "\"succeeded\"", "b-2");
            server.awaitStage("good", "till", "succeeded");

            server.rollOut("bad", "till", "3.0", QUICK + ", failures: {threshold: 50%, then: pause}");
            server.awaitStage("bad", "till", "ordered");
            till.update(till.desired(), "2.0", "\"rolled_back\",\"reason\":\"crashed three times\"", "b-4");
            server.awaitStage("bad", "till", "returning");
            JsonNode target = server.get("/api/v1/rollouts/bad/targets").at("/items/0");
            assertThat(target.path("reason").asString() + ": "
                            + target.path("detail").asString())
                    .isEqualTo("went_back: crashed three times");
            till.update(till.desired(), "2.0", "\"succeeded\"", "b-4");
            server.awaitStage("bad", "till", "failed");
        }
    }

    /** What a person would type. */
    private final class Till {
        private final String options;

        Till(String address, String token) {
            int colon = address.lastIndexOf(':');
            this.options = " -h " + address.substring(0, colon) + " -p " + address.substring(colon + 1)
                    + " -V 5 -q 1 -u till -P " + token;
        }

        JsonNode desired() throws Exception {
            return JsonMapper.shared()
                    .readTree(
                            Shell.run(folder, "mosquitto_sub" + options + " -C 1 -W 30 -t assets/till/state/desired"));
        }

        void say(String fields) throws Exception {
            Path payload = Files.writeString(folder.resolve("report.json"), "{" + fields + "}");
            Shell.run(folder, "mosquitto_pub" + options + " -t assets/till/state/reported -f " + payload);
        }

        /** Answers an order. @param state and what belongs to it */
        void update(JsonNode order, String runs, String state, String bootId) throws Exception {
            JsonNode wanted = order.at("/software/app");
            say("""
                    "generation":%d,"software":{"app":"%s"},"bootId":"%s",
                    "updates":{"app":{"version":"%s","attempt":"%s","previous":"1.0","state":%s}}""".formatted(
                            order.path("generation").asLong(),
                            runs,
                            bootId,
                            wanted.path("version").asString(),
                            wanted.path("attempt").asString(),
                            state));
        }
    }
}

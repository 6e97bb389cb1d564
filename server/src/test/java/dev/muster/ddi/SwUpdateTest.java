package dev.muster.ddi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.Shell;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Debian's SWUpdate and a whole server; judged by the files on disk and SWUpdate's own log, beside what the rollouts say. */
class SwUpdateTest {
    private static final String CONFIRMED = "timeout: 10m, evidence: confirmed";

    @TempDir
    Path folder;

    @Test
    void swUpdateInstallsAGoodImageAndKeepsWhatItHasWhenOneIsBroken() throws Exception {
        Shell.require("swupdate", "cpio", "openssl");
        try (DdiServer server = new DdiServer(Map.of("ddi-target-tokens", "true", "ddi-poll-interval", "2s"))) {
            String url = server.device().replace("127.0.0.1", "localhost");
            Path ca = server.directory().resolve("pki/root.crt");
            try (SwUpdate device = new SwUpdate(folder, url, ca, "board", server.register("board"))) {
                byte[] good = device.image("2.0", "version 2.0\n");
                byte[] broken = device.image("3.0", "version 3.0\n");
                int content = new String(broken, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf("version 3.0");
                broken[content] ^= 1; // the content is not the one that was signed
                server.publish("app", "2.0", good);
                server.publish("app", "3.0", broken);
                Files.writeString(device.installed(), "version 1.0\n");
                device.boot("1.0", "");
                server.awaitRuns("board", "1.0", device::said);
                device.stop();

                server.rollOut("good", "board", "2.0", CONFIRMED);
                server.awaitStage("good", "board", "ordered");
                device.boot("1.0", "");
                server.awaitStage("good", "board", "installed");
                assertThat(device.said()).contains("SWUPDATE successful !");
                assertThat(device.installed()).hasContent("version 2.0\n");
                device.boot("2.0", "-c 2");
                server.awaitStage("good", "board", "succeeded");
                device.stop();

                server.rollOut("broken", "board", "3.0", CONFIRMED + ", failures: {threshold: 50%, then: pause}");
                server.awaitStage("broken", "board", "ordered");
                device.boot("2.0", "");
                server.awaitStage("broken", "board", "returning");
                assertThat(device.said()).contains("HASH mismatch");
                assertThat(device.said()).doesNotContain("SWUPDATE successful !");
                JsonNode target = server.get("/api/v1/rollouts/broken/targets")
                        .path("items")
                        .get(0);
                assertThat(target.path("reason").asString()).isEqualTo("reported");
                assertThat(target.path("detail").asString()).contains("No suitable .swu image found");
                assertThat(device.said())
                        .as("SWUpdate's own words")
                        .contains(target.path("detail").asString().split("; "));
            }
        }
    }
}

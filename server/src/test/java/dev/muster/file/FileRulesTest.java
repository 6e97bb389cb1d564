package dev.muster.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.file.FileRules.Limits;
import dev.muster.file.FileRules.Use;
import dev.muster.gateway.port.FileIntake.Announced;
import dev.muster.gateway.port.FileIntake.Said.Refused;
import dev.muster.protocol.AssetId;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FileRulesTest {
    private static final Limits LIMITS = new Limits("camera", 100, 250, 3, 2, 1_000);

    private static Optional<String> code(long size, Use use) {
        var file = new Announced("a", "log", "text/plain", size, null, null, Map.of());
        return FileRules.refusal(new AssetId("cam-1"), file, LIMITS, use)
                .map(refused -> refused.status() + " " + refused.code());
    }

    @Test
    void eachBoundIsReachedAndNotPassed() {
        assertThat(code(100, new Use(150, 2, 0, 1_100))).isEmpty();
        assertThat(code(101, new Use(0, 0, 0, -1))).contains("413 too_large");
        assertThat(code(100, new Use(151, 0, 0, -1))).contains("507 quota");
        assertThat(code(1, new Use(0, 3, 0, -1))).contains("507 quota");
        assertThat(code(1, new Use(0, 2, 1, -1))).contains("507 quota");
        assertThat(code(1, new Use(0, 0, 2, -1))).contains("429 rate_limited");
        assertThat(code(100, new Use(0, 0, 0, 1_099))).contains("507 disk_full");
        assertThat(code(0, new Use(250, 2, 0, 1_000))).isEmpty();
    }

    @Test
    void aRefusalSaysWhatWasFoundAndWhatIsAllowed() {
        var file = new Announced("a", "log", "text/plain", 101, null, null, Map.of());
        assertThat(FileRules.refusal(new AssetId("cam-1"), file, LIMITS, new Use(0, 0, 0, -1)))
                .contains(new Refused(
                        413, "too_large", "the file has 101 bytes, allowed are 100 for an asset of type camera"));
    }
}

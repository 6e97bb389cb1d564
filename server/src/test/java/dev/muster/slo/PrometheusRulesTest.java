package dev.muster.slo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The shipped rules with Prometheus's own promtool; on a laptop without it this is skipped, under CI it fails. */
class PrometheusRulesTest {
    private static final Path RULES =
            Path.of("../deploy/prometheus").toAbsolutePath().normalize();

    @Test
    void theRulesAreValidAndGiveTheNumbersWorkedOutByHand() throws Exception {
        assertThat(promtool("check", "rules", "muster.rules.yml")).contains("SUCCESS");
        assertThat(promtool("test", "rules", "muster.rules.test.yml")).contains("SUCCESS");
    }

    private static String promtool(String... arguments) throws Exception {
        List<String> command = new java.util.ArrayList<>(List.of("promtool"));
        command.addAll(List.of(arguments));
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .directory(RULES.toFile())
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException missing) {
            String text = "promtool is not installed; apt-get install prometheus brings it";
            if (System.getenv("CI") != null) {
                fail(text);
            }
            abort(text);
            throw missing;
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}

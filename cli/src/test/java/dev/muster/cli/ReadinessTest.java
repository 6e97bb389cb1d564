package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.cli.Cli.Result;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReadinessTest {
    private static final String OWNERS =
            "{\"name\":\"owners\",\"title\":\"t\",\"state\":\"warn\",\"found\":\"9 of 10\",\"todo\":\"set spec.owner\",\"link\":\"\"}";
    private static final String DRIFT =
            "{\"name\":\"drift\",\"title\":\"t\",\"state\":\"ok\",\"found\":\"0.0%\",\"todo\":\"\",\"link\":\"\"}";
    private static final String BACKUP =
            "{\"name\":\"backup\",\"title\":\"t\",\"state\":\"unknown\",\"found\":\"none\",\"todo\":\"make one\",\"link\":\"\"}";
    private static final String TOKENS =
            "{\"name\":\"tokens\",\"title\":\"t\",\"state\":\"fail\",\"found\":\"first-admin-1\",\"todo\":\"revoke\",\"link\":\"\"}";

    private final FakeServer server;

    ReadinessTest() throws IOException {
        server = new FakeServer();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void warningsAreReady() {
        finds(OWNERS, DRIFT);
        assertThat(Cli.at(server).run("readiness")).isEqualTo(new Result(0, """
                warn    owners      9 of 10
                                    → set spec.owner
                ok      drift       0.0%
                """, ""));
    }

    @Test
    void whatFailsAndWhatIsUnknownIsNot() {
        finds(BACKUP, TOKENS);
        Result result = Cli.at(server).run("readiness", "-o", "json");
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).isEqualTo("muster: not ready: backup is unknown, tokens fails\n");
        assertThat(result.out()).contains("\"first-admin-1\"");
    }

    @Test
    void whatSomebodyElseSeesToCanBeLeftOutByItsName() {
        finds(BACKUP, DRIFT);
        assertThat(Cli.at(server).run("readiness", "--except", "backup").code()).isZero();
        Result misspelt = Cli.at(server).run("readiness", "--except", "backups");
        assertThat(misspelt.code()).isEqualTo(2);
        assertThat(misspelt.err()).isEqualTo("muster: --except names no check: backups; there are backup, drift\n");
    }

    private void finds(String... checks) {
        server.answers("GET /api/v1/readiness", 200, "{\"ready\":false,\"checks\":[" + String.join(",", checks) + "]}");
    }
}

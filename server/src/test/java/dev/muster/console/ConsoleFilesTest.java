package dev.muster.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.TestServer;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The console's files, of a small stand-in for the real ones that lies in the test's resources. */
class ConsoleFilesTest {
    @SuppressWarnings("NullAway.Init")
    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void theServersAddressLeadsToTheConsole() {
        HttpResponse<String> root = server.get("/");

        assertThat(root.statusCode()).isEqualTo(302);
        assertThat(root.headers().firstValue("Location")).contains("/console/");
    }

    @Test
    void aPathOfAScreenGetsThePageWithAStrictPolicy() {
        HttpResponse<String> screen = server.get("/console/assets/truck-1");

        assertThat(screen.statusCode()).isEqualTo(200);
        assertThat(screen.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/html");
        assertThat(screen.headers().firstValue("Cache-Control")).contains("no-cache");
        assertThat(screen.headers().firstValue("Content-Security-Policy").orElseThrow())
                .isEqualTo(
                        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:;"
                                + " font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self';"
                                + " base-uri 'none'; frame-ancestors 'none'");
        assertThat(screen.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
    }

    @Test
    void aFileThatIsGoneIsNotAnsweredWithThePage() {
        assertThat(server.get("/console/static/gone-123.js").statusCode()).isEqualTo(404);
    }

    @Test
    void isNotAWayAroundTheFolder() {
        assertThat(server.get("/console/..%2f..%2fmuster.properties").statusCode())
                .isEqualTo(400);
        assertThat(server.get("/console/%2e%2e/muster.properties").statusCode()).isEqualTo(400);
    }
}

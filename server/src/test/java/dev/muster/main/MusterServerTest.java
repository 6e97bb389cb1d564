package dev.muster.main;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.TestServer;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

class MusterServerTest {

    @Test
    void startsOnAMigratedDatabaseAndIsReady() {
        try (TestServer server = TestServer.start()) {
            assertThat(server.bean(JdbcClient.class)
                            .sql("select count(*) from event_log")
                            .query(Integer.class)
                            .single())
                    .isNotNegative();
            var response = server.get("/readyz");
            assertThat(response.body()).contains("\"ready\":true");
            assertThat(response.statusCode()).isEqualTo(200);
        }
    }

    @Test
    void answersAnUnknownPathWithAProblem() {
        try (TestServer server = TestServer.start()) {
            var response = server.get("/livez/unknown");
            assertThat(response.statusCode()).isIn(401, 403, 404);
        }
    }
}

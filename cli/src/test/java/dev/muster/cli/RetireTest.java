package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.cli.Cli.Result;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RetireTest {
    private final FakeServer server;

    RetireTest() throws IOException {
        server = new FakeServer();
        server.answers("POST /api/v1/assets/box-1/retirement", 201, retirement("wiping", "pending", "waits"));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void asksForAYesWhereNobodyCanTypeTheId() {
        Result result = Cli.at(server).run("retire", "box-1");
        assertThat(result.code()).isEqualTo(3);
        assertThat(result.err()).contains("asset box-1 goes out of the fleet for good", "--yes");
        assertThat(server.requests).isEmpty();
    }

    @Test
    void saysHowFarItIsAndDoesNotWait() {
        assertThat(Cli.at(server).run("retire", "box-1", "--yes", "--within", "7d", "--if-unconfirmed", "keep"))
                .isEqualTo(new Result(0, "asset box-1: waits\n", ""));
        assertThat(server.requests)
                .last()
                .extracting(FakeServer.Request::body)
                .isEqualTo("{\"wipe\":true,\"confirm\":true,\"wipeWithin\":\"7d\",\"ifUnconfirmed\":\"keep\"}");
    }

    @Test
    void aWipeThatIsNotConfirmedIsNoSuccess() {
        server.answers(
                "GET /api/v1/assets/box-1/retirement",
                200,
                retirement("retired", "unconfirmed", "retired, wipe unconfirmed: it was away"));
        Result result = Cli.at(server).run("retire", "box-1", "--yes", "--wait");
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.out()).isEqualTo("asset box-1: retired, wipe unconfirmed: it was away\n");
        server.answers("GET /api/v1/assets/box-1/retirement", 200, retirement("retired", "confirmed", "retired"));
        assertThat(Cli.at(server).run("retire", "box-1", "--yes", "--wait").code())
                .isZero();
    }

    @Test
    void bringsBack() {
        server.answers("POST /api/v1/assets/box-1/restore", 200, "{\"id\":\"box-1\",\"lifecycle\":\"registered\"}");
        assertThat(Cli.at(server)
                        .run("asset", "restore", "box-1", "--reason", "repaired")
                        .out())
                .isEqualTo("asset box-1 is registered; it enrols with a new claim token\n");
    }

    private static String retirement(String phase, String wipe, String summary) {
        return "{\"asset\":\"box-1\",\"phase\":\"%s\",\"wipe\":\"%s\",\"summary\":\"%s\"}"
                .formatted(phase, wipe, summary);
    }
}

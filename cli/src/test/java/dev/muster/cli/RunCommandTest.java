package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.cli.Cli.Result;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunCommandTest {
    private static final String GIVEN =
            "{\"id\":\"c-1\",\"asset\":\"pos-1\",\"name\":\"show-message\",\"status\":\"pending\"}";

    private final FakeServer server;

    RunCommandTest() throws IOException {
        server = new FakeServer();
        server.answers(
                "POST /api/v1/commands?dryRun=true",
                200,
                "{\"name\":\"show-message\",\"assets\":1,\"disruptive\":false}");
        server.answers("POST /api/v1/commands", 201, GIVEN);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void givesACommandAndPrintsWhatItPrinted() {
        server.answers(
                "GET /api/v1/commands/c-1",
                200,
                GIVEN.replace("pending", "succeeded")
                        .replace("}", ",\"output\":\"shown\\nagain\",\"detail\":{\"exit\":0}}"));
        assertThat(Cli.at(server)
                        .run(
                                "run",
                                "show-message",
                                "--asset",
                                "pos-1",
                                "-p",
                                "text=Good day",
                                "-p",
                                "seconds=7",
                                "-p",
                                "loud=true",
                                "--timeout",
                                "5m"))
                .isEqualTo(new Result(0, "shown\nagain\n{\"exit\":0}\n", "command c-1 to asset pos-1 succeeded\n"));
        assertThat(bodies())
                .last()
                .isEqualTo("{\"name\":\"show-message\",\"asset\":\"pos-1\",\"timeout\":\"5m\",\"parameters\":"
                        + "{\"text\":\"Good day\",\"seconds\":7,\"loud\":true}}");
    }

    @Test
    void showsWhatAHostileOutputWouldDoToATerminal() {
        server.answers(
                "GET /api/v1/commands/c-1",
                200,
                GIVEN.replace("pending", "succeeded")
                        .replace("}", ",\"output\":\"bad\\u001b[1A\\u001b[2Kgood\\u009b31m\\n\\u001b]0;x\\u0007\"}"));
        assertThat(Cli.at(server).run("run", "show-message", "--asset", "pos-1").out())
                .isEqualTo("bad␛[1A␛[2Kgood�31m\n␛]0;x␇\n");
    }

    @ParameterizedTest
    @CsvSource({
        "failed, 1, failed",
        "rejected, 3, was rejected by the asset",
        "expired, 1, was not taken before its deadline",
        "indeterminate, 1, nobody knows how it ended",
        "cancelled, 3, was cancelled"
    })
    void endsWithACodeThatSaysHowItEnded(String status, int code, String words) {
        server.answers("GET /api/v1/commands/c-1", 200, GIVEN.replace("pending", status));
        Result result = Cli.at(server).run("run", "show-message", "--asset", "pos-1");
        assertThat(result.code()).isEqualTo(code);
        assertThat(result.err()).contains(words);
    }

    @Test
    void doesNotWaitWhenToldSo() {
        assertThat(Cli.at(server).run("run", "show-message", "--asset", "pos-1", "--no-wait"))
                .isEqualTo(new Result(0, "c-1\n", ""));
        assertThat(server.requests).noneMatch(request -> request.line().startsWith("GET"));
    }

    @Test
    void asksBeforeServiceIsInterruptedAndDoesNothingWithoutAYes() {
        server.answers(
                "POST /api/v1/commands?dryRun=true",
                200,
                "{\"name\":\"reboot\",\"assets\":1,\"disruptive\":true,\"types\":{\"pos\":1}}");
        Result piped = Cli.at(server).run("run", "reboot", "--asset", "pos-1");
        assertThat(piped.code()).isEqualTo(3);
        assertThat(piped.err())
                .contains("interrupts the service of asset pos-1")
                .contains("--yes");
        Result no = Cli.at(server).onTerminalOf(100).reading("n\n").run("run", "reboot", "--asset", "pos-1");
        assertThat(no.code()).isEqualTo(3);
        assertThat(no.err()).contains("nothing was done");
        assertThat(server.requests).allMatch(request -> request.line().contains("dryRun"));

        assertThat(Cli.at(server)
                        .onTerminalOf(100)
                        .reading("y\n")
                        .run("run", "reboot", "--asset", "pos-1", "--no-wait")
                        .code())
                .isZero();
        assertThat(Cli.at(server)
                        .run("run", "reboot", "--asset", "pos-1", "--no-wait", "--yes")
                        .code())
                .isZero();
        assertThat(bodies()).last().isEqualTo("{\"name\":\"reboot\",\"asset\":\"pos-1\",\"confirm\":true}");
    }

    @Test
    void runsOverASelectionAndTellsWhatDidNotSucceed() {
        server.answers(
                "POST /api/v1/command-runs?dryRun=true",
                200,
                "{\"name\":\"identify\",\"assets\":3,\"disruptive\":false}");
        server.answers(
                "POST /api/v1/command-runs", 201, "{\"id\":\"r-1\",\"name\":\"identify\",\"state\":\"running\"}");
        server.answers(
                "GET /api/v1/command-runs/r-1",
                200,
                "{\"id\":\"r-1\",\"name\":\"identify\",\"state\":\"ended\",\"assets\":3,\"stopped\":\"1 commands did not succeed, and 0 may\","
                        + "\"commands\":{\"cancelled\":1,\"failed\":1,\"succeeded\":1}}");
        server.answers(
                "GET /api/v1/commands?run=r-1",
                200,
                "{\"items\":[{\"asset\":\"s-2\",\"status\":\"failed\",\"detail\":{\"error\":\"dark\"}},"
                        + "{\"asset\":\"s-3\",\"status\":\"cancelled\",\"reason\":\"its run was stopped\"}]}");
        Result result = Cli.at(server)
                .run("run", "identify", "-s", "asset.type == 'sensor'", "--concurrency", "2", "--max-failures", "0");
        assertThat(result)
                .isEqualTo(new Result(
                        1,
                        """
                s-2: failed, {"error":"dark"}
                s-3: cancelled, its run was stopped
                run r-1 of 3 assets: 1 cancelled, 1 failed, 1 succeeded
                """,
                        "muster: 2 of 3 did not succeed; the run was stopped: 1 commands did not succeed, and 0 may;"
                                + " try them again with muster run --retry-of r-1\n"));
        assertThat(bodies())
                .last()
                .isEqualTo(
                        "{\"name\":\"identify\",\"selector\":\"asset.type == 'sensor'\",\"concurrency\":2,\"maxFailures\":0}");
    }

    @Test
    void aRetryOfACommandIsNotOneOfARun() {
        assertThat(Cli.at(server).run("run", "--retry-of", "c-0", "--no-wait").code())
                .isZero();
        assertThat(bodies()).last().isEqualTo("{\"retryOf\":\"c-0\"}");
        assertThat(server.requests).last().matches(request -> request.line().equals("POST /api/v1/commands"));
    }

    @ParameterizedTest
    @CsvSource({
        "run|show-message, one of --asset ID and --selector",
        "run|--asset|a, give NAME",
        "run|x|--asset|a|--selector|true, one of --asset ID and --selector",
        "run|x|--asset|a|--concurrency|3, are for a selection",
        "run|x|--asset|a|--params|7, is not a JSON object",
        "run|x|--asset|a|--params|{, is not JSON"
    })
    void refusesWhatMakesNoSense(String line, String words) {
        Result result = Cli.at(server).run(line.split("\\|"));
        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).contains(words);
        assertThat(server.requests).isEmpty();
    }

    @Test
    void showsTheRateOfFirstAttemptsBesideThatOfAll() {
        String first = "{\"rate\":0.0,\"given\":1,\"succeeded\":0,\"failed\":1}";
        String all = "{\"rate\":0.5,\"given\":2,\"open\":0,\"succeeded\":1,\"late\":0,\"failed\":1,\"rejected\":0,"
                + "\"expired\":0,\"indeterminate\":0}";
        String row = "\"firstAttempt\":" + first + ",\"all\":" + all + "}";
        server.answers(
                "GET /api/v1/commands/success-rate",
                200,
                "{\"total\":{" + row + ",\"hours\":[{\"hour\":\"2026-11-25T12:00:00Z\"," + row + "]}");
        assertThat(Cli.at(server).run("commands", "rate").out()).isEqualTo("""
                HOUR                  FIRST  ALL     GIVEN  SUCCEEDED  LATE  FAILED  REJECTED  EXPIRED  INDETERMINATE  OPEN
                2026-11-25T12:00:00Z  0.00%  50.00%  2      1          0     1       0         0        0              0
                total                 0.00%  50.00%  2      1          0     1       0         0        0              0
                """);
    }

    @Test
    void takesBackACommandOrARun() {
        server.answers("POST /api/v1/commands/c-1/cancel", 200, GIVEN.replace("pending", "cancelled"));
        server.refuses("POST /api/v1/commands/r-1/cancel", 404, "not_found", "command r-1 does not exist");
        server.answers("POST /api/v1/command-runs/r-1/cancel", 200, "{\"id\":\"r-1\",\"state\":\"stopping\"}");
        assertThat(Cli.at(server).run("commands", "cancel", "c-1").out()).isEqualTo("command c-1 is cancelled\n");
        assertThat(Cli.at(server).run("commands", "cancel", "r-1").out()).isEqualTo("run r-1 is stopping\n");
    }

    private List<String> bodies() {
        return server.requests.stream()
                .map(FakeServer.Request::body)
                .filter(body -> !body.isEmpty())
                .toList();
    }
}

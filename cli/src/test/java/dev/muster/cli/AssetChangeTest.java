package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.cli.Cli.Result;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AssetChangeTest {
    private static final String PREVIEW = """
            {"selected":3,"changed":2,"unchanged":0,"leftOut":{"retired":1},"leftOutSample":[],
             "sample":[{"asset":"pos-1","before":{"labels.ring":"wide"},"after":{"labels.ring":"canary"}}]}""";
    private static final String LOOK = """
            would change 2 assets, leave 0 as they are; left out: retired=1
              pos-1: labels.ring=wide → labels.ring=canary
            """;

    private final FakeServer server;

    AssetChangeTest() throws IOException {
        server = new FakeServer();
        server.answers("POST /api/v1/asset-changes?dryRun=true", 200, PREVIEW);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void showsWhatWouldBeAndChangesNothingWithoutAYes() {
        assertThat(Cli.at(server).run("asset", "change", "-s", "asset.type == 'pos'", "--label", "ring=canary"))
                .isEqualTo(new Result(0, "", LOOK + "nothing was changed; give --yes when that is meant\n"));
        assertThat(server.requests)
                .singleElement()
                .extracting(FakeServer.Request::body)
                .isEqualTo("{\"selector\":\"asset.type == 'pos'\",\"labels\":{\"ring\":\"canary\"}}");
    }

    @Test
    void changesNoMoreThanWereShown() {
        server.answers("POST /api/v1/asset-changes", 201, change("running", 0));
        server.answers("GET /api/v1/asset-changes/c-1", 200, change("done", 2));
        Result result = Cli.at(server).run("asset", "change", "pos-1", "pos-2", "--owner", "", "--label", "old=", "-y");
        assertThat(result).isEqualTo(new Result(0, "change c-1 is done: 2 assets changed, 0 were so already\n", LOOK));
        assertThat(server.requests.get(1).body())
                .isEqualTo("{\"ids\":[\"pos-1\",\"pos-2\"],\"labels\":{\"old\":\"\"},\"owner\":\"\",\"atMost\":2}");
    }

    @Test
    void oneThatWasStoppedIsNoSuccess() {
        server.answers(
                "POST /api/v1/asset-changes",
                201,
                change("stopped", 1)
                        .replace(
                                "\"leftOut\":{}}",
                                "\"leftOut\":{},\"stopped\":\"its token ann was revoked by token bob\"}"));
        Result result = Cli.at(server).run("asset", "change", "pos-1", "--site", "Lab", "-y");
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).contains("it was stopped: its token ann was revoked by token bob");
    }

    @Test
    void wantsToKnowWhichAssets() {
        assertThat(Cli.at(server).run("asset", "change", "--owner", "x").code()).isEqualTo(2);
        assertThat(Cli.at(server)
                        .run("asset", "change", "pos-1", "-s", "true", "--owner", "x")
                        .code())
                .isEqualTo(2);
        assertThat(server.requests).isEmpty();
    }

    private static String change(String state, int changed) {
        return "{\"id\":\"c-1\",\"state\":\"%s\",\"changed\":%d,\"unchanged\":0,\"leftOut\":{}}"
                .formatted(state, changed);
    }
}

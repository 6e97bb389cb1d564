package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.cli.Cli.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileTest {
    private static final String HELLO = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final FakeServer server;

    FileTest() throws IOException {
        server = new FakeServer();
        server.answers("GET /api/v1/files/f1/content", 200, "hello");
        server.answers("PATCH /api/v1/files/f1", 200, "{\"id\":\"f1\",\"hold\":{\"reason\":\"INC-42\"}}");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void fetchesUnderTheNameThatIsTypedWhenTheHashIsRight() throws IOException {
        server.answers("GET /api/v1/files/f1", 200, "{\"name\":\"../evil\",\"sha256\":\"" + HELLO + "\"}");
        Path file = folder.resolve("fetched");
        Result result = Cli.at(server).run("file", "get", "f1", "--out", file.toString());
        assertThat(result).isEqualTo(new Result(0, "5 bytes in " + file + "\n", ""));
        assertThat(file).hasContent("hello");
    }

    @Test
    void keepsNothingOfWhatCameWrong() {
        server.answers("GET /api/v1/files/f1", 200, "{\"sha256\":\"" + "0".repeat(64) + "\"}");
        Result result = Cli.at(server)
                .run("file", "get", "f1", "--out", folder.resolve("fetched").toString());
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).contains("came with the SHA-256 " + HELLO);
        assertThat(Files.exists(folder.resolve("fetched"))).isFalse();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void holds() {
        assertThat(Cli.at(server).run("file", "keep", "f1", "--hold", "INC-42"))
                .isEqualTo(new Result(0, "file f1 is held: INC-42\n", ""));
        assertThat(server.requests).last().extracting(FakeServer.Request::body).isEqualTo("{\"hold\":\"INC-42\"}");
    }
}

package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.cli.Cli.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupTest {
    private static final String WHOLE =
            entry("data/some", "0000003", "abc") + entry("SHA256SUMS", "0000004", "sums") + "\0".repeat(1024);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private FakeServer server;

    @BeforeEach
    void start() throws IOException {
        server = new FakeServer();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void writesAFileOfItsOwnerIntoAFolder() throws IOException {
        server.answers("POST /api/v1/backups", 200, WHOLE);
        Result result = Cli.at(server).run("backup", folder.toString(), "--limit-rate", "2MiB");
        assertThat(result.code()).as(result.err()).isZero();
        try (var files = Files.list(folder)) {
            Path file = files.toList().getFirst();
            assertThat(file.getFileName().toString()).matches("muster-backup-\\d{8}T\\d{6}Z\\.tar\\.gz");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
            try (var plain = new GZIPInputStream(Files.newInputStream(file))) {
                assertThat(plain.readAllBytes()).asString().isEqualTo(WHOLE);
            }
            assertThat(result.out()).startsWith(file + ": 1 files, ");
        }
        assertThat(server.requests.getFirst().line()).isEqualTo("POST /api/v1/backups?bytesPerSecond=2097152");
    }

    @Test
    void whatBreaksOffIsNoBackup() throws IOException {
        for (int length : new int[] {0, 100, 1000, 1536, 2000, 2048}) {
            server.answers("POST /api/v1/backups", 200, WHOLE.substring(0, length));
            Result result = Cli.at(server).run("backup", folder.resolve("b.tar").toString());
            assertThat(result.code()).as("after %d bytes", length).isEqualTo(1);
            assertThat(result.err()).contains("broke off");
            assertThat(folder).isEmptyDirectory();
        }
    }

    @Test
    void overwritesNothing() throws IOException {
        Path file = Files.writeString(folder.resolve("b.tar"), "mine");
        Result result = Cli.at(server).run("backup", file.toString());
        assertThat(result.code()).isEqualTo(3);
        assertThat(file).hasContent("mine");
        assertThat(server.requests).isEmpty();
    }

    private static String entry(String name, String size, String content) {
        String header = name + "\0".repeat(124 - name.length()) + size + "\0".repeat(156 - 124 - size.length()) + "0"
                + "\0".repeat(512 - 157);
        return header + content + "\0".repeat(512 - content.length());
    }
}

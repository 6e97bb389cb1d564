package dev.muster.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveTest {
    private static final Instant TIME = Instant.parse("2026-11-23T00:00:00Z");

    @TempDir
    Path folder;

    @Test
    void holdsFilesInOrderWithTheLauncherAsAProgram() throws IOException {
        Path file = folder.resolve("a.tar.gz");
        archive().write(file);

        List<String> entries = new ArrayList<>();
        try (TarArchiveInputStream tar = new TarArchiveInputStream(new GZIPInputStream(Files.newInputStream(file)))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                entries.add("%o %s %s %s"
                        .formatted(
                                entry.getMode() & 0777,
                                entry.getLastModifiedTime().toInstant(),
                                entry.getName(),
                                new String(tar.readAllBytes(), StandardCharsets.UTF_8)));
            }
        }
        assertThat(entries)
                .containsExactly(
                        "755 2026-11-23T00:00:00Z muster-1/bin/muster #!/bin/sh",
                        "644 2026-11-23T00:00:00Z muster-1/licenses/" + "long/".repeat(60) + "LICENSE as is",
                        "644 2026-11-23T00:00:00Z muster-1/programs/lib/a.jar " + "jar".repeat(1000));
    }

    @Test
    void isTheSameBytesForTheSameContentAndItsChecksumFits() throws Exception {
        Path first = folder.resolve("first.tar.gz");
        Path second = folder.resolve("second.tar.gz");
        archive().write(first);
        archive().write(second);

        assertThat(second).hasSameBinaryContentAs(first);
        String sum =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(first)));
        assertThat(folder.resolve("first.tar.gz.sha256")).hasContent(sum + "  first.tar.gz\n");
    }

    private Archive archive() throws IOException {
        Path jar = Files.writeString(folder.resolve("a.jar"), "jar".repeat(1000));
        Archive archive = new Archive("muster-1", TIME);
        archive.add("programs/lib/a.jar", jar);
        archive.add("licenses/" + "long/".repeat(60) + "LICENSE", "as is".getBytes(StandardCharsets.UTF_8));
        archive.add("bin/muster", "#!/bin/sh".getBytes(StandardCharsets.UTF_8));
        return archive;
    }
}

package dev.muster.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.cli.doctor.Check.Verdict;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class ChecksTest {
    private static final long MB = 1L << 20;
    private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");

    @Test
    void needsJdk25() {
        assertThat(Checks.jdk(25, "25.0.1", "/jdk").verdict()).isEqualTo(Verdict.OK);
        assertThat(Checks.jdk(17, "17.0.2", "/jdk")).satisfies(check -> {
            assertThat(check.verdict()).isEqualTo(Verdict.FAIL);
            assertThat(check.found()).isEqualTo("Java 17.0.2 in /jdk, needed is 25");
            assertThat(check.mend()).contains("JAVA_HOME");
        });
    }

    @Test
    void wantsNode20() {
        assertThat(Checks.node(Optional.of("v20.1.0")).verdict()).isEqualTo(Verdict.OK);
        assertThat(Checks.node(Optional.of("v18.20.0")).verdict()).isEqualTo(Verdict.WARN);
        assertThat(Checks.node(Optional.of("what?")).verdict()).isEqualTo(Verdict.WARN);
        assertThat(Checks.node(Optional.empty()).verdict()).isEqualTo(Verdict.WARN);
    }

    @Test
    void weighsMemoryAndDisk() {
        assertThat(Checks.memory(mb(4_000), mb(8_000))).isEqualTo(Check.ok("memory", "4000 MB of 8000 MB available"));
        assertThat(Checks.memory(mb(1_000), mb(8_000)).verdict()).isEqualTo(Verdict.WARN);
        assertThat(Checks.memory(mb(500), mb(8_000)).verdict()).isEqualTo(Verdict.FAIL);
        assertThat(Checks.memory(OptionalLong.empty(), OptionalLong.empty()).verdict())
                .isEqualTo(Verdict.WARN);
        assertThat(Checks.disk("/data", mb(100)).verdict()).isEqualTo(Verdict.FAIL);
        assertThat(Checks.disk("/data", mb(1_000)).verdict()).isEqualTo(Verdict.WARN);
        assertThat(Checks.disk("/data", mb(9_000)).verdict()).isEqualTo(Verdict.OK);
    }

    @Test
    void distrustsAClockThatIsOff() {
        assertThat(Checks.clock(NOW, Optional.empty()).verdict()).isEqualTo(Verdict.OK);
        assertThat(Checks.clock(Instant.EPOCH, Optional.empty()).verdict()).isEqualTo(Verdict.FAIL);
        assertThat(Checks.clock(NOW, Optional.of(NOW.plusMillis(900))).verdict())
                .isEqualTo(Verdict.OK);
        assertThat(Checks.clock(NOW, Optional.of(NOW.minusSeconds(5))).verdict())
                .isEqualTo(Verdict.WARN);
        assertThat(Checks.clock(NOW, Optional.of(NOW.plusSeconds(90))).verdict())
                .isEqualTo(Verdict.FAIL);
    }

    @Test
    void wantsAFileForEachAsset() {
        assertThat(Checks.openFiles(OptionalLong.of(256)).verdict()).isEqualTo(Verdict.FAIL);
        assertThat(Checks.openFiles(OptionalLong.of(4_096)).verdict()).isEqualTo(Verdict.WARN);
        assertThat(Checks.openFiles(OptionalLong.of(65_536)).verdict()).isEqualTo(Verdict.OK);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void namesTheOwnerOfABusyPort() throws IOException {
        try (ServerSocket busy = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = busy.getLocalPort();
            assertThat(Machine.isFree(port)).isFalse();
            Machine.Owner owner = Machine.ownerOf(port).orElseThrow();
            assertThat(owner.pid()).isEqualTo(ProcessHandle.current().pid());
            Check check = Checks.port(port, "MQTT", false, Optional.of(owner.toString()), false);
            assertThat(check.verdict()).isEqualTo(Verdict.FAIL);
            assertThat(check.found()).isEqualTo("in use by java (process " + owner.pid() + "), wanted for MQTT");
        }
    }

    @Test
    void doesNotMindItsOwnServer() {
        assertThat(Checks.port(8080, "management", false, Optional.of("java (process 7)"), true)
                        .verdict())
                .isEqualTo(Verdict.OK);
    }

    @Test
    void looksAtTheDataDirectoryThatIsNotThereYet(@TempDir Path directory) throws IOException {
        Path later = directory.resolve("a/b");
        assertThat(Machine.writeProblem(later)).isEmpty();
        assertThat(Machine.freeSpace(later)).isPresent();
        Path file = java.nio.file.Files.createFile(directory.resolve("file"));
        assertThat(Machine.writeProblem(file)).isPresent();
    }

    private static OptionalLong mb(long megabytes) {
        return OptionalLong.of(megabytes * MB);
    }
}

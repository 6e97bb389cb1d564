package dev.muster.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code muster demo} as a newcomer runs it, with the launcher and the programs that this build has made. */
class DemoIT {
    private static final int MINUTES = 6;

    @TempDir
    Path folder;

    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void stop() throws InterruptedException {
        for (Process each : started) {
            // it ends its server itself, so it must not be killed
            each.destroy();
            each.waitFor(2, TimeUnit.MINUTES);
        }
    }

    @Test
    void everyClaimIsTrueAndNothingIsLeftBehind() throws Exception {
        Process demo = demo("--check", "--assets=40");
        assertThat(demo.waitFor(MINUTES, TimeUnit.MINUTES)).as(said()).isTrue();
        assertThat(said())
                .contains(
                        "ok    every asset is online: 40 of 40",
                        "ok    each till that was touched runs its own previous version again",
                        "every claim is true")
                .doesNotContain("FALSE");
        assertThat(demo.exitValue()).as(said()).isZero();
        try (Stream<Path> left = Files.list(Files.createDirectories(folder.resolve("tmp")))) {
            assertThat(left.filter(file -> file.getFileName().toString().startsWith("muster-demo-")))
                    .isEmpty();
        }
    }

    @Test
    void aFolderThatItDidNotMakeIsLeftAlone() throws Exception {
        Path foreign = Files.createDirectories(folder.resolve("foreign"));
        Files.writeString(foreign.resolve("letter.txt"), "dear reader");
        Process demo = demo("--clean", "--data-dir=" + foreign);
        assertThat(demo.waitFor(MINUTES, TimeUnit.MINUTES)).isTrue();
        assertThat(demo.exitValue()).isEqualTo(1);
        assertThat(said()).contains("was not made by muster demo and is left alone");
        assertThat(foreign.resolve("letter.txt")).hasContent("dear reader");
    }

    private Process demo(String... arguments) throws IOException {
        Path temporary = Files.createDirectories(folder.resolve("tmp"));
        List<String> command =
                new ArrayList<>(List.of(Programs.root().resolve("muster").toString(), "demo"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("demo.log").toFile());
        // Maven has built the programs a moment ago, and is still at it.
        builder.environment().put("MUSTER_BUILT", "1");
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("MUSTER_JAVA_OPTS", "-Djava.io.tmpdir=" + temporary);
        Process demo = builder.start();
        started.add(demo);
        return demo;
    }

    private String said() throws IOException {
        return Files.readString(folder.resolve("demo.log"));
    }
}

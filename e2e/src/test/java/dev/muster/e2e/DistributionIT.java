package dev.muster.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive, unpacked into an empty folder and run with nothing but a JDK: no checkout, no Maven, no home of before. */
class DistributionIT {
    @TempDir
    Path folder;

    private final List<Process> started = new ArrayList<>();

    @BeforeEach
    void unpack() throws Exception {
        Path archive = archive();
        Ran checked =
                run(Objects.requireNonNull(archive.getParent()), "sha256sum", "-c", archive.getFileName() + ".sha256");
        assertThat(checked.code()).as(checked.said()).isZero();
        assertThat(run(folder, "tar", "xzf", archive.toString()).code()).isZero();
    }

    @AfterEach
    void stop() throws InterruptedException {
        for (Process each : started) {
            each.destroy();
            each.waitFor(2, TimeUnit.MINUTES);
        }
    }

    private record Ran(int code, String said) {}

    @Test
    void serverAndCommandLineRunWithNothingButAJdk() throws Exception {
        assertThat(muster("--help").said()).contains("rollout", "doctor");
        assertThat(muster("version").said()).startsWith("muster ");
        assertThat(installed().resolve("cache")).isDirectoryContaining("glob:**/cli-*.aot");

        Path announced = folder.resolve("data/run/server.json");
        Process server = start(
                "server",
                "--data-dir=" + folder.resolve("data"),
                "--http-listen=127.0.0.1:0",
                "--mqtt-listen=127.0.0.1:0",
                "--device-listen=127.0.0.1:0");
        Await.that("the server is ready", Duration.ofMinutes(3), () -> {
            assertThat(server.isAlive())
                    .as(Files.readString(folder.resolve("server.log")))
                    .isTrue();
            return Files.exists(announced);
        });
        Ran doctor = muster("doctor", "--data-dir=" + folder.resolve("data"));
        assertThat(doctor.said()).contains("memory", "data directory").doesNotContain("\tat ");
        assertThat(doctor.said()).as("it needs nothing that builds").doesNotContainPattern("(?m)^\\w+ +node ");
        Ran types = muster("get", "asset-types", "--data-dir=" + folder.resolve("data"));
        assertThat(types.code()).as(types.said()).isZero();
        assertThat(types.said()).contains("vehicle");
    }

    @Test
    void nothingIsInItTwiceAndEachLibraryHasItsLicence() throws Exception {
        Map<String, Path> seen = new TreeMap<>();
        try (Stream<Path> jars = Files.walk(installed().resolve("programs"))) {
            for (Path jar :
                    jars.filter(file -> file.toString().endsWith(".jar")).toList()) {
                assertThat(seen.put(jar.getFileName().toString(), jar))
                        .as(jar.toString())
                        .isNull();
            }
        }
        assertThat(seen).hasSizeGreaterThan(100).containsKeys("server.jar", "agent.jar", "cli.jar", "simulator.jar");
        String thirdParty = Files.readString(installed().resolve("THIRD-PARTY.txt"));
        assertThat(thirdParty).contains("org.questdb:questdb:").doesNotContain("    \n");
        assertThat(installed().resolve("licenses/console.txt")).content().contains("react ");
        assertThat(ServerProcess.JSON
                        .readTree(installed().resolve("bom.json").toFile())
                        .path("bomFormat")
                        .asString())
                .isEqualTo("CycloneDX");
    }

    private static Path archive() throws IOException {
        Path target = Programs.root().resolve("distribution/target");
        try (Stream<Path> files = Files.list(target)) {
            return files.filter(file -> file.toString().endsWith(".tar.gz"))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError(
                            "no archive in " + target + "; run ./mvnw package -DskipTests first, not offline"));
        }
    }

    private Path installed() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith("muster-"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private Ran muster(String... arguments) throws Exception {
        List<String> command =
                new ArrayList<>(List.of(installed().resolve("bin/muster").toString()));
        command.addAll(List.of(arguments));
        return run(folder, command.toArray(String[]::new));
    }

    /** Without a rehearsal, which costs as much as another start. */
    private Process start(String... arguments) throws IOException {
        List<String> command =
                new ArrayList<>(List.of(installed().resolve("bin/muster").toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = bare(folder, command)
                .redirectOutput(folder.resolve("server.log").toFile());
        builder.environment().put("MUSTER_BUILT", "1");
        Process process = builder.start();
        started.add(process);
        return process;
    }

    private Ran run(Path in, String... command) throws Exception {
        Path output = Files.createTempFile(folder, "said", "");
        Process process =
                bare(in, List.of(command)).redirectOutput(output.toFile()).start();
        if (!process.waitFor(3, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new AssertionError(List.of(command) + " did not end:\n" + Files.readString(output));
        }
        return new Ran(process.exitValue(), Files.readString(output));
    }

    private ProcessBuilder bare(Path in, List<String> command) {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(in.toFile()).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment()
                .putAll(Map.of(
                        "PATH", "/usr/bin:/bin",
                        "JAVA_HOME", System.getProperty("java.home"),
                        "HOME", folder.resolve("home").toString()));
        return builder;
    }
}

package dev.muster.agent.slot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.agent.desired.DesiredDocument;
import dev.muster.agent.desired.Wanted;
import dev.muster.agent.testing.Artifact;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** Builds of an agent, good and broken ones, and the real launcher. */
class SelfUpdateTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @SuppressWarnings("NullAway.Init")
    private Artifact server;

    @SuppressWarnings("NullAway.Init")
    private Process launcher;

    private int launcherProbationSeconds = 300;

    @BeforeEach
    void install() throws IOException {
        server = new Artifact();
        Path bin = Files.createDirectories(directory.resolve("home/bin"));
        Path source = Path.of(System.getProperty("basedir", "."), "src/main/dist/bin/muster-agent");
        Files.copy(source, bin.resolve("muster-agent"));
        assertThat(bin.resolve("muster-agent").toFile().setExecutable(true)).isTrue();
        Path first = Files.createDirectories(directory.resolve("home/slots/a"));
        Files.write(first.resolve("agent.jar"), jar("1.0", "good"));
    }

    @AfterEach
    void close() throws InterruptedException {
        launcher.descendants().forEach(ProcessHandle::destroyForcibly);
        launcher.destroyForcibly().waitFor();
        server.close();
    }

    @Test
    void aGoodVersionTakesOver() throws Exception {
        want("2.0", "good");
        launch();
        awaitReport("{muster-agent=2.0}", "state=SUCCEEDED", "previous=1.0");
        assertThat(starts()).isEqualTo("1.0 2.0");
        awaitFile("home/slots/current", "b");
        launcher.destroy();
        assertThat(launcher.waitFor(60, TimeUnit.SECONDS)).isTrue();
        launch();
        awaitStarts("1.0 2.0 2.0");
    }

    @Test
    void oneThatEndsIsTriedThreeTimesAndTheOldOneRunsAgain() throws Exception {
        want("2.0", "ends");
        launch();
        awaitReport(
                "{muster-agent=1.0}",
                "state=ROLLED_BACK",
                "it was started 3 times and did not confirm itself",
                "previous=1.0");
        assertThat(starts()).isEqualTo("1.0 2.0 2.0 2.0 1.0");
    }

    @Test
    void oneThatDoesNotConnectGivesUpByItself() throws Exception {
        want("2.0", "unconnected");
        launch();
        awaitReport("{muster-agent=1.0}", "state=ROLLED_BACK", "it was not connected within 0 s");
        assertThat(starts()).isEqualTo("1.0 2.0 1.0");
    }

    @Test
    void oneThatHangsIsKilled() throws Exception {
        want("2.0", "hangs");
        launcherProbationSeconds = 3;
        launch();
        awaitReport("{muster-agent=1.0}", "state=ROLLED_BACK", "it did not confirm itself within 3 s");
        assertThat(starts()).isEqualTo("1.0 2.0 1.0");
    }

    private void want(String version, String behaviour) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("agent.jar"));
            zip.write(jar(version, behaviour));
        }
        byte[] content = bytes.toByteArray();
        URI url = server.put(version, content);
        Wanted wanted = new Wanted(version, "r-1", null, url, Artifact.sha256(content), (long) content.length);
        Files.write(
                directory.resolve("wanted.json"),
                JsonMapper.builder().build().writeValueAsBytes(DesiredDocument.json(wanted)));
    }

    private static byte[] jar(String version, String behaviour) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, SelfUpdatingProgram.class.getName());
        String classPath = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> Path.of(entry).toUri().toString())
                .collect(Collectors.joining(" "));
        manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, classPath);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = bytes;
                JarOutputStream jar = new JarOutputStream(out, manifest)) {
            jar.putNextEntry(new ZipEntry("build"));
            jar.write((version + " " + behaviour).getBytes(UTF_8));
        }
        return bytes.toByteArray();
    }

    private void launch() throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(directory.resolve("home/bin/muster-agent").toString(), directory.toString());
        builder.environment()
                .put(
                        "JAVA",
                        Path.of(System.getProperty("java.home"), "bin/java").toString());
        builder.environment().put("JAVA_OPTS", "-Xmx64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto");
        builder.environment().put("MUSTER_LAUNCHER_PROBATION_SECONDS", Integer.toString(launcherProbationSeconds));
        launcher = builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("output").toFile()))
                .start();
    }

    private void awaitReport(String... parts) throws Exception {
        await(
                "reports",
                text -> text.lines().anyMatch(line -> List.of(parts).stream().allMatch(line::contains)));
    }

    private void awaitFile(String name, String content) throws Exception {
        await(name, text -> text.strip().equals(content));
    }

    private void awaitStarts(String starts) throws Exception {
        await("starts", text -> text.strip().replace('\n', ' ').equals(starts));
    }

    private String starts() throws IOException {
        return Files.readString(directory.resolve("starts")).strip().replace('\n', ' ');
    }

    private void await(String file, java.util.function.Predicate<String> which) throws Exception {
        Path path = directory.resolve(file);
        long until = System.nanoTime() + Duration.ofMinutes(2).toNanos();
        while (!Files.exists(path) || !which.test(Files.readString(path))) {
            if (System.nanoTime() > until) {
                throw new AssertionError(file + " is " + (Files.exists(path) ? Files.readString(path) : "missing")
                        + "\n" + Files.readString(directory.resolve("output")));
            }
            Thread.sleep(50);
        }
    }
}

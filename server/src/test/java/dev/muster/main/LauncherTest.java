package dev.muster.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher in a copy of the tree whose build and JVM are small scripts that write down how they were called. */
class LauncherTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    @TempDir
    Path folder;

    @BeforeEach
    void makeTree() throws IOException {
        Files.createDirectories(tree().resolve(".mvn"));
        Files.copy(ROOT.resolve("muster"), tree().resolve("muster"));
        Files.copy(ROOT.resolve(".mvn/find-jdk.sh"), tree().resolve(".mvn/find-jdk.sh"));
        String flags = "distribution/src/main/dist/programs.sh";
        Files.createDirectories(tree().resolve(flags).getParent());
        Files.copy(ROOT.resolve(flags), tree().resolve(flags));
        for (String module : List.of("protocol", "gateway", "server", "cli", "simulator")) {
            write(tree().resolve(module + "/src/main/java/Code.java"), "class Code {}");
            write(tree().resolve(module + "/pom.xml"), "<project/>");
        }
        write(tree().resolve("pom.xml"), "<project/>");
        script(tree().resolve("mvnw"), """
                echo "$*" >>"$(dirname "$0")/builds"
                for pair in server cli simulator; do
                  case " $* " in *" -pl $pair "*) touch "$(dirname "$0")/$pair/target/$pair-1.jar" ;; esac
                done
                """);
        script(folder.resolve("jdk/bin/java"), """
                for word in "$@"; do
                  printf '<%s>' "$word"
                  case $word in -XX:AOTCacheOutput=*) : >"${word#*=}" ;; esac
                done
                echo
                """);
        script(folder.resolve("jdk/bin/javac"), "");
        write(folder.resolve("jdk/release"), "JAVA_VERSION=\"25.0.3\"\n");
        old(tree());
    }

    @Test
    void buildsOnceAndRunsFromAnyFolderAndThroughASymbolicLink() throws Exception {
        assertThat(run(folder, tree().resolve("muster").toString(), "server", "--data-dir", "a b"))
                .contains("<-jar><" + tree().resolve("server/target/server-1.jar") + "><--data-dir><a b>");
        Path link = Files.createSymbolicLink(folder.resolve("m"), Path.of("tree/muster"));
        assertThat(run(Path.of("/"), link.toString(), "server")).contains("server-1.jar>");
        assertThat(builds()).hasSize(1).first().asString().contains("-pl server -am");
    }

    @Test
    void buildsAgainWhenASourceOfTheProgramIsNewer() throws Exception {
        String muster = tree().resolve("muster").toString();
        run(folder, muster, "server");
        write(tree().resolve("gateway/src/main/java/Code.java"), "class Code { int changed; }");
        run(folder, muster, "server");
        assertThat(builds()).hasSize(2);

        write(tree().resolve("cli/src/main/java/Code.java"), "class Code { int unrelated; }");
        later(tree().resolve("cli/src/main/java/Code.java"));
        run(folder, muster, "server");
        assertThat(builds()).as("the server does not need the command line").hasSize(2);
    }

    @Test
    void runsTheSimulatorAndGivesEverythingElseToTheCommandLine() throws Exception {
        String muster = tree().resolve("muster").toString();
        assertThat(run(folder, muster, "sim", "--assets", "3")).contains("simulator-1.jar><--assets><3>");
        assertThat(run(folder, muster, "restore", "b.tar", "--data-dir", "new"))
                .contains("server-1.jar><dev.muster.main.RestoreProgram><b.tar><--data-dir><new>");
        assertThat(run(folder, muster, "get", "assets", "-o", "json")).contains("cli-1.jar><get><assets><-o><json>");
        assertThat(run(folder, muster)).contains("cli-1.jar>");
    }

    @Test
    void takesOverTheLockOfAKilledBuild() throws Exception {
        write(tree().resolve(".building/pid"), "999999999\n");
        assertThat(run(folder, tree().resolve("muster").toString(), "server")).contains("server-1.jar");
        assertThat(tree().resolve(".building")).doesNotExist();
    }

    @Test
    void showsWhyABuildFailed() throws Exception {
        script(tree().resolve("mvnw"), "echo 'Code.java:1: class expected'; exit 1");
        assertThat(run(folder, tree().resolve("muster").toString(), "server"))
                .contains("class expected", "cannot build server");
        assertThat(tree().resolve(".building")).doesNotExist();
    }

    @Test
    void aDistributionRunsItsProgramsAndRehearsesEachOnce() throws Exception {
        Path muster = distribution();
        String jar = folder.resolve("installed/programs/server.jar").toString();
        assertThat(run(folder, muster.toString(), "server", "--data-dir", "a b"))
                .contains("rehearsing the start of the server once")
                .contains("<-jar><" + jar + "><--data-dir><a b>");
        assertThat(run(folder, muster.toString(), "server"))
                .doesNotContain("rehearsing")
                .contains("<-XX:AOTCache=" + folder.resolve("installed/cache/server-"));
        assertThat(run(folder, muster.toString(), "sim", "--assets", "3")).contains("simulator.jar><--assets><3>");
        assertThat(run(folder, muster.toString(), "demo", "--check"))
                .contains("<-Dmuster.root=" + folder.resolve("installed") + ">", "<-Dmuster.launcher=" + muster + ">")
                .contains("simulator.jar><dev.muster.simulator.demo.Main><--check>");
    }

    @Test
    void aDistributionThatCannotBeWrittenToKeepsItsCachesWithTheUser() throws Exception {
        Path muster = distribution();
        write(folder.resolve("installed/cache"), "a file, so that no folder can be made here");
        run(folder, muster.toString(), "version");
        assertThat(run(folder, muster.toString(), "version"))
                .contains("<-XX:AOTCache=" + folder.resolve("home/.cache/muster/start/cli-"));
    }

    /** As it is unpacked. */
    private Path distribution() throws IOException {
        Path installed = folder.resolve("installed");
        Path muster = installed.resolve("bin/muster");
        Files.createDirectories(muster.getParent());
        Files.createDirectories(installed.resolve("programs"));
        Files.copy(ROOT.resolve("distribution/src/main/dist/bin/muster"), muster);
        Files.copy(ROOT.resolve("distribution/src/main/dist/programs.sh"), installed.resolve("programs/programs.sh"));
        Files.copy(ROOT.resolve(".mvn/find-jdk.sh"), installed.resolve("programs/find-jdk.sh"));
        for (String program : List.of("server", "cli", "simulator")) {
            write(installed.resolve("programs/" + program + ".jar"), program);
        }
        return muster;
    }

    private Path tree() {
        return folder.resolve("tree");
    }

    private List<String> builds() throws IOException {
        return Files.readAllLines(tree().resolve("builds"));
    }

    private String run(Path in, String... command) throws Exception {
        Path output = Files.createTempFile(folder, "out", ".txt");
        List<String> whole = new ArrayList<>(List.of("sh"));
        whole.addAll(List.of(command));
        ProcessBuilder builder = new ProcessBuilder(whole)
                .directory(in.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().put("JAVA_HOME", folder.resolve("jdk").toString());
        builder.environment().put("HOME", folder.resolve("home").toString());
        List.of("MUSTER_JAVA_OPTS", "XDG_CACHE_HOME").forEach(builder.environment()::remove);
        Process process = builder.start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return Files.readString(output);
    }

    private static void script(Path path, String body) throws IOException {
        write(path, "#!/bin/sh\n" + body);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static void write(Path path, String text) throws IOException {
        Files.createDirectories(path.toAbsolutePath().getParent());
        Files.writeString(path, text);
    }

    private static void old(Path folder) throws IOException {
        try (var paths = Files.walk(folder)) {
            for (Path path : paths.toList()) {
                Files.setLastModifiedTime(path, FileTime.from(Instant.now().minusSeconds(3600)));
            }
        }
    }

    private static void later(Path path) throws IOException {
        Files.setLastModifiedTime(path, FileTime.from(Instant.now().plusSeconds(5)));
    }
}

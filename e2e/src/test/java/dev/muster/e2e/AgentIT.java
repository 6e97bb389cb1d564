package dev.muster.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The real agent against the real server. */
class AgentIT {
    private static final Path SOFTHSM = Path.of("/usr/lib/softhsm/libsofthsm2.so");
    private static final Duration LONG = Duration.ofMinutes(3);

    @TempDir
    Path folder;

    @Test
    void reportsAndLosesNothingWhenServerAndAgentAreKilled() throws Exception {
        try (ServerProcess server = new ServerProcess(folder.resolve("data"), Map.of(), List.of())) {
            server.start();
            Path token = Files.writeString(folder.resolve("token"), server.claimToken("linux-device", "box-1"));
            try (AgentProcess agent = new AgentProcess(
                    folder.resolve("agent"),
                    Map.of(),
                    flags(server, "--id=box-1", "--token-file=" + token, "--metrics-seconds=1"))) {
                agent.start();
                agent.awaitConnected();
                Await.that(
                        "memory visible",
                        LONG,
                        () -> !times(server, Instant.EPOCH, Instant.now()).isEmpty());
                assertThat(Files.readString(agent.log())).doesNotContain(Files.readString(token));

                server.kill9();
                Instant away = Instant.now();
                agent.awaitBuffered(away, 0);
                Instant counted = Instant.now();
                long buffered = agent.awaitBuffered(counted, 5);
                Instant killed = Instant.now();
                agent.kill9();
                agent.start();
                server.start();
                agent.awaitConnected();

                List<Long> stored = Await.until(
                        "all of " + buffered + " measurements that were buffered are visible",
                        LONG,
                        () -> Optional.of(times(server, away.minusSeconds(60), killed))
                                .filter(times -> times.stream()
                                                .filter(ts -> ts >= away.toEpochMilli() - 2000)
                                                .count()
                                        >= buffered));
                assertThat(stored).as("each once").doesNotHaveDuplicates();
                assertThat(server.get("/api/v1/telemetry/refused").path("items"))
                        .isEmpty();
                awaitMessages(
                        server, "the agent started for the first time", "the agent was restarted, the system was not");
                assertThat(agent.terminate()).isIn(0, 143);
            }
        }
    }

    @Test
    void comesBackByItselfWhenItsCertificateExpiredMeanwhile() throws Exception {
        try (ServerProcess server =
                new ServerProcess(folder.resolve("data"), Map.of(), List.of("--asset-certificate-lifetime=1m"))) {
            server.start();
            Path token = Files.writeString(folder.resolve("token"), server.claimToken("linux-device", "box-1"));
            try (AgentProcess agent = new AgentProcess(
                    folder.resolve("agent"),
                    Map.of(),
                    flags(server, "--id=box-1", "--token-file=" + token, "--metrics-seconds=1"))) {
                agent.start();
                agent.awaitConnected();
                Await.that(
                        "stored",
                        LONG,
                        () -> !times(server, Instant.EPOCH, Instant.now()).isEmpty());
                server.kill9();
                Await.that("expired", LONG, () -> logged(agent, "expired on"));
                server.start();
                Instant back = Instant.now();
                Await.that("says what to do", LONG, () -> logged(agent, "muster claim-token create --ids box-1"));
                assertThat(agent.isAlive()).isTrue();

                Files.writeString(token, server.claimToken("linux-device", "box-1"));
                Await.that("enrolled again", LONG, () -> logged(agent, "enrolled again: asset box-1"));
                Await.that("connected again", LONG, () -> agent.connects() >= 2);
                Await.that(
                        "what was measured without a certificate is stored",
                        LONG,
                        () -> !times(server, back.minusSeconds(5), back).isEmpty());
                awaitMessages(server, "the certificate expired before it could be renewed");
                assertThat(agent.terminate()).isIn(0, 143);
            }
            endsWithItsLauncher(server);
        }
    }

    /** One that went on would keep the state directory from the agent of the launcher that comes next. */
    private void endsWithItsLauncher(ServerProcess server) throws Exception {
        Path home = folder.resolve("home");
        Files.createDirectories(home.resolve("bin"));
        Files.createDirectories(home.resolve("slots/a"));
        Path program = home.resolve("bin/muster-agent");
        Files.copy(Programs.root().resolve("agent/src/main/dist/bin/muster-agent"), program);
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        List<String> agent = Programs.java("agent");
        Path jar = Path.of(agent.get(agent.indexOf("-jar") + 1));
        Files.copy(jar, home.resolve("slots/a/agent.jar"));
        Files.createSymbolicLink(home.resolve("slots/a/lib"), jar.resolveSibling("lib"));
        List<String> command = new ArrayList<>(List.of(program.toString(), "--state-dir=" + folder.resolve("agent")));
        command.addAll(flags(server));
        Path log = folder.resolve("launcher.log");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().put("JAVA", agent.getFirst());
        builder.environment().put("JAVA_OPTS", "-Xmx32m -XX:+UseSerialGC");
        Process launcher = builder.start();
        List<ProcessHandle> started = List.of();
        try {
            Await.that(
                    "connected; see " + log, LONG, () -> Files.readString(log).contains("INFO connected to"));
            started = launcher.descendants().toList();
            launcher.destroyForcibly().waitFor();
            List<ProcessHandle> left = started;
            Await.that(
                    "the agent has ended; see " + log, LONG, () -> left.stream().noneMatch(ProcessHandle::isAlive));
            assertThat(Files.readString(log)).contains("the launcher of this agent is gone");
        } finally {
            launcher.destroyForcibly();
            started.forEach(ProcessHandle::destroyForcibly);
        }
    }

    private static boolean logged(AgentProcess agent, String text) throws IOException {
        return Files.readString(agent.log()).contains(text);
    }

    @Test
    void worksWithAKeyThatNeverLeavesItsToken() throws Exception {
        boolean missing = Programs.onPath("softhsm2-util").isEmpty() || !Files.exists(SOFTHSM);
        if (System.getenv("CI") != null) {
            assertThat(missing)
                    .as("softhsm2 is missing, CI must have installed it")
                    .isFalse();
        }
        assumeThat(missing).as("SKIPPED, softhsm2 is not installed").isFalse();
        Map<String, String> hsm = softHsm();
        try (ServerProcess server =
                new ServerProcess(folder.resolve("data"), Map.of(), List.of("--asset-certificate-lifetime=1m"))) {
            server.start();
            Path token = Files.writeString(folder.resolve("token"), server.claimToken("linux-device", "box-2"));
            try (AgentProcess agent = new AgentProcess(
                    folder.resolve("agent"),
                    hsm,
                    flags(
                            server,
                            "--id=box-2",
                            "--token-file=" + token,
                            "--pkcs11-library=" + SOFTHSM,
                            "--pkcs11-pin-file=" + folder.resolve("pin")))) {
                agent.start();
                agent.awaitConnected();
                Await.that("renewed, and connected with the new certificate", LONG, () -> agent.connects() >= 2);
                assertThat(Files.readString(agent.log())).contains("renewed: asset box-2");
                assertThat(agent.terminate()).isIn(0, 143);
                agent.start();
                Await.that("connected after a restart", LONG, () -> agent.connects() >= 3);
                Await.that(
                        "memory visible",
                        LONG,
                        () -> server.get("/api/v1/assets/box-2/telemetry?metrics=memory.used")
                                        .path("series")
                                        .path(0)
                                        .path("points")
                                        .size()
                                > 0);
            }
            try (Stream<Path> files = Files.walk(folder.resolve("agent"))) {
                assertThat(files.filter(Files::isRegularFile).filter(AgentIT::holdsAPrivateKey))
                        .isEmpty();
            }
            assertThat(privateKeysInToken())
                    .isNotEmpty()
                    .allSatisfy(key -> assertThat(key)
                            .contains("CKA_LOCAL TRUE", "CKA_ALWAYS_SENSITIVE TRUE", "CKA_NEVER_EXTRACTABLE TRUE"));
        }
    }

    /** As SoftHSM itself has noted them: the names of attributes, each with its value. */
    private List<String> privateKeysInToken() throws Exception {
        List<String> keys = new ArrayList<>();
        try (Stream<Path> files = Files.walk(folder.resolve("tokens"))) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".object")).toList()) {
                Path dump = folder.resolve("dump");
                new ProcessBuilder("softhsm2-dump-file", file.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(dump.toFile())
                        .start()
                        .waitFor();
                String attributes = Files.readString(dump)
                        .replaceAll("(?m)^[0-9a-f ]{2,24} (?=CK|TRUE|FALSE)", "")
                        .replaceAll("(?m)^[0-9a-f ]+ boolean attribute\\n", "")
                        .replaceAll("(CKA_\\w+)\\n\\s*(TRUE|FALSE)", "$1 $2");
                if (attributes.contains("CKO_PRIVATE_KEY")) {
                    keys.add(attributes);
                }
            }
        }
        return keys;
    }

    private static boolean holdsAPrivateKey(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains("PRIVATE KEY");
        } catch (IOException e) {
            throw new AssertionError("cannot read " + file, e);
        }
    }

    private Map<String, String> softHsm() throws Exception {
        Path tokens = Files.createDirectory(folder.resolve("tokens"));
        Path config = Files.writeString(
                folder.resolve("softhsm2.conf"), "directories.tokendir = " + tokens + "\nobjectstore.backend = file\n");
        Files.writeString(folder.resolve("pin"), "4321\n");
        Map<String, String> environment = Map.of("SOFTHSM2_CONF", config.toString());
        ProcessBuilder init = new ProcessBuilder(
                        "softhsm2-util",
                        "--init-token",
                        "--free",
                        "--label",
                        "box",
                        "--so-pin",
                        "12345678",
                        "--pin",
                        "4321")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("softhsm.log").toFile());
        init.environment().putAll(environment);
        assertThat(init.start().waitFor())
                .as(folder.resolve("softhsm.log").toString())
                .isZero();
        return environment;
    }

    private static List<String> flags(ServerProcess server, String... more) {
        List<String> flags = new ArrayList<>(List.of("--server=" + server.device(), "--mqtt=" + server.mqtt()));
        flags.addAll(List.of(more));
        return flags;
    }

    private static List<Long> times(ServerProcess server, Instant from, Instant to) throws Exception {
        String range = from.equals(Instant.EPOCH) ? "" : "&from=" + from + "&to=" + to;
        List<Long> times = new ArrayList<>();
        server.get("/api/v1/assets/box-1/telemetry?metrics=memory.used" + range)
                .path("series")
                .path(0)
                .path("points")
                .forEach(point -> times.add(point.path("ts").asLong()));
        return times;
    }

    private static void awaitMessages(ServerProcess server, String... expected) throws Exception {
        Await.that("told: " + List.of(expected), LONG, () -> messages(server).containsAll(List.of(expected)));
    }

    private static List<String> messages(ServerProcess server) throws Exception {
        List<String> messages = new ArrayList<>();
        for (JsonNode event : server.get("/api/v1/assets/box-1/events").path("items")) {
            messages.add(event.path("message").asString(""));
        }
        return messages;
    }
}

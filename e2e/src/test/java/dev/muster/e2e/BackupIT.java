package dev.muster.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.main.RestoreProgram;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A fleet talks, its server is backed up and lost, and goes on from the backup in another place. */
class BackupIT {
    private static final int ASSETS = Integer.getInteger("backup.assets", 30);
    private static final Duration ENOUGH = Duration.ofMinutes(5);

    @TempDir
    private Path folder = Path.of("");

    @Test
    void whatWasAcknowledgedBeforeTheBackupIsFoundOnceAndTheFleetComesBack() throws Exception {
        Path backup = folder.resolve("backup.tar.gz");
        AckedLog before;
        int certificates;
        try (ServerProcess server = new ServerProcess(folder.resolve("data"), Map.of(), List.of())) {
            server.start();
            Path acked = folder.resolve("acked.log");
            Process fleet = startFleet(server, acked);
            try {
                awaitAll(acked);
                Thread.sleep(Duration.ofSeconds(5));
                certificates = certificates(server);
                before = AckedLog.read(acked);
                System.out.print(new CommandLine(server, folder.resolve("home")).must("backup", backup.toString()));
            } finally {
                stop(fleet);
            }
            server.kill9();
        }
        assertThat(before.messages()).isGreaterThan(100);

        assertThat(restore("--check")).isZero();
        assertThat(restore("--data-dir", folder.resolve("restored").toString())).isZero();
        try (ServerProcess restored = new ServerProcess(folder.resolve("restored"), Map.of(), List.of())) {
            restored.start();
            Reckoning[] reckoning = new Reckoning[1];
            Await.that("all is found", ENOUGH, () -> {
                reckoning[0] = Reckoning.of(before, restored);
                return reckoning[0].missing().isEmpty();
            });
            assertThat(reckoning[0]).matches(Reckoning::isExactlyOnce);
            System.out.println(reckoning[0]);

            Path again = folder.resolve("again.log");
            Process fleet = startFleet(restored, again);
            try {
                awaitAll(again);
            } finally {
                stop(fleet);
            }
            assertThat(certificates(restored)).as("nobody had to enrol anew").isEqualTo(certificates);
        }

        flipAByte(backup);
        assertThat(restore("--data-dir", folder.resolve("never").toString())).isEqualTo(3);
        assertThat(folder.resolve("never")).isEmptyDirectory();
    }

    private int restore(String... flags) throws Exception {
        List<String> arguments =
                new ArrayList<>(List.of(folder.resolve("backup.tar.gz").toString()));
        arguments.addAll(List.of(flags));
        Process process = new ProcessBuilder(Programs.asServer(RestoreProgram.class, arguments.toArray(String[]::new)))
                .inheritIO()
                .start();
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        return process.exitValue();
    }

    private static int certificates(ServerProcess server) throws Exception {
        return server.get("/api/v1/certificates?limit=1000").get("items").size();
    }

    private static void awaitAll(Path acked) throws Exception {
        Await.that(
                "all are heard of",
                ENOUGH,
                () -> Files.exists(acked) && AckedLog.read(acked).assets().size() == ASSETS);
    }

    private static void flipAByte(Path file) throws IOException {
        try (var channel = Files.newByteChannel(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            var one = ByteBuffer.allocate(1);
            long middle = channel.size() / 2;
            channel.position(middle).read(one);
            one.flip();
            channel.position(middle).write(ByteBuffer.wrap(new byte[] {(byte) ~one.get()}));
        }
    }

    private Process startFleet(ServerProcess server, Path acked) throws IOException {
        return new ProcessBuilder(Programs.java(
                        "simulator",
                        "--assets",
                        Integer.toString(ASSETS),
                        "--types",
                        "sensor=50,vehicle=50",
                        "--rate",
                        "5",
                        "--seed",
                        "7",
                        "--data-dir",
                        server.dataDirectory().toString(),
                        "--state-dir",
                        folder.resolve("fleet").toString(),
                        "--acked-log",
                        acked.toString()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("simulator.log").toFile()))
                .start();
    }

    private static void stop(Process fleet) throws InterruptedException {
        fleet.destroy();
        if (!fleet.waitFor(60, TimeUnit.SECONDS)) {
            fleet.destroyForcibly().waitFor();
        }
    }
}

package dev.muster.platform.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops the postmaster that runs on a data folder, whoever started it. A {@code postmaster.pid} whose process is another
 * program by now (after a crash of the machine, in a new container) is removed: PostgreSQL itself would refuse to start.
 */
final class OrphanedPostgres {
    private static final Logger log = LoggerFactory.getLogger(OrphanedPostgres.class);
    private static final Duration BACKENDS_WAIT = Duration.ofSeconds(20);

    private OrphanedPostgres() {}

    /** Returns when no process of PostgreSQL uses the folder any more. */
    static void stop(PostgresSoftware software, Path data) throws IOException {
        Path pidFile = data.resolve("postmaster.pid");
        Optional<Long> pid = pidIn(pidFile);
        if (pid.isPresent() && runsOn(pid.get(), data)) {
            log.debug("stopping PostgreSQL (pid {}) on {}", pid.get(), data);
            try {
                PostgresProgram.run(Duration.ofSeconds(25), pgCtl(software, data, "fast", 15));
            } catch (IOException e) {
                log.warn(
                        "PostgreSQL (pid {}) did not stop in order, stopping it at once: {}",
                        pid.get(),
                        e.getMessage());
                stopAtOnce(software, data, pid.get());
            }
        } else if (pid.isPresent() && isAlive(pid.get())) {
            log.warn("removing {}: its process {} is not PostgreSQL any more", pidFile, pid.get());
            awaitNoBackends(data);
            Files.deleteIfExists(pidFile);
        }
        awaitNoBackends(data);
    }

    private static void stopAtOnce(PostgresSoftware software, Path data, long pid) throws IOException {
        try {
            PostgresProgram.run(Duration.ofSeconds(20), pgCtl(software, data, "immediate", 10));
        } catch (IOException e) {
            log.warn("PostgreSQL (pid {}) did not stop at once either, killing it: {}", pid, e.getMessage());
            Optional<ProcessHandle> postmaster = ProcessHandle.of(pid);
            if (postmaster.isPresent()) {
                kill(postmaster.get(), data);
            }
        }
    }

    /** What is lost of it is nothing: it recovers with the next start. Returns when its other processes have noticed. */
    static void kill(ProcessHandle postmaster, Path data) throws IOException {
        postmaster.destroyForcibly();
        awaitNoBackends(data);
    }

    private static List<String> pgCtl(PostgresSoftware software, Path data, String mode, int seconds) {
        return List.of(
                software.program("pg_ctl").toString(),
                "stop",
                "-D",
                data.toString(),
                "-m",
                mode,
                "-t",
                Integer.toString(seconds),
                "-w");
    }

    private static Optional<Long> pidIn(Path pidFile) throws IOException {
        if (!Files.exists(pidFile)) {
            return Optional.empty();
        }
        try (Stream<String> lines = Files.lines(pidFile)) {
            return lines.findFirst()
                    .map(String::strip)
                    .filter(line -> line.matches("\\d{1,10}"))
                    .map(Long::valueOf);
        }
    }

    private static boolean isAlive(long pid) {
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }

    /** By its command line: {@code …/postgres -D <data>}. */
    private static boolean runsOn(long pid, Path data) {
        return ProcessHandle.of(pid)
                .filter(ProcessHandle::isAlive)
                .map(ProcessHandle::info)
                .flatMap(info -> info.arguments().map(List::of))
                .map(arguments -> arguments.contains(data.toString()))
                .orElse(false);
    }

    /** Backends outlive a killed postmaster for a moment; a new one beside them would destroy data. */
    private static void awaitNoBackends(Path data) throws IOException {
        long deadline = System.nanoTime() + BACKENDS_WAIT.toNanos();
        List<Long> left = workingIn(data);
        while (!left.isEmpty() && System.nanoTime() < deadline) {
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while processes " + left + " of PostgreSQL end", e);
            }
            left = workingIn(data);
        }
        if (!left.isEmpty()) {
            throw new IOException("processes " + left + " of an earlier PostgreSQL still use " + data + "; end them");
        }
    }

    /** On Linux: processes of PostgreSQL change into the data folder. Elsewhere its shared memory check must do. */
    private static List<Long> workingIn(Path data) throws IOException {
        Path proc = Path.of("/proc");
        if (!Files.isDirectory(proc) || !Files.exists(data)) {
            return List.of();
        }
        Path real = data.toRealPath();
        try (Stream<Path> processes = Files.list(proc)) {
            return processes
                    .filter(path -> path.getFileName().toString().matches("\\d+"))
                    .filter(path -> worksIn(path, real))
                    .map(path -> Long.valueOf(path.getFileName().toString()))
                    .toList();
        }
    }

    private static boolean worksIn(Path process, Path folder) {
        try {
            return Files.readSymbolicLink(process.resolve("cwd")).equals(folder);
        } catch (IOException e) {
            return false; // ended meanwhile, or another user's
        }
    }
}

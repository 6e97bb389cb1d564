package dev.muster.agent.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * The processes that somebody of the agent has started, with all that these started in turn: told by a variable in their
 * environment, which every descendant inherits. So they are found again after the agent was killed, also one whose parents
 * have gone, and one that was started in the moment of the kill. Linux only ({@code /proc}).
 *
 * <p>A program that clears its environment on purpose is not found; its first process, which {@link Leader} knows, is.
 */
public final class OwnedProcesses {
    /** Whose a process is. */
    public static final String VARIABLE = "MUSTER_OWNED_BY";

    private static final Path PROC = Path.of("/proc");
    private static final Duration POLL = Duration.ofMillis(20);
    private static final Duration KILLED = Duration.ofSeconds(10);
    private static final Duration LOOK = Duration.ofNanos(100_000);
    private static final int LOOKS = 1_000;
    private static final int SETTLED = 5;
    private static final int ENVIRONMENT_END = 51;

    private OwnedProcesses() {}

    public static boolean supported() {
        return Files.isReadable(PROC.resolve("self/environ"));
    }

    /** Those that run; one that has ended and was not yet waited for is none. */
    public static List<Long> of(String owner) {
        String entry = VARIABLE + "=" + owner;
        List<Long> found = new ArrayList<>();
        try (Stream<Path> processes = Files.list(PROC)) {
            processes
                    .map(path -> path.getFileName().toString())
                    .filter(name -> Character.isDigit(name.charAt(0)))
                    .map(Long::valueOf)
                    .filter(pid -> environment(pid).contains(entry))
                    .forEach(found::add);
        } catch (IOException e) {
            throw new UncheckedIOException("processes cannot be listed in " + PROC, e);
        }
        return found;
    }

    /**
     * Asks all of them to end, kills what is left after the grace, and waits until none runs.
     *
     * @return what cannot be ended, such as a process of another user; empty when nothing runs any more
     */
    public static List<Long> end(String owner, Duration grace) throws InterruptedException {
        Set<Long> asked = new HashSet<>();
        List<Long> left = of(owner);
        for (long until = System.nanoTime() + grace.toNanos(); !left.isEmpty() && System.nanoTime() < until; ) {
            left.stream().filter(asked::add).forEach(pid -> process(pid).ifPresent(ProcessHandle::destroy));
            Thread.sleep(POLL);
            left = of(owner);
        }
        for (long until = System.nanoTime() + KILLED.toNanos(); !left.isEmpty() && System.nanoTime() < until; ) {
            left.forEach(pid -> process(pid).ifPresent(ProcessHandle::destroyForcibly));
            Thread.sleep(POLL);
            left = of(owner);
        }
        return left;
    }

    private static Optional<ProcessHandle> process(long pid) {
        return ProcessHandle.of(pid)
                .filter(process -> process.pid() != ProcessHandle.current().pid());
    }

    private static List<String> environment(long pid) {
        Path process = PROC.resolve(Long.toString(pid));
        try {
            String all = read(process, "environ");
            int settled = 0; // has none, or has overwritten it with a title as PostgreSQL does
            for (int i = 0; i < LOOKS && settled < SETTLED && all.indexOf('=') < 0; i++) {
                if (turnsIntoAnother(process)) {
                    LockSupport.parkNanos(LOOK.toNanos());
                } else {
                    settled++;
                }
                all = read(process, "environ");
            }
            return List.of(all.split("\0"));
        } catch (IOException endedOrForeign) {
            return List.of();
        }
    }

    /** In the middle of {@code execve(2)}, where a process has a program and no environment for a moment. */
    private static boolean turnsIntoAnother(Path process) throws IOException {
        String stat = read(process, "stat"); // 1 (name) 3 4 …, proc_pid_stat(5)
        String[] afterName = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return afterName[ENVIRONMENT_END - 3].equals("0") && Files.exists(process.resolve("exe"));
    }

    private static String read(Path process, String file) throws IOException {
        return Files.readString(process.resolve(file), StandardCharsets.ISO_8859_1);
    }
}

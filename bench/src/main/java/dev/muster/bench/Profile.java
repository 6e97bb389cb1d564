package dev.muster.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedStackTrace;
import jdk.jfr.consumer.RecordingFile;

/** Where a JVM spends its processor time and what it allocates: a flight recording of the measured span. */
final class Profile {
    private static final int DEPTH_OF_PATHS = 3;

    private final long pid;
    private final Path file;

    private Profile(long pid, Path file) {
        this.pid = pid;
        this.file = file;
    }

    static Profile start(Process process, Path file) throws IOException, InterruptedException {
        jcmd(process.pid(), "JFR.start", "name=bench", "settings=profile");
        return new Profile(process.pid(), file);
    }

    /** Ends the recording and prints the most frequent of it, as shares of all samples. */
    void stop(PrintStream out, int top) throws IOException, InterruptedException {
        jcmd(pid, "JFR.stop", "name=bench", "filename=" + file);
        Map<String, Long> methods = new HashMap<>();
        Map<String, Long> threads = new HashMap<>();
        Map<String, Long> paths = new HashMap<>();
        Map<String, Long> syncing = new HashMap<>();
        Map<String, Long> classes = new HashMap<>();
        try (RecordingFile recording = new RecordingFile(file)) {
            while (recording.hasMoreEvents()) {
                RecordedEvent event = recording.readEvent();
                switch (event.getEventType().getName()) {
                    case "jdk.ExecutionSample", "jdk.NativeMethodSample" -> {
                        RecordedStackTrace stack = event.getStackTrace();
                        if (stack == null || stack.getFrames().isEmpty() || isIdle(stack.getFrames())) {
                            continue;
                        }
                        if (isSyncing(stack.getFrames())) {
                            syncing.merge(threadOf(event) + ": " + path(stack.getFrames()), 1L, Long::sum);
                            continue;
                        }
                        methods.merge(name(stack.getFrames().getFirst()), 1L, Long::sum);
                        threads.merge(threadOf(event), 1L, Long::sum);
                        paths.merge(threadOf(event) + ": " + path(stack.getFrames()), 1L, Long::sum);
                    }
                    case "jdk.ObjectAllocationSample" ->
                        classes.merge(
                                event.getClass("objectClass").getName() + " in "
                                        + (event.getStackTrace() == null
                                                ? "?"
                                                : path(event.getStackTrace().getFrames())),
                                event.getLong("weight"),
                                Long::sum);
                    default -> {}
                }
            }
        }
        print(out, "method", methods, top);
        print(out, "thread", threads, top);
        print(out, "path", paths, top);
        print(out, "waiting for the disk", syncing, top);
        print(out, "allocation", classes, top);
    }

    private static void print(PrintStream out, String what, Map<String, Long> counts, int top) {
        double all = counts.values().stream().mapToLong(Long::longValue).sum();
        List<Map.Entry<String, Long>> sorted = new ArrayList<>(counts.entrySet());
        sorted.sort(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder()));
        for (Map.Entry<String, Long> entry : sorted.subList(0, Math.min(top, sorted.size()))) {
            out.printf("profile %s %.1f%% %s%n", what, 100 * entry.getValue() / all, entry.getKey());
        }
    }

    /** Native samples are taken of threads that wait for a socket or a process, too. */
    private static boolean isIdle(List<RecordedFrame> frames) {
        String first = name(frames.getFirst());
        return first.matches(".*(epollWait|EPoll\\.wait|poll|accept|park|waitForProcessExit0).*");
    }

    private static boolean isSyncing(List<RecordedFrame> frames) {
        return name(frames.getFirst()).matches(".*(msync|fsync|force0)");
    }

    private static String threadOf(RecordedEvent event) {
        var thread = event.getThread("sampledThread");
        String name = thread == null ? "?" : String.valueOf(thread.getJavaName());
        return name.replaceAll("[0-9]+$", "");
    }

    /** The methods at the top of the stack that are not the JDK's, innermost first. */
    private static String path(List<RecordedFrame> frames) {
        List<String> names = new ArrayList<>();
        for (RecordedFrame frame : frames) {
            String name = name(frame);
            if (!name.startsWith("java.") && !name.startsWith("jdk.") && names.size() < DEPTH_OF_PATHS) {
                names.add(name);
            }
        }
        return String.join(" < ", names);
    }

    private static String name(RecordedFrame frame) {
        String type = frame.getMethod().getType().getName();
        return type.replaceAll("^(?:[a-z0-9]+\\.)+(?=[a-z0-9]+\\.[A-Z])", "") + "."
                + frame.getMethod().getName();
    }

    static void jcmd(long pid, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(), Long.toString(pid)));
        command.addAll(List.of(arguments));
        Path said = Files.createTempFile("jcmd", ".txt");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(said.toFile())
                    .start();
            if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new IOException("jcmd " + String.join(" ", arguments) + " failed: " + Files.readString(said));
            }
        } finally {
            Files.delete(said);
        }
    }
}

package dev.muster.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The built programs and what their processes cost. */
final class Programs {
    /** Of /proc/PID/stat; fixed by the kernel's interface on Linux. */
    private static final double MICROS_PER_TICK = 10_000;

    private Programs() {}

    static Path root() {
        return Path.of(System.getProperty("muster.root", "."));
    }

    /** A JVM as the launcher starts a server, on the module's jar. */
    static List<String> java(String module, List<String> flags, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(
                "-XX:+ExitOnOutOfMemoryError",
                "-Djava.awt.headless=true",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow"));
        command.addAll(flags);
        command.addAll(List.of("-jar", jar(module).toString()));
        command.addAll(arguments);
        return command;
    }

    /** One with the server in it, with the memory, the collector and the compiler that the launcher gives a server. */
    static List<String> server(Class<?> program, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:InitialHeapSize=256m",
                "-XX:MinHeapSize=64m",
                "-Xmx1g",
                "-XX:+UseG1GC",
                "-XX:G1PeriodicGCInterval=120000",
                "-XX:MinHeapFreeRatio=30",
                "-XX:MaxHeapFreeRatio=60",
                "-XX:MaxMetaspaceSize=256m",
                "-XX:ReservedCodeCacheSize=96m",
                "-XX:MaxDirectMemorySize=512m",
                "-XX:G1HeapRegionSize=4m",
                "-XX:-G1UseAdaptiveIHOP",
                "-XX:InitiatingHeapOccupancyPercent=70",
                "-XX:Tier4InvocationThreshold=80000",
                "-XX:Tier4MinInvocationThreshold=9600",
                "-XX:Tier4CompileThreshold=240000",
                "-XX:Tier4BackEdgeThreshold=640000",
                "-XX:+ExitOnOutOfMemoryError",
                "--sun-misc-unsafe-memory-access=allow",
                "--enable-native-access=ALL-UNNAMED",
                "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    private static Path jar(String module) throws IOException {
        try (Stream<Path> files = Files.list(root().resolve(module).resolve("target"))) {
            return files.filter(file -> file.getFileName().toString().matches(module + "-[0-9][^/]*\\.jar"))
                    .filter(file -> !file.getFileName().toString().contains("-tests"))
                    .findFirst()
                    .orElseThrow(() -> new IOException("no jar of " + module + "; run bench/run, which builds it"));
        }
    }

    /** Processor time of a process and of those it started, in microseconds. */
    static double cpuMicros(Process process) throws IOException {
        double micros = cpuMicros(process.pid());
        for (ProcessHandle child : process.descendants().toList()) {
            micros += cpuMicros(child.pid());
        }
        return micros;
    }

    /** Without those that it started. */
    static double cpuOf(Process process) throws IOException {
        return cpuMicros(process.pid());
    }

    private static double cpuMicros(long pid) throws IOException {
        Path stat = Path.of("/proc", Long.toString(pid), "stat");
        if (!Files.exists(stat)) {
            return 0; // ended meanwhile
        }
        String line = Files.readString(stat);
        String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * MICROS_PER_TICK;
    }

    /** Processor time of this process, the generator, in microseconds. */
    static double ownCpuMicros() throws IOException {
        return cpuMicros(ProcessHandle.current().pid());
    }

    /** Of the last 1, 5 and 15 minutes, and on how many processors. */
    static String loadAverage() throws IOException {
        Path file = Path.of("/proc/loadavg");
        return (Files.exists(file) ? Files.readString(file).strip() : "unknown") + " on "
                + Runtime.getRuntime().availableProcessors() + " processors";
    }

    /** Resident memory of a process and of those it started, in MiB. */
    static double residentMiB(Process process) throws IOException {
        double kib = residentKiB(process.pid());
        for (ProcessHandle child : process.descendants().toList()) {
            kib += residentKiB(child.pid());
        }
        return kib / 1024;
    }

    /** The most that a process had resident since it began, in MiB, as the kernel counts it. */
    static double mostResidentMiB(Process process) throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) / 1024)
                .findFirst()
                .orElse(0);
    }

    /** The proportional share, so that PostgreSQL's shared memory counts once. */
    static double residentKiB(long pid) throws IOException {
        return share(pid, "Pss:");
    }

    /** The part of it that are pages of files, which the kernel takes back when it needs them. */
    static double residentFilesKiB(long pid) throws IOException {
        return share(pid, "Pss_File:");
    }

    private static double share(long pid, String kind) throws IOException {
        List<String> lines;
        try {
            lines = Files.readAllLines(Path.of("/proc", Long.toString(pid), "smaps_rollup"));
        } catch (IOException ended) {
            return 0;
        }
        return lines.stream()
                .filter(line -> line.startsWith(kind))
                .mapToDouble(line -> Double.parseDouble(
                        line.replace(kind, "").replace("kB", "").strip().toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElse(0);
    }

    static void delete(Path directory) throws IOException {
        try (var files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}

package dev.muster.agent.metrics;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * The state of the machine by metric, in SI units. What a machine has no file for is left out; rates need two readings, so the
 * first one has none. Used by one thread.
 */
public final class HostMetrics {
    private static final double NANOS_PER_SECOND = 1e9;
    private static final int MAX_FILE = 256 * 1024;

    private final Path root;
    private final Path dataFolder;
    private Proc.@Nullable CpuTimes cpuBefore;
    private Proc.@Nullable Traffic trafficBefore;
    private long readAt;

    /**
     * @param root {@code /} outside of tests
     * @param dataFolder on the file system whose room is reported
     */
    public HostMetrics(Path root, Path dataFolder) {
        this.root = root;
        this.dataFolder = dataFolder;
    }

    /** @param nanos by a monotonic clock */
    public Map<String, Object> read(long nanos) {
        Map<String, Object> values = new LinkedHashMap<>();
        cpu(values);
        memory(values);
        disk(values);
        text("proc/loadavg").ifPresent(text -> put(values, "load.1m", Proc.loadOfOneMinute(text)));
        network(values, nanos);
        put(values, "temperature.cpu", hottest());
        text("proc/uptime").ifPresent(text -> put(values, "uptime", Proc.uptime(text)));
        processes(values);
        values.put(
                "reboot.required",
                Files.exists(root.resolve("run/reboot-required"))
                        || Files.exists(root.resolve("var/run/reboot-required")));
        text("etc/os-release").flatMap(Proc::osVersion).ifPresent(version -> values.put("os.version", version));
        readAt = nanos;
        return values;
    }

    private void cpu(Map<String, Object> values) {
        Proc.CpuTimes now = text("proc/stat").flatMap(Proc::cpuTimes).orElse(null);
        Proc.CpuTimes before = cpuBefore;
        if (now != null && before != null) {
            put(values, "cpu.utilization", now.utilizationSince(before));
        }
        cpuBefore = now;
    }

    private void memory(Map<String, Object> values) {
        text("proc/meminfo").flatMap(Proc::memory).ifPresent(memory -> {
            values.put("memory.used", (double) memory.used());
            values.put("memory.available", (double) memory.available());
        });
    }

    private void disk(Map<String, Object> values) {
        try {
            FileStore store = Files.getFileStore(dataFolder);
            values.put("disk.used", (double) (store.getTotalSpace() - store.getUnallocatedSpace()));
            values.put("disk.free", (double) store.getUsableSpace());
        } catch (IOException e) {
            // A file system that went away is seen by its absence.
        }
    }

    private void network(Map<String, Object> values, long nanos) {
        Proc.Traffic now = text("proc/net/dev").map(this::together).orElse(null);
        Proc.Traffic before = trafficBefore;
        double seconds = (nanos - readAt) / NANOS_PER_SECOND;
        if (now != null && before != null && seconds > 0) {
            rate(values, "network.received", now.received() - before.received(), seconds);
            rate(values, "network.sent", now.sent() - before.sent(), seconds);
        }
        trafficBefore = now;
    }

    /** Interfaces with hardware, or where there is none, as in a container, all but the loopback. */
    private Proc.Traffic together(String netDev) {
        Map<String, Proc.Traffic> all = Proc.traffic(netDev);
        boolean hardware = all.keySet().stream().anyMatch(this::hasHardware);
        long received = 0;
        long sent = 0;
        for (Map.Entry<String, Proc.Traffic> each : all.entrySet()) {
            if (hardware ? hasHardware(each.getKey()) : !each.getKey().equals("lo")) {
                received += each.getValue().received();
                sent += each.getValue().sent();
            }
        }
        return new Proc.Traffic(received, sent);
    }

    private boolean hasHardware(String networkInterface) {
        return !networkInterface.contains("/")
                && Files.exists(
                        root.resolve("sys/class/net").resolve(networkInterface).resolve("device"));
    }

    /** A counter that went back, because an interface left, gives no rate. */
    private static void rate(Map<String, Object> values, String name, long bytes, double seconds) {
        if (bytes >= 0) {
            values.put(name, bytes / seconds);
        }
    }

    /** The hottest zone of the processor; any zone where none says what it is. */
    private OptionalDouble hottest() {
        OptionalDouble processor = OptionalDouble.empty();
        OptionalDouble any = OptionalDouble.empty();
        try (DirectoryStream<Path> zones =
                Files.newDirectoryStream(root.resolve("sys/class/thermal"), "thermal_zone*")) {
            for (Path zone : zones) {
                OptionalDouble kelvin =
                        text(zone.resolve("temp")).map(Proc::kelvin).orElse(OptionalDouble.empty());
                any = hotter(any, kelvin);
                if (ofProcessor(text(zone.resolve("type")).orElse(""))) {
                    processor = hotter(processor, kelvin);
                }
            }
        } catch (IOException e) {
            return OptionalDouble.empty();
        }
        return processor.isPresent() ? processor : any;
    }

    private static boolean ofProcessor(String type) {
        String lower = type.toLowerCase(Locale.ROOT);
        return lower.contains("cpu") || lower.contains("x86_pkg") || lower.contains("soc") || lower.contains("core");
    }

    private static OptionalDouble hotter(OptionalDouble a, OptionalDouble b) {
        if (a.isEmpty() || b.isEmpty()) {
            return a.isEmpty() ? b : a;
        }
        return OptionalDouble.of(Math.max(a.getAsDouble(), b.getAsDouble()));
    }

    private void processes(Map<String, Object> values) {
        long count = 0;
        try (DirectoryStream<Path> found = Files.newDirectoryStream(root.resolve("proc"), "[0-9]*")) {
            for (Path unused : found) {
                count++;
            }
        } catch (IOException e) {
            return;
        }
        values.put("processes", (double) count);
    }

    private static void put(Map<String, Object> values, String name, OptionalDouble value) {
        value.ifPresent(number -> values.put(name, number));
    }

    private Optional<String> text(String name) {
        return text(root.resolve(name));
    }

    /** Bounded; files of the kernel have no size before they are read. */
    private static Optional<String> text(Path file) {
        try (var in = Files.newInputStream(file)) {
            return Optional.of(new String(in.readNBytes(MAX_FILE), StandardCharsets.UTF_8));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}

package dev.muster.agent.budget;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** What this process uses, from {@code /proc/self/status} and the processor time that the kernel counts. Used by one thread. */
public final class OwnUsage {
    private static final Path STATUS = Path.of("/proc/self/status");

    private Duration cpuBefore = cpu();
    private long readAt = System.nanoTime();

    public Budget.Usage read(OptionalDouble kelvin) {
        Duration cpu = cpu();
        long now = System.nanoTime();
        double share = now == readAt ? 0 : (double) cpu.minus(cpuBefore).toNanos() / (now - readAt);
        cpuBefore = cpu;
        readAt = now;
        return new Budget.Usage(memory(), share, kelvin);
    }

    private static long memory() {
        try {
            return residentBytes(Files.readString(STATUS)).orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }

    /** {@code VmRSS} of a file {@code status} (proc(5)). */
    static OptionalLong residentBytes(String status) {
        return status.lines()
                .filter(line -> line.startsWith("VmRSS:"))
                .map(line -> line.replaceAll("\\D", ""))
                .filter(digits -> !digits.isEmpty() && digits.length() < 16)
                .mapToLong(digits -> Long.parseLong(digits) * 1024)
                .findFirst();
    }

    private static Duration cpu() {
        return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
    }
}

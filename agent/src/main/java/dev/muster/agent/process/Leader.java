package dev.muster.agent.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One process of this machine and no other: a pid is used again, a pid with its start time and the boot is not.
 *
 * @param startTicks since the boot, field 22 of {@code /proc/PID/stat}
 * @param bootId the kernel's
 */
public record Leader(long pid, long startTicks, String bootId) {

    /** Empty when it has ended already. */
    public static Optional<Leader> of(long pid) {
        return stat(pid).map(stat -> new Leader(pid, stat.startTicks(), currentBoot()));
    }

    public boolean runs() {
        return bootId.equals(currentBoot())
                && stat(pid)
                        .filter(stat -> stat.startTicks() == startTicks && !stat.ended())
                        .isPresent();
    }

    /** Another one after each start of the kernel. */
    public static String currentBoot() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        } catch (IOException e) {
            return "unknown";
        }
    }

    private record Stat(long startTicks, boolean ended) {}

    private static Optional<Stat> stat(long pid) {
        try {
            String line = Files.readString(Path.of("/proc/" + pid + "/stat"));
            // the name in parentheses may hold anything, parentheses too
            String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ");
            return Optional.of(new Stat(Long.parseLong(fields[19]), fields[0].equals("Z") || fields[0].equals("X")));
        } catch (IOException ended) {
            return Optional.empty();
        }
    }
}

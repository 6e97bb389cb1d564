package dev.muster.platform.health;

import dev.muster.platform.config.DataDirectory;
import dev.muster.platform.error.StartRefusal;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Whether the disks under the data directory have room. Each store notices a full disk by itself and tells it in the words of what failed
 * first; this says what is the matter.
 */
public final class DiskSpace implements ReadinessCheck {
    /** With less PostgreSQL has no room for its next file of write-ahead log. */
    static final long LEAST_BYTES = 16L << 20;

    private static final List<String> FOLDERS = List.of("journal", "postgres", "questdb", "artifacts");

    private final List<Path> folders;
    private final Function<Path, Disk> look;

    /** @param device the same for all folders on one disk */
    record Disk(Object device, long free, long total) {}

    DiskSpace(List<Path> folders, Function<Path, Disk> look) {
        this.folders = List.copyOf(folders);
        this.look = look;
    }

    public static DiskSpace of(DataDirectory directory) {
        List<Path> folders = FOLDERS.stream().map(directory.root()::resolve).toList();
        return new DiskSpace(folders, DiskSpace::look);
    }

    /**
     * At the start, which would fail in the words of whatever needs room first.
     *
     * @throws StartRefusal when a disk is full
     */
    public void requireRoom() {
        problem().ifPresent(problem -> {
            throw new StartRefusal(problem);
        });
    }

    @Override
    public String name() {
        return "disk";
    }

    @Override
    public Optional<String> problem() {
        Map<Disk, List<Path>> full = new LinkedHashMap<>();
        for (Path folder : folders) {
            if (Files.isDirectory(folder)) {
                Disk disk = look.apply(folder);
                if (disk.free() < LEAST_BYTES) {
                    full.computeIfAbsent(known(disk, full.keySet()), _ -> new ArrayList<>())
                            .add(folder);
                }
            }
        }
        return full.isEmpty()
                ? Optional.empty()
                : Optional.of(full.entrySet().stream()
                        .map(entry -> sentence(entry.getKey(), entry.getValue()))
                        .collect(Collectors.joining("; ")));
    }

    /** The same disk as it was a moment ago. */
    private static Disk known(Disk disk, Set<Disk> seen) {
        return seen.stream()
                .filter(other -> other.device().equals(disk.device()))
                .findFirst()
                .orElse(disk);
    }

    private static String sentence(Disk disk, List<Path> folders) {
        return "the disk of " + folders.stream().map(Path::toString).collect(Collectors.joining(", "))
                + " is full, " + disk.free() + " of " + disk.total()
                + " bytes are free: what was acknowledged is safe, what comes now may have to wait; free at least "
                + LEAST_BYTES + " bytes; a server that runs goes on by itself";
    }

    /** Of the fullest disk. */
    public double freeBytes() {
        return folders.stream()
                .filter(Files::isDirectory)
                .mapToLong(folder -> look.apply(folder).free())
                .min()
                .orElse(0);
    }

    private static Disk look(Path folder) {
        try {
            Object device =
                    FileSystems.getDefault().supportedFileAttributeViews().contains("unix")
                            ? Files.getAttribute(folder, "unix:dev")
                            : Files.getFileStore(folder);
            File file = folder.toFile();
            return new Disk(device, file.getUsableSpace(), file.getTotalSpace());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot look at the disk of " + folder, e);
        }
    }
}

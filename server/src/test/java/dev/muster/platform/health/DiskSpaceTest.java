package dev.muster.platform.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.platform.config.DataDirectory;
import dev.muster.platform.error.StartRefusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskSpaceTest {
    private static final long MIB = 1 << 20;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @BeforeEach
    void folders() throws IOException {
        for (String name : List.of("journal", "postgres", "questdb")) {
            Files.createDirectory(folder.resolve(name));
        }
    }

    @Test
    void aDiskWithRoomForTheNextFileOfWriteAheadLogIsEnough() {
        assertThat(space(new DiskSpace.Disk("a", 16 * MIB, 400 * MIB), new DiskSpace.Disk("b", 17 * MIB, 400 * MIB))
                        .problem())
                .isEmpty();
    }

    @Test
    void saysOnceForEachFullDiskWhatLiesOnItAndWhatToDo() {
        DiskSpace space = space(new DiskSpace.Disk("a", 4096, 400 * MIB), new DiskSpace.Disk("b", 0, 800 * MIB));
        assertThat(space.problem())
                .hasValue("the disk of %1$s/journal, %1$s/postgres is full, 4096 of 419430400 bytes are free: what was"
                                .formatted(folder)
                        + " acknowledged is safe, what comes now may have to wait; free at least 16777216 bytes; a"
                        + " server that runs goes on by itself; the disk of %s/questdb is full, 0 of 838860800 bytes are free: what was"
                                .formatted(folder)
                        + " acknowledged is safe, what comes now may have to wait; free at least 16777216 bytes; a"
                        + " server that runs goes on by itself");
        assertThat(space.freeBytes()).isZero();
        assertThatThrownBy(space::requireRoom).isInstanceOf(StartRefusal.class).hasMessageContaining("is full");
    }

    @Test
    void looksAtTheRealDisk() {
        DiskSpace space = DiskSpace.of(new DataDirectory(folder));
        assertThat(space.freeBytes()).isPositive();
    }

    private DiskSpace space(DiskSpace.Disk first, DiskSpace.Disk second) {
        Map<Path, DiskSpace.Disk> disks = Map.of(
                folder.resolve("journal"), first, folder.resolve("postgres"), first, folder.resolve("questdb"), second);
        return new DiskSpace(
                List.of("journal", "postgres", "questdb").stream()
                        .map(folder::resolve)
                        .toList(),
                path -> Objects.requireNonNull(disks.get(path)));
    }
}

package dev.muster.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the program that examines the machine lies. */
class MachineTest {
    @TempDir
    Path folder;

    @Test
    void onlyACheckoutBuilds() throws IOException {
        Path built = touch("muster/cli/target/cli-1.0.jar");
        touch("muster/mvnw");
        Path unpackedInIt = touch("muster/distribution/target/muster-1.0/programs/cli.jar");
        Path installed = touch("opt/muster/programs/cli.jar");

        assertThat(Machine.isBuiltHere(built)).isTrue();
        assertThat(Machine.isBuiltHere(unpackedInIt)).isFalse();
        assertThat(Machine.isBuiltHere(installed)).isFalse();
    }

    private Path touch(String file) throws IOException {
        Path path = folder.resolve(file);
        Files.createDirectories(path.getParent());
        return Files.createFile(path);
    }
}

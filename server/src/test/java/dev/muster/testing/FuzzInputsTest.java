package dev.muster.testing;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;

import dev.muster.pki.SigningRequestFuzz;
import dev.muster.registry.apply.ApplyFuzz;
import dev.muster.registry.bulk.CsvFuzz;
import dev.muster.registry.selector.SelectorFuzz;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every input kept under {@code fuzz/}, those that once broke something among them, through its target; {@code e2e/fuzz} looks for more. */
class FuzzInputsTest {
    private static final List<Class<?>> TARGETS =
            List.of(SigningRequestFuzz.class, ApplyFuzz.class, CsvFuzz.class, SelectorFuzz.class);

    @TestFactory
    Stream<DynamicTest> nothingUnexpectedComesOfWhatOnceDid() {
        return TARGETS.stream().map(target -> DynamicTest.dynamicTest(target.getSimpleName(), () -> runAll(target)));
    }

    private static void runAll(Class<?> target) throws Exception {
        MethodHandle one = MethodHandles.publicLookup()
                .findStatic(target, "fuzzerTestOneInput", MethodType.methodType(void.class, byte[].class));
        for (Path input : inputs(target)) {
            byte[] bytes = Files.readAllBytes(input);
            assertDoesNotThrow(() -> one.invoke(bytes), () -> input.toString());
        }
    }

    private static List<Path> inputs(Class<?> target) throws IOException, URISyntaxException {
        String folder = "/fuzz/" + target.getSimpleName();
        URI found = Objects.requireNonNull(target.getResource(folder), () -> "no inputs in " + folder)
                .toURI();
        try (Stream<Path> files = Files.list(Path.of(found))) {
            return files.sorted().toList();
        }
    }
}

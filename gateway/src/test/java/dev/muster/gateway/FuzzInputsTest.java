package dev.muster.gateway;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;

import dev.muster.gateway.ddi.SaidFuzz;
import dev.muster.gateway.download.ByteRangeFuzz;
import dev.muster.gateway.est.EstBodiesFuzz;
import dev.muster.gateway.file.AnnouncementFuzz;
import dev.muster.gateway.https.BasicCredentialFuzz;
import dev.muster.gateway.journal.RecordsFuzz;
import dev.muster.gateway.logs.ShippedLogsFuzz;
import dev.muster.gateway.mqtt.SessionFuzz;
import dev.muster.gateway.otlp.OtlpFuzz;
import dev.muster.gateway.packed.UnpackFuzz;
import dev.muster.gateway.prometheus.RemoteWriteFuzz;
import dev.muster.gateway.uplink.BatchFuzz;
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
    private static final List<Class<?>> TARGETS = List.of(
            ByteRangeFuzz.class,
            EstBodiesFuzz.class,
            BasicCredentialFuzz.class,
            RecordsFuzz.class,
            SessionFuzz.class,
            UnpackFuzz.class,
            BatchFuzz.class,
            OtlpFuzz.class,
            RemoteWriteFuzz.class,
            ShippedLogsFuzz.class,
            SaidFuzz.class,
            AnnouncementFuzz.class);

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

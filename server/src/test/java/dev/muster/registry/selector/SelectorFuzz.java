package dev.muster.registry.selector;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;

/** Any text as a selector: compiled, or refused with a reason. */
public final class SelectorFuzz {
    private static final Selectors SELECTORS = new Selectors(new SimpleMeterRegistry());

    private SelectorFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) {
        SELECTORS.problem(new String(data, StandardCharsets.UTF_8));
    }
}

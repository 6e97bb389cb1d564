package dev.muster.arch.planted.cyclic.one;

import dev.muster.arch.planted.cyclic.two.Two;
import org.jspecify.annotations.Nullable;

/** Half of a cycle. */
public record One(@Nullable Two other) {}

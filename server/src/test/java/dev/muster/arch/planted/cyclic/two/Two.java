package dev.muster.arch.planted.cyclic.two;

import dev.muster.arch.planted.cyclic.one.One;
import org.jspecify.annotations.Nullable;

/** The other half of a cycle. */
public record Two(@Nullable One other) {}

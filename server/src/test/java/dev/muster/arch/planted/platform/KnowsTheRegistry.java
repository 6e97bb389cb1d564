package dev.muster.arch.planted.platform;

import dev.muster.arch.planted.registry.Upper;

/** An upper package that knows a lower one. */
public record KnowsTheRegistry(Upper forbidden) {}

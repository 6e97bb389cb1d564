package dev.muster.rollout.engine;

import org.jspecify.annotations.Nullable;

/** Where an asset stands in another rollout. */
public record Claim(Rival by, Stage stage, @Nullable Reason reason, int wave) {}

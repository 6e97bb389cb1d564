package dev.muster.platform.health;

import java.util.Optional;

/** One reason why the server may not be ready. Every bean of this type is asked by {@code /readyz}; must not block long. */
public interface ReadinessCheck {

    /** Short and stable, for example {@code postgres}. */
    String name();

    /** Empty when all is well, else what is wrong, worded for an operator. */
    Optional<String> problem();
}

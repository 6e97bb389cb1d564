/** Liveness, readiness with reasons. */
@NullMarked
package dev.muster.platform.health;

import org.jspecify.annotations.NullMarked;

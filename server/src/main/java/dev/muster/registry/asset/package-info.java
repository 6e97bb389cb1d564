/** The assets of the fleet: stored, found, changed. Tables {@code asset}. */
@NullMarked
package dev.muster.registry.asset;

import org.jspecify.annotations.NullMarked;

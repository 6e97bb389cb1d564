/** Planted violations. */
@NullMarked
package dev.muster.arch.planted.registry;

import org.jspecify.annotations.NullMarked;

/** Planted violations. */
@NullMarked
package dev.muster.arch.planted.cyclic.one;

import org.jspecify.annotations.NullMarked;

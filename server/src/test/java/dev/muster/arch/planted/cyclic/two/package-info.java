/** Planted violations. */
@NullMarked
package dev.muster.arch.planted.cyclic.two;

import org.jspecify.annotations.NullMarked;

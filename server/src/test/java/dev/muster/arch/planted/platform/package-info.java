/** Planted violations. */
@NullMarked
package dev.muster.arch.planted.platform;

import org.jspecify.annotations.NullMarked;

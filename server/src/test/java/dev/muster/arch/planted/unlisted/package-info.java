/** Planted violations. */
@NullMarked
package dev.muster.arch.planted.unlisted;

import org.jspecify.annotations.NullMarked;

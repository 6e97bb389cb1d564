/** Planted violations. */
@NullMarked
package dev.muster.arch.planted.gateway;

import org.jspecify.annotations.NullMarked;

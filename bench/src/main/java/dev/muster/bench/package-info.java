/** Benchmarks; each prints its figures beside a reference. */
@NullMarked
package dev.muster.bench;

import org.jspecify.annotations.NullMarked;

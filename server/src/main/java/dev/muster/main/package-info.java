/** Wires everything. */
@NullMarked
package dev.muster.main;

import org.jspecify.annotations.NullMarked;

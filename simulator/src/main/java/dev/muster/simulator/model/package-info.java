/** What simulated assets measure: the same series for the same seed and the same start. */
@NullMarked
package dev.muster.simulator.model;

import org.jspecify.annotations.NullMarked;

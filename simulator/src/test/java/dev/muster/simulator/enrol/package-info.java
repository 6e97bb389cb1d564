@NullMarked
package dev.muster.simulator.enrol;

import org.jspecify.annotations.NullMarked;

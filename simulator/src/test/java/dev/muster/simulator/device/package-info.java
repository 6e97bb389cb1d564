@NullMarked
package dev.muster.simulator.device;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.muster.simulator.client;

import org.jspecify.annotations.NullMarked;

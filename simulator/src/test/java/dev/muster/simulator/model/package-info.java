@NullMarked
package dev.muster.simulator.model;

import org.jspecify.annotations.NullMarked;

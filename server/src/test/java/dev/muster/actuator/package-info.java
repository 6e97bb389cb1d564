@NullMarked
package dev.muster.actuator;

import org.jspecify.annotations.NullMarked;

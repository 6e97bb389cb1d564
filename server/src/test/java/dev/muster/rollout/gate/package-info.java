@NullMarked
package dev.muster.rollout.gate;

import org.jspecify.annotations.NullMarked;

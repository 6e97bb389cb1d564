@NullMarked
package dev.muster.rollout;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.muster.rollout.engine;

import org.jspecify.annotations.NullMarked;

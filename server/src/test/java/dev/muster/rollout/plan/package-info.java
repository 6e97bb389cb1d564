@NullMarked
package dev.muster.rollout.plan;

import org.jspecify.annotations.NullMarked;

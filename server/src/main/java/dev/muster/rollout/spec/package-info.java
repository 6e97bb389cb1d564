/** What people declare of a rollout. */
@NullMarked
package dev.muster.rollout.spec;

import org.jspecify.annotations.NullMarked;

/** Tests of deltas. */
@NullMarked
package dev.muster.protocol.delta;

import org.jspecify.annotations.NullMarked;

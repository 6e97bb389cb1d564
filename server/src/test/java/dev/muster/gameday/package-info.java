/** Tests of game days. */
@NullMarked
package dev.muster.gameday;

import org.jspecify.annotations.NullMarked;

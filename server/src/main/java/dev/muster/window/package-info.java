/** Maintenance windows: when something may be done to an asset, by the wall clock of a time zone. */
@NullMarked
package dev.muster.window;

import org.jspecify.annotations.NullMarked;

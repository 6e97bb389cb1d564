/** Presence now; desired and reported state later. */
@NullMarked
package dev.muster.twin;

import org.jspecify.annotations.NullMarked;

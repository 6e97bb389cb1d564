/** Refusals, their codes, and how they read on the wire. */
@NullMarked
package dev.muster.platform.error;

import org.jspecify.annotations.NullMarked;

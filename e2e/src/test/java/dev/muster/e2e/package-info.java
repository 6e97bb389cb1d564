/** Scenarios against the real programs: the built jars as processes, real clients, kill -9. */
@NullMarked
package dev.muster.e2e;

import org.jspecify.annotations.NullMarked;

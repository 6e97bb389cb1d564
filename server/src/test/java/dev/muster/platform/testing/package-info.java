/** A real PostgreSQL for tests. */
@NullMarked
package dev.muster.platform.testing;

import org.jspecify.annotations.NullMarked;

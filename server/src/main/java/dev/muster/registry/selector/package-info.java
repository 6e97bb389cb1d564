/** Selectors: CEL over one asset, answered by PostgreSQL where it can and in memory for the rest. */
@NullMarked
package dev.muster.registry.selector;

import org.jspecify.annotations.NullMarked;

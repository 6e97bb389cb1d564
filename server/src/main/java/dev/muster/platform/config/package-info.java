/** Settings from flags, environment and file; the data directory. */
@NullMarked
package dev.muster.platform.config;

import org.jspecify.annotations.NullMarked;

/** The figures of the server for Prometheus. */
@NullMarked
package dev.muster.platform.metrics;

import org.jspecify.annotations.NullMarked;

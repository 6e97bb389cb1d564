/** Prometheus remote write 1.0 and 2.0: {@code POST /prometheus/api/v1/write}. */
@NullMarked
package dev.muster.gateway.prometheus;

import org.jspecify.annotations.NullMarked;

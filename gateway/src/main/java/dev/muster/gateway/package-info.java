/** The device plane. Knows its surroundings only through {@link dev.muster.gateway.port}; no Spring, no SQL. */
@NullMarked
package dev.muster.gateway;

import org.jspecify.annotations.NullMarked;

/** Log lines as log shippers send them: Vector, Fluentd, Fluent Bit. */
@NullMarked
package dev.muster.gateway.logs;

import org.jspecify.annotations.NullMarked;

/** An asset's own desired document over HTTPS, for one whose packets are too small for it. */
@NullMarked
package dev.muster.gateway.desired;

import org.jspecify.annotations.NullMarked;

/** The durable seam between sockets and consumers: acknowledged means on disk. */
@NullMarked
package dev.muster.gateway.journal;

import org.jspecify.annotations.NullMarked;

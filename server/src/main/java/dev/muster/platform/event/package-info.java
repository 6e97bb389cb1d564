/** The event log: what happened, in an order that a follower can trust. */
@NullMarked
package dev.muster.platform.event;

import org.jspecify.annotations.NullMarked;

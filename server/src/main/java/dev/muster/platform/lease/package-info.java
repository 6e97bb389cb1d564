/** Leases with fencing tokens: who may act on what, until when. */
@NullMarked
package dev.muster.platform.lease;

import org.jspecify.annotations.NullMarked;

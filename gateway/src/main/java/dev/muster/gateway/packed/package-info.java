/** Packed payloads: what content codings are undone, and up to which size. */
@NullMarked
package dev.muster.gateway.packed;

import org.jspecify.annotations.NullMarked;

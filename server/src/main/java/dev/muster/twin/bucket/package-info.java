/** Many assets in one row: what is kept of each is packed, so that a checkpoint of a large fleet writes few rows. */
@NullMarked
package dev.muster.twin.bucket;

import org.jspecify.annotations.NullMarked;

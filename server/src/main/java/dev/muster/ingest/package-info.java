/** The consumers of the journal, listed in order. */
@NullMarked
package dev.muster.ingest;

import org.jspecify.annotations.NullMarked;

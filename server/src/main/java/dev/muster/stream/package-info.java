/** The event log over HTTP, within the scope of the caller: pages, and a stream of what happens. */
@NullMarked
package dev.muster.stream;

import org.jspecify.annotations.NullMarked;

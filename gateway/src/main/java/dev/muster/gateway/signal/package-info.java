/** Samples of labelled series and spans of traces, in the form in which the journal keeps them; whatever standard they came by. */
@NullMarked
package dev.muster.gateway.signal;

import org.jspecify.annotations.NullMarked;

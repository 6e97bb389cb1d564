/**
 * What happened to one asset, on one axis of time: a read model over what the features have stored, for a span that is asked for.
 *
 * <p>{@link dev.muster.console.timeline.TimelineStore} reads each lane with its own bounded, indexed question;
 * {@link dev.muster.console.timeline.Spells} makes spans out of changes. Nothing is stored here.
 */
@NullMarked
package dev.muster.console.timeline;

import org.jspecify.annotations.NullMarked;

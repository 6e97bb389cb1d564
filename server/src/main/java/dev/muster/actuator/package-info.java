/**
 * How a change reaches an asset, and what proves that it arrived: a version of a component, or a revision of a configuration.
 *
 * <p>The port is {@link dev.muster.actuator.Actuator}: standing (what runs now, what can it go back to), apply, cancel, observe. What
 * acts on a foreign system records its orders in the caller's transaction and carries them out afterwards, as often as it
 * takes.
 */
@NullMarked
package dev.muster.actuator;

import org.jspecify.annotations.NullMarked;

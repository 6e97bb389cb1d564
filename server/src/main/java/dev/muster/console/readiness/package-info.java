/**
 * Whether this installation is fit for a fleet in production: each check is asked live, none remembers anything.
 *
 * <p>{@link dev.muster.console.readiness.ReadinessStore} reads figures, {@link dev.muster.console.readiness.ReadinessRules} judges
 * them. What is not known is unknown and never ok.
 */
@NullMarked
package dev.muster.console.readiness;

import org.jspecify.annotations.NullMarked;

/** Service level objectives and what is left of their error budgets; so far only what others ask of whoever keeps them. */
@NullMarked
package dev.muster.slo;

import org.jspecify.annotations.NullMarked;

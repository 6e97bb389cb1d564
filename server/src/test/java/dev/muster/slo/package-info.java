/** Indicators, budgets and burn rates, against what is worked out independently. */
@NullMarked
package dev.muster.slo;

import org.jspecify.annotations.NullMarked;

/** Tells alerting of budgets that burn. */
@NullMarked
package dev.muster.slo.signal;

import org.jspecify.annotations.NullMarked;

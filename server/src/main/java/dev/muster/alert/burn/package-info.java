/** Tells alerting of budgets that burn. */
@NullMarked
package dev.muster.alert.burn;

import org.jspecify.annotations.NullMarked;

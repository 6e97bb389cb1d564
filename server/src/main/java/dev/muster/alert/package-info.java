/** Alerts and incidents; what everybody who finds something wrong says, and what becomes of it. */
@NullMarked
package dev.muster.alert;

import org.jspecify.annotations.NullMarked;

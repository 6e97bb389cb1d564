/** Alerts and incidents; so far only what others ask of whoever keeps incidents. */
@NullMarked
package dev.muster.alert;

import org.jspecify.annotations.NullMarked;

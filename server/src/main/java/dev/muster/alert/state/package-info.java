/** The state of alerts: pending, firing, resolved; acknowledged or not. Tables {@code alert} and {@code alert_asset}. */
@NullMarked
package dev.muster.alert.state;

import org.jspecify.annotations.NullMarked;

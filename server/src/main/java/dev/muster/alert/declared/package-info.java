/** The declared objects of this feature: rules, routing, receivers, schedules. Table {@code alert_object}. */
@NullMarked
package dev.muster.alert.declared;

import org.jspecify.annotations.NullMarked;

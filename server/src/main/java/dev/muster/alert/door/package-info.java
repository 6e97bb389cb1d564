/** Alerts as other systems speak of them: the Alertmanager API v2, PagerDuty Events v2. */
@NullMarked
package dev.muster.alert.door;

import org.jspecify.annotations.NullMarked;

/** What the server itself knows to be wrong, from the event log. Table {@code alert_follower}. */
@NullMarked
package dev.muster.alert.source;

import org.jspecify.annotations.NullMarked;

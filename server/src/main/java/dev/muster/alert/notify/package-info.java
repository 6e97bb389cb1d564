/** Notifications: receivers, schedules, the groups that are told, and the outbox. */
@NullMarked
package dev.muster.alert.notify;

import org.jspecify.annotations.NullMarked;

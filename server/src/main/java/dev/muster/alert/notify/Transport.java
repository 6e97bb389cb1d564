package dev.muster.alert.notify;

import dev.muster.alert.notify.Notification.Attempt;

/** Carries a notification out into the world. */
interface Transport {
    /** Waits for the answer, for a bounded time. Never throws for what the other side does. */
    Attempt send(Notification notification);
}

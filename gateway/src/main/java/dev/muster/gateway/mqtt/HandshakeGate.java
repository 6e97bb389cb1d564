package dev.muster.gateway.mqtt;

import io.netty.channel.Channel;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Bounds the TLS handshakes going on: at the bound no connection is accepted, and the kernel's backlog waits. */
final class HandshakeGate {
    private final int max;
    private final AtomicInteger going = new AtomicInteger();
    private volatile @Nullable Channel listener;

    HandshakeGate(int max) {
        this.max = max;
    }

    void guard(Channel listener) {
        this.listener = listener;
    }

    void begin() {
        if (going.incrementAndGet() >= max) {
            accept(false);
        }
    }

    void end() {
        if (going.decrementAndGet() < max) {
            accept(true);
        }
    }

    int going() {
        return going.get();
    }

    private void accept(boolean accept) {
        Channel at = listener;
        if (at != null && at.config().isAutoRead() != accept) {
            at.eventLoop().execute(() -> at.config().setAutoRead(going.get() < max));
        }
    }
}

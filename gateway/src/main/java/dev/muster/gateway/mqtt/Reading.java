package dev.muster.gateway.mqtt;

import dev.muster.gateway.mqtt.MqttMetrics.Pause;
import io.netty.channel.Channel;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Consumer;

/** Reading a connection and not reading it: while there is a reason not to, what was decoded before waits here. */
final class Reading {
    private final Channel channel;
    private final MqttMetrics metrics;
    private final Consumer<Object> process;
    private final Set<Pause> pauses = EnumSet.noneOf(Pause.class);
    /**
     * What was decoded from the last read before it was paused; bounded by what one read takes off the socket. Netty's
     * FlowControlHandler goes on through its queue when reading is switched off in the middle of it.
     */
    private final ArrayDeque<Object> decodedAhead = new ArrayDeque<>(0);

    private boolean ended;

    /** @param process takes one decoded message, and may pause */
    Reading(Channel channel, MqttMetrics metrics, Consumer<Object> process) {
        this.channel = channel;
        this.metrics = metrics;
        this.process = process;
    }

    void decoded(Object message) {
        if (pauses.isEmpty() && decodedAhead.isEmpty()) {
            process.accept(message);
        } else {
            decodedAhead.add(message);
        }
    }

    boolean isPaused() {
        return !pauses.isEmpty();
    }

    void pause(Pause reason) {
        if (pauses.add(reason)) {
            metrics.paused(reason);
            channel.config().setAutoRead(false);
        }
    }

    /** @return whether that was the last reason not to read */
    boolean resume(Pause reason) {
        if (!pauses.remove(reason) || !pauses.isEmpty() || ended) {
            return false;
        }
        while (pauses.isEmpty() && !decodedAhead.isEmpty()) {
            process.accept(decodedAhead.poll());
        }
        if (pauses.isEmpty() && !ended) {
            channel.config().setAutoRead(true);
        }
        channel.flush();
        return true;
    }

    /** Nothing more is read. */
    void end() {
        ended = true;
        if (channel.isActive()) { // Netty's NIO channels cannot be told once they are gone
            channel.config().setAutoRead(false);
        }
    }

    void release() {
        decodedAhead.forEach(ReferenceCountUtil::release);
        decodedAhead.clear();
    }
}

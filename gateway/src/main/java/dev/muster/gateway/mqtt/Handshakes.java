package dev.muster.gateway.mqtt;

import dev.muster.gateway.limit.RateLimit;
import dev.muster.gateway.limit.Turns;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The TLS handshakes going on, of which there are so many at a time; further connections wait unread, and the addresses
 * that they come from take {@link Turns}.
 *
 * <p>What waits costs no processor time, and is closed when its turn does not come in time. When too many wait, no connection
 * is accepted, and the kernel's backlog waits.
 */
final class Handshakes {
    private final Turns<Handshake> turns;
    private final Duration patience;
    private final MqttMetrics metrics;
    private final Runnable changed;

    /**
     * @param patience how long a connection waits for its turn
     * @param changed is told when {@link #isFull} may say something else
     */
    Handshakes(Turns.Bounds bounds, Duration patience, MqttMetrics metrics, Runnable changed) {
        this.turns = new Turns<>(bounds);
        this.patience = patience;
        this.metrics = metrics;
        this.changed = changed;
        metrics.handshakes(turns);
    }

    /** So many wait that whoever comes now is better left to the kernel. */
    boolean isFull() {
        return turns.isFull();
    }

    /** One connection's handshake, over when it is done or the connection is closed. */
    final class Handshake implements ChannelFutureListener {
        private final Channel channel;
        private final String source;
        private final Consumer<Handshake> begin;
        private @Nullable Future<?> timeout;

        private Handshake(Channel channel, Consumer<Handshake> begin) {
            this.channel = channel;
            this.source = source(channel);
            this.begin = begin;
        }

        /** The connection is closed. */
        @Override
        public void operationComplete(ChannelFuture closed) {
            leave();
        }

        void over() {
            channel.closeFuture().removeListener(this);
            leave();
        }

        private void leave() {
            cancelTimeout();
            Handshake next = turns.leave(source, this);
            if (next != null) {
                next.channel.eventLoop().execute(next::begin);
            }
            changed.run();
        }

        private void begin() {
            cancelTimeout();
            if (channel.isActive()) {
                begin.accept(this);
            }
        }

        private void await() {
            timeout = channel.eventLoop()
                    .schedule(
                            () -> turnAway(MqttMetrics.TurnedAway.WAITED_TOO_LONG),
                            patience.toMillis(),
                            TimeUnit.MILLISECONDS);
        }

        private void cancelTimeout() {
            Future<?> running = timeout;
            if (running != null) {
                timeout = null;
                running.cancel(false);
            }
        }

        private void turnAway(MqttMetrics.TurnedAway why) {
            metrics.turnedAway(why);
            channel.close();
        }
    }

    /**
     * On the connection's loop, before anything of it was read.
     *
     * @param begin on the same loop, at once or later
     */
    void arrived(Channel channel, Consumer<Handshake> begin) {
        var handshake = new Handshake(channel, begin);
        Turns.Arrival<Handshake> arrival = turns.arrive(handshake.source, handshake);
        channel.closeFuture().addListener(handshake);
        switch (arrival) {
            case Turns.Arrival.Goes<Handshake>() -> begin.accept(handshake);
            case Turns.Arrival.Waits<Handshake>(var other) -> {
                handshake.await();
                if (other != null) {
                    other.channel
                            .eventLoop()
                            .execute(() -> other.turnAway(MqttMetrics.TurnedAway.SOURCE_HAS_MORE_THAN_ITS_SHARE));
                }
            }
            case Turns.Arrival.TurnedAway<Handshake>() ->
                handshake.turnAway(MqttMetrics.TurnedAway.SOURCE_HAS_MORE_THAN_ITS_SHARE);
        }
        changed.run();
    }

    private static String source(Channel channel) {
        return channel.remoteAddress() instanceof InetSocketAddress from && from.getAddress() != null
                ? RateLimit.network(from.getAddress().getHostAddress())
                : "";
    }
}

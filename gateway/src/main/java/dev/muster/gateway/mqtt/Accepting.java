package dev.muster.gateway.mqtt;

import com.sun.management.UnixOperatingSystemMXBean;
import io.netty.channel.Channel;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * Whether listeners accept: while there are files for more connections, and as long as nothing else is in the way. What is
 * not accepted waits in the kernel's backlog, instead of failing for want of files, which the stores need too.
 */
final class Accepting {
    /** Files of the process that connections leave to device HTTPS, the journal and the stores. */
    private static final int OTHER_FILES = 1_500;

    private final int most;
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private final AtomicInteger connections = new AtomicInteger();

    Accepting() {
        this(connectionsOf(openFiles()));
    }

    /** @param most connections */
    Accepting(int most) {
        this.most = most;
    }

    /** Half of the files where they are few. */
    static int connectionsOf(long files) {
        return (int) Math.min(Integer.MAX_VALUE, Math.max(files - OTHER_FILES, Math.max(1, files / 2)));
    }

    private static long openFiles() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? unix.getMaxFileDescriptorCount()
                : Integer.MAX_VALUE;
    }

    int connections() {
        return connections.get();
    }

    /** A listener, from now on looked after. */
    void guard(Channel listener, BooleanSupplier blocked) {
        listeners.add(new Listener(listener, blocked));
        look();
    }

    /** On any thread, before the next is accepted. */
    void accepted(Channel connection) {
        if (connections.incrementAndGet() >= most) {
            look();
        }
        connection.closeFuture().addListener(_ -> {
            if (connections.getAndDecrement() == most) {
                look();
            }
        });
    }

    /** To be called when what is in the way may have changed. */
    void look() {
        listeners.forEach(Listener::look);
    }

    /** @param blocked what else is in the way */
    private final class Listener {
        private final Channel channel;
        private final BooleanSupplier blocked;

        Listener(Channel channel, BooleanSupplier blocked) {
            this.channel = channel;
            this.blocked = blocked;
        }

        void look() {
            if (channel.config().isAutoRead() != mayAccept()
                    && !channel.eventLoop().isShuttingDown()) {
                channel.eventLoop().execute(() -> channel.config().setAutoRead(mayAccept()));
            }
        }

        private boolean mayAccept() {
            return connections.get() < most && !blocked.getAsBoolean();
        }
    }
}

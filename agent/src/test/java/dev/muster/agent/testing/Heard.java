package dev.muster.agent.testing;

import dev.muster.agent.link.Outbound;
import dev.muster.protocol.PayloadFormat;
import dev.muster.protocol.Uplink;
import dev.muster.protocol.UplinkCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** A server that keeps everything it is told; what breaks the protocol is thrown back. */
public final class Heard implements Outbound {
    private final List<Uplink> uplinks = new ArrayList<>();

    @Override
    public synchronized void send(Uplink uplink) {
        try {
            String subtopic = uplink instanceof Uplink.CommandResult result ? result.commandId() : "";
            UplinkCodec.decode(
                    uplink.kind(), subtopic, PayloadFormat.JSON, UplinkCodec.encode(uplink, PayloadFormat.JSON));
        } catch (dev.muster.protocol.MalformedPayloadException e) {
            throw new IllegalArgumentException(e);
        }
        uplinks.add(uplink);
        notifyAll();
    }

    public synchronized <T extends Uplink> List<T> all(Class<T> kind) {
        return uplinks.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    /** Waits for the first one, however slow the machine is; fails after a minute. */
    public synchronized <T extends Uplink> T await(Class<T> kind, Predicate<T> which) throws InterruptedException {
        long until = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (true) {
            for (T uplink : all(kind)) {
                if (which.test(uplink)) {
                    return uplink;
                }
            }
            if (System.nanoTime() > until) {
                throw new AssertionError("was not told of such a " + kind.getSimpleName() + ", but of " + uplinks);
            }
            wait(1000);
        }
    }
}

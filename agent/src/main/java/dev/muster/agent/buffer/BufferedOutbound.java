package dev.muster.agent.buffer;

import dev.muster.agent.link.Outbound;
import dev.muster.protocol.MalformedPayloadException;
import dev.muster.protocol.PayloadFormat;
import dev.muster.protocol.Uplink;
import dev.muster.protocol.UplinkCodec;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Puts what the agent says into the {@link DiskBuffer}. */
public final class BufferedOutbound implements Outbound {
    private static final System.Logger LOG = System.getLogger(BufferedOutbound.class.getName());

    private final DiskBuffer buffer;

    public BufferedOutbound(DiskBuffer buffer) {
        this.buffer = buffer;
    }

    @Override
    public void send(Uplink uplink) {
        String subtopic = uplink instanceof Uplink.CommandResult result ? result.commandId() : "";
        byte[] payload = UplinkCodec.encode(uplink, PayloadFormat.JSON);
        try {
            // A message that the server must refuse is found here, where its author is on the stack.
            UplinkCodec.decode(uplink.kind(), subtopic, PayloadFormat.JSON, payload);
        } catch (MalformedPayloadException e) {
            throw new IllegalArgumentException(
                    "a message of kind " + uplink.kind() + " cannot be sent: " + e.getMessage(), e);
        }
        boolean important = Lane.of(uplink.kind()) == Lane.STATE;
        try {
            buffer.append(uplink.kind(), subtopic, payload, important);
        } catch (IOException e) {
            if (important) {
                throw new UncheckedIOException(e);
            }
            LOG.log(System.Logger.Level.WARNING, "{0}; it is counted as lost", e.getMessage());
        }
    }
}

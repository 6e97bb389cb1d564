package dev.muster.gateway.mqtt;

import dev.muster.gateway.port.DownlinkSource;
import dev.muster.gateway.port.DownlinkSource.Desired;
import dev.muster.gateway.port.DownlinkSource.PendingCommand;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.Topics;
import io.netty.channel.Channel;
import io.netty.handler.codec.mqtt.MqttQoS;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What goes down to one asset: desired state and commands, bounded in flight by what the client takes.
 *
 * <p>Runs on the session's event loop. One question to the source is under way at a time; what comes meanwhile asks again.
 */
final class Downlinks {
    private static final Logger LOG = LoggerFactory.getLogger(Downlinks.class);
    /** Unsent commands kept; the rest come with the next question. */
    static final int MAX_UNSENT = 256;

    private static final Seldom FAILURES = new Seldom(Duration.ofSeconds(10));
    private static final Duration RETRY = Duration.ofSeconds(5);
    private static final int MAX_PACKET_ID = 65_535;

    private final Channel channel;
    private final AssetId asset;
    private final DownlinkSource source;
    private final MqttMetrics metrics;
    private final Clock clock;
    private final boolean v5;
    private final int maxInFlight;
    private final long maxPacketBytes;
    private final Set<Integer> inFlight = new HashSet<>();
    private int lastPacketId;

    private final Question desiredQuestion = new Question();
    private @Nullable MqttQoS desiredQos;
    private boolean desiredOnSubscribe;
    private @Nullable Desired desiredToSend;
    private long desiredSent = Long.MIN_VALUE;

    private final Question commandQuestion = new Question();
    private @Nullable MqttQoS commandQos;
    private final ArrayDeque<PendingCommand> unsent = new ArrayDeque<>();
    private boolean moreAtSource;
    /** Those sent in this session and still pending at the source, so it is bounded by what is pending. */
    private final Set<String> sent = new HashSet<>();

    Downlinks(
            Channel channel,
            AssetId asset,
            DownlinkSource source,
            MqttMetrics metrics,
            Clock clock,
            boolean v5,
            int maxInFlight,
            long maxPacketBytes) {
        this.channel = channel;
        this.asset = asset;
        this.source = source;
        this.metrics = metrics;
        this.clock = clock;
        this.v5 = v5;
        this.maxInFlight = maxInFlight;
        this.maxPacketBytes = maxPacketBytes;
    }

    /** A question to the source: under way or not, and asked again meanwhile or not. */
    private static final class Question {
        private boolean underWay;
        private boolean again;
    }

    /** @return whether there was no such subscription before */
    boolean subscribe(Topics.Downlink downlink, MqttQoS qos, boolean sendRetained) {
        return switch (downlink) {
            case DESIRED -> {
                boolean isNew = desiredQos == null;
                desiredQos = qos;
                if (sendRetained) {
                    desiredOnSubscribe = true;
                    askDesired();
                }
                yield isNew;
            }
            case COMMANDS -> {
                boolean isNew = commandQos == null;
                commandQos = qos;
                askCommands();
                yield isNew;
            }
        };
    }

    boolean isSubscribed(Topics.Downlink downlink) {
        return switch (downlink) {
            case DESIRED -> desiredQos != null;
            case COMMANDS -> commandQos != null;
        };
    }

    void unsubscribe(Topics.Downlink downlink) {
        switch (downlink) {
            case DESIRED -> {
                desiredQos = null;
                desiredToSend = null;
                desiredOnSubscribe = false;
            }
            case COMMANDS -> {
                commandQos = null;
                unsent.clear();
            }
        }
    }

    /** Something may wait for the asset. */
    void nudge() {
        if (desiredQos != null) {
            askDesired();
        }
        if (commandQos != null) {
            askCommands();
        }
    }

    /** The client has a message; that is not acceptance of a command. */
    void acknowledged(int packetId) {
        if (inFlight.remove(packetId)) {
            pump();
        }
    }

    private void askDesired() {
        ask(desiredQuestion, () -> source.desired(asset), this::gotDesired, this::askDesired);
    }

    private void askCommands() {
        ask(commandQuestion, () -> source.pendingCommands(asset), this::gotCommands, this::askCommands);
    }

    private <T> void ask(
            Question question, Supplier<CompletionStage<T>> source, Consumer<T> answer, Runnable askAgain) {
        if (question.underWay) {
            question.again = true;
            return;
        }
        question.underWay = true;
        answerOf(source).whenComplete(onLoop((found, failure) -> {
            question.underWay = false;
            boolean again = question.again;
            question.again = false;
            if (failure != null) {
                metrics.downlinkFailures.increment();
                if (FAILURES.now()) {
                    LOG.warn(
                            "asset={} cannot be told what waits for it, and others perhaps; asked again in {}: {}",
                            asset,
                            RETRY,
                            String.valueOf(failure));
                }
                channel.eventLoop().schedule(() -> ifOpen(askAgain), RETRY.toMillis(), TimeUnit.MILLISECONDS);
                return;
            }
            answer.accept(found);
            if (again) {
                askAgain.run();
            }
        }));
    }

    private static <T> CompletionStage<T> answerOf(Supplier<CompletionStage<T>> source) {
        try {
            return source.get();
        } catch (RuntimeException e) {
            return CompletableFuture.failedStage(e);
        }
    }

    private <T> BiConsumer<T, @Nullable Throwable> onLoop(BiConsumer<T, @Nullable Throwable> task) {
        return (found, failure) -> {
            if (!channel.eventLoop().isShuttingDown()) {
                channel.eventLoop().execute(() -> ifOpen(() -> task.accept(found, failure)));
            }
        };
    }

    private void ifOpen(Runnable task) {
        if (channel.isActive()) {
            task.run();
        }
    }

    private void gotDesired(Optional<Desired> found) {
        if (found.isEmpty()) {
            desiredOnSubscribe = false;
            return;
        }
        if (desiredQos != null && (desiredOnSubscribe || found.get().generation() != desiredSent)) {
            desiredToSend = found.get();
            pump();
        }
    }

    private void gotCommands(List<PendingCommand> pending) {
        if (commandQos == null) {
            return;
        }
        var ids = new HashSet<String>(pending.size() * 2);
        pending.forEach(command -> ids.add(command.id()));
        sent.retainAll(ids);
        unsent.clear();
        moreAtSource = false;
        for (PendingCommand command : pending) {
            if (sent.contains(command.id())) {
                continue;
            }
            if (unsent.size() == MAX_UNSENT) {
                moreAtSource = true;
                break;
            }
            unsent.add(command);
        }
        pump();
    }

    /** Sends while the client takes it: called after answers, acknowledgements and when the socket has room. */
    void pump() {
        boolean wrote = false;
        while (channel.isActive() && channel.isWritable() && inFlight.size() < maxInFlight && sendOne()) {
            wrote = true;
        }
        if (wrote) {
            channel.flush();
        }
    }

    private boolean sendOne() {
        Desired desired = desiredToSend;
        if (desired != null && desiredQos != null) {
            boolean retain = desiredOnSubscribe;
            desiredToSend = null;
            desiredOnSubscribe = false;
            send(desired, desiredQos, retain);
            return true;
        }
        PendingCommand command = unsent.poll();
        if (command == null || commandQos == null) {
            return false;
        }
        send(command, commandQos);
        if (unsent.isEmpty() && moreAtSource) {
            askCommands();
        }
        return true;
    }

    private void send(Desired desired, MqttQoS qos, boolean retain) {
        desiredSent = desired.generation();
        String topic = Topics.desired(asset);
        byte[] payload = desired.document();
        if (Packets.publishSize(v5, topic, qos, false, payload.length) > maxPacketBytes) {
            byte[] reference = reference(desired);
            if (reference == null || Packets.publishSize(v5, topic, qos, false, reference.length) > maxPacketBytes) {
                LOG.warn(
                        "asset={} cannot be sent its desired state of generation {}: it has {} bytes, the client takes"
                                + " packets of {}, and there is no address to send instead",
                        asset,
                        desired.generation(),
                        payload.length,
                        maxPacketBytes);
                return;
            }
            payload = reference;
        }
        write(topic, qos, retain, -1, payload);
        metrics.desiredSent.increment();
    }

    /** Where the document is, for a client that does not take it whole. */
    private static byte @Nullable [] reference(Desired desired) {
        if (desired.url() == null) {
            return null;
        }
        String escaped = desired.url().replace("\\", "\\\\").replace("\"", "\\\"");
        return ("{\"generation\":" + desired.generation() + ",\"url\":\"" + escaped + "\",\"sha256\":\""
                        + desired.sha256() + "\"}")
                .getBytes(StandardCharsets.UTF_8);
    }

    private void send(PendingCommand command, MqttQoS qos) {
        Instant now = clock.instant();
        if (!now.isBefore(command.deadline())) {
            return;
        }
        sent.add(command.id());
        String topic = Topics.commands(asset);
        if (Packets.publishSize(v5, topic, qos, true, command.payload().length) > maxPacketBytes) {
            LOG.warn(
                    "asset={} cannot be sent command {}: it has {} bytes, the client takes packets of {}",
                    asset,
                    command.id(),
                    command.payload().length,
                    maxPacketBytes);
            return;
        }
        long expiry = Math.max(1, Duration.between(now, command.deadline()).toSeconds());
        write(topic, qos, false, expiry, command.payload());
        metrics.commandsSent.increment();
    }

    private void write(String topic, MqttQoS qos, boolean retain, long expirySeconds, byte[] payload) {
        int packetId = qos == MqttQoS.AT_MOST_ONCE ? 0 : nextPacketId();
        channel.write(
                Packets.publish(topic, packetId, qos, retain, Packets.describing(v5, expirySeconds), payload),
                channel.voidPromise());
    }

    private int nextPacketId() {
        do {
            lastPacketId = lastPacketId == MAX_PACKET_ID ? 1 : lastPacketId + 1;
        } while (!inFlight.add(lastPacketId));
        return lastPacketId;
    }
}

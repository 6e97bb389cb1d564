package dev.muster.gateway.mqtt;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.muster.gateway.journal.EntryKind;
import dev.muster.gateway.journal.JournalFailure;
import dev.muster.gateway.mqtt.MqttMetrics.Pause;
import dev.muster.gateway.mqtt.MqttMetrics.Refused;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.MalformedPayloadException;
import dev.muster.protocol.PayloadFormat;
import dev.muster.protocol.Topics;
import dev.muster.protocol.Uplink;
import dev.muster.protocol.UplinkCodec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What goes up from one session, from PUBLISH through the journal to PUBACK.
 *
 * <p>Runs on the session's event loop; the journal's thread reaches it through {@link PubAcks} and {@link #markReady}.
 */
final class Uplinks implements PubAcks.Emitter {
    private static final Logger LOG = LoggerFactory.getLogger(Uplinks.class);
    /** A session that is refused more often than this in a second is closed: it is broken or hostile. */
    static final int MAX_REFUSALS_PER_SECOND = 100;

    private static final int PUBACK_BYTES = 4;

    private final MqttServer server;
    private final SessionLoop loop;
    private final MqttSession session;
    private final Channel channel;
    private final AssetId asset;
    private final ConnectRequest request;
    private final TopicAliases aliases = new TopicAliases();
    private final AtomicBoolean hasOutcomes = new AtomicBoolean();
    /** Link of {@link SessionLoop}'s stack. */
    @Nullable Uplinks nextReady;

    private @Nullable Held held;
    private @Nullable PubAcks pubAcks;
    private @Nullable ByteBuf acks;
    private int refusalsThisSecond;
    private long refusals;

    Uplinks(
            MqttServer server,
            SessionLoop loop,
            MqttSession session,
            Channel channel,
            AssetId asset,
            ConnectRequest request) {
        this.server = server;
        this.loop = loop;
        this.session = session;
        this.channel = channel;
        this.asset = asset;
        this.request = request;
    }

    /** The one entry that the journal had no room for; nothing more is read until it has. */
    private record Held(
            EntryKind kind,
            String subtopic,
            PayloadFormat format,
            byte[] payload,
            @Nullable Uplink uplink,
            int packetId,
            long arrivedNanos) {}

    // ---- PUBLISH

    /** The session's opening comes before all that it says. */
    void open(String sessionId) {
        take(EntryKind.SESSION_OPENED, "", PayloadFormat.JSON, sessionId.getBytes(UTF_8), null, 0);
    }

    void publish(MqttPublishMessage message) {
        MqttQoS qos = message.fixedHeader().qosLevel();
        MqttProperties properties = message.variableHeader().properties();
        int packetId = qos == MqttQoS.AT_LEAST_ONCE ? message.variableHeader().packetId() : 0;
        if (qos == MqttQoS.EXACTLY_ONCE) {
            session.fail(ReasonCode.QOS_NOT_SUPPORTED, "QoS 2 is not supported, 0 and 1 are");
            return;
        }
        if (packetId != 0 && request.v5() && pubAcks().isFull()) {
            session.fail(
                    ReasonCode.RECEIVE_MAXIMUM_EXCEEDED,
                    "more than " + server.bounds.receiveMaximum() + " QoS 1 messages are unacknowledged");
            return;
        }
        String topic = message.variableHeader().topicName();
        Topics.UplinkTopic parsed = Topics.uplink(asset, topic);
        if (!properties.isEmpty()
                && properties.getProperty(MqttProperties.TOPIC_ALIAS) instanceof MqttProperties.IntegerProperty alias) {
            parsed = aliases.resolve(alias.value(), topic, parsed);
            if (parsed == null && (topic.isEmpty() || !TopicAliases.isAllowed(alias.value()))) {
                session.fail(
                        ReasonCode.TOPIC_ALIAS_INVALID,
                        "topic alias " + alias.value() + " stands for no topic of an uplink; 1 to "
                                + TopicAliases.MAXIMUM + " are allowed");
                return;
            }
        }
        if (parsed == null) {
            wrongTopic(topic, packetId);
            return;
        }
        byte[] payload = ByteBufUtil.getBytes(message.payload());
        try {
            PayloadFormat format = ConnectRequest.format(properties);
            if (!properties.isEmpty()) {
                payload = PackedPayload.unpacked(properties, payload);
            }
            Uplink uplink = UplinkCodec.decode(parsed.kind(), parsed.subtopic(), format, payload);
            server.metrics.uplink(parsed.kind());
            take(EntryKind.of(parsed.kind()), parsed.subtopic(), format, payload, uplink, packetId);
        } catch (MalformedPayloadException e) {
            server.metrics.malformed(parsed.kind());
            refuse(packetId, ReasonCode.PAYLOAD_FORMAT_INVALID, e.getMessage());
        }
    }

    private void wrongTopic(String topic, int packetId) {
        if (topic.isEmpty()) {
            session.fail(ReasonCode.PROTOCOL_ERROR, "a topic name is empty");
            return;
        }
        String shown = "topic \"" + Printable.of(topic) + "\"";
        if (Topics.isOwn(asset, topic)) {
            refuse(packetId, ReasonCode.TOPIC_NAME_INVALID, shown + " is not an uplink");
        } else if (request.v5()) {
            refuse(packetId, ReasonCode.NOT_AUTHORIZED, shown + " is not below assets/" + asset + "/");
        } else {
            session.fail(ReasonCode.NOT_AUTHORIZED, shown + " is not below assets/" + asset + "/");
        }
    }

    /**
     * Says no to one message; the session goes on. In 3.1.1 there is no way to say it: the message is acknowledged, for
     * a client that is not would send it again for ever.
     */
    private void refuse(int packetId, ReasonCode code, @Nullable String message) {
        server.metrics.refused(Refused.PUBLISH, code.label());
        refusals++;
        if (Long.bitCount(refusals) == 1) {
            LOG.info("asset={} message refused ({} in this session): {}", asset, refusals, message);
        }
        if (++refusalsThisSecond > MAX_REFUSALS_PER_SECOND) {
            session.fail(
                    ReasonCode.MESSAGE_RATE_TOO_HIGH,
                    "more than " + MAX_REFUSALS_PER_SECOND + " messages in a second are refused, the last: " + message);
            return;
        }
        if (packetId != 0) {
            PubAcks answers = pubAcks();
            answers.refuse(packetId, code, message);
            emit(answers);
            pauseWhenFull(answers);
        }
    }

    void secondPassed() {
        refusalsThisSecond = 0;
    }

    // ---- the journal

    /** Offers an entry; when the journal has no room it is held and nothing more is read. */
    private void take(
            EntryKind kind,
            String subtopic,
            PayloadFormat format,
            byte[] payload,
            @Nullable Uplink uplink,
            int packetId) {
        var arrival = new Held(kind, subtopic, format, payload, uplink, packetId, System.nanoTime());
        if (!offer(arrival)) {
            held = arrival;
            session.pause(Pause.JOURNAL_FULL);
            loop.waitForRoom(this::retryHeld);
        }
    }

    private boolean offer(Held arrival) {
        PubAcks answers = arrival.packetId == 0 ? null : pubAcks();
        boolean taken = server.journal.offer(
                server.clock.millis(),
                asset,
                arrival.kind,
                arrival.subtopic,
                arrival.format,
                arrival.payload,
                arrival.uplink,
                answers == null ? server.unheard : answers);
        if (!taken) {
            return false;
        }
        if (answers != null) {
            answers.offered(arrival.packetId, arrival.arrivedNanos);
            pauseWhenFull(answers);
        } else if (arrival.kind == EntryKind.SESSION_OPENED) {
            session.opened();
        }
        return true;
    }

    private boolean retryHeld() {
        Held waiting = held;
        if (waiting == null) {
            return true;
        }
        if (!offer(waiting)) {
            return false;
        }
        held = null;
        session.resume(Pause.JOURNAL_FULL);
        return true;
    }

    /** 3.1.1 knows no receive maximum: such a client is just not read while too much is unacknowledged. */
    private void pauseWhenFull(PubAcks answers) {
        if (!request.v5() && answers.isFull()) {
            session.pause(Pause.UNACKNOWLEDGED);
        }
    }

    /** The connection is gone; what was not offered is not taken. */
    void release() {
        held = null;
        if (acks != null) {
            acks.release();
            acks = null;
        }
    }

    // ---- PUBACK

    private PubAcks pubAcks() {
        PubAcks answers = pubAcks;
        if (answers == null) {
            answers = new PubAcks(server.bounds.receiveMaximum(), () -> loop.outcomeFor(this));
            pubAcks = answers;
        }
        return answers;
    }

    /** On the journal's thread. */
    boolean markReady() {
        return hasOutcomes.compareAndSet(false, true);
    }

    void clearReady() {
        hasOutcomes.set(false);
    }

    /** The journal has answered some messages. */
    void outcomes() {
        PubAcks answers = pubAcks;
        if (answers != null && session.isOpen()) {
            emit(answers);
            channel.flush();
            if (!answers.isFull()) {
                session.resume(Pause.UNACKNOWLEDGED);
            }
        }
    }

    private void emit(PubAcks answers) {
        answers.drainTo(this);
        writeAcks();
    }

    /** Four bytes, the same in both versions: MQTT 5 leaves out reason code 0x00 (§3.4.2.1). */
    @Override
    public void acknowledged(int packetId, long arrivedNanos) {
        ByteBuf to = acks;
        if (to == null) {
            to = channel.alloc().ioBuffer(PUBACK_BYTES * 8);
            acks = to;
        }
        to.writeShort(0x4002).writeShort(packetId);
        server.metrics.pubAck(System.nanoTime() - arrivedNanos);
    }

    @Override
    public void refused(int packetId, ReasonCode code, @Nullable String message) {
        if (!request.v5()) {
            acknowledged(packetId, System.nanoTime());
            return;
        }
        writeAcks();
        channel.write(Packets.pubAck(packetId, code, request.told(message)), channel.voidPromise());
    }

    @Override
    public void failed(int packetId, JournalFailure.Reason reason) {
        server.metrics.unacknowledged.increment();
        if (!request.v5()) {
            session.fail(ReasonCode.QUOTA_EXCEEDED, "a message could not be stored: " + reason);
            return;
        }
        writeAcks();
        ReasonCode code = switch (reason) {
            case DISK_FULL -> ReasonCode.QUOTA_EXCEEDED;
            case IO_ERROR, CLOSED -> ReasonCode.IMPLEMENTATION_SPECIFIC;
        };
        String message = "the message could not be stored, send it again later";
        channel.write(Packets.pubAck(packetId, code, request.told(message)), channel.voidPromise());
    }

    void writeAcks() {
        ByteBuf written = acks;
        if (written != null) {
            acks = null;
            channel.write(written, channel.voidPromise());
        }
    }
}

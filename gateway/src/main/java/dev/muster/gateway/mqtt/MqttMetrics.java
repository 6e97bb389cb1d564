package dev.muster.gateway.mqtt;

import dev.muster.gateway.limit.Turns;
import dev.muster.protocol.UplinkKind;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.IntSupplier;

/** What the MQTT server counts. Meters of the hot path are looked up once. */
final class MqttMetrics {
    /** What was refused. */
    enum Refused {
        CONNECT,
        PUBLISH,
        SUBSCRIBE,
        SESSION
    }

    /** Why a session was not read for a while. */
    enum Pause {
        JOURNAL_FULL,
        UNACKNOWLEDGED,
        CLIENT_NOT_READING
    }

    /** Why a connection was closed before it could say who it is. */
    enum TurnedAway {
        TOO_MANY_CONNECTIONS,
        SOURCE_HAS_MORE_THAN_ITS_SHARE,
        WAITED_TOO_LONG
    }

    private final MeterRegistry meters;
    private final Counter[] uplinks;
    private final Counter[] malformed;
    private final Counter[] pauses;
    final Counter connects;
    final Counter handshakeFailures;
    private final Counter[] turnedAway;
    final Counter desiredSent;
    final Counter commandsSent;
    final Counter unacknowledged;
    final Counter downlinkFailures;
    private final Timer pubAck;

    MqttMetrics(MeterRegistry meters, IntSupplier sessions) {
        this.meters = meters;
        meters.gauge("muster.mqtt.sessions", this, it -> sessions.getAsInt());
        uplinks = counters("muster.uplinks", "kind", UplinkKind.values());
        malformed = counters("muster.uplinks.malformed", "kind", UplinkKind.values());
        pauses = counters("muster.mqtt.pauses", "reason", Pause.values());
        connects = meters.counter("muster.mqtt.connects");
        handshakeFailures = meters.counter("muster.tls.handshakes.failed", "port", "mqtt");
        turnedAway = counters("muster.mqtt.connections.refused", "reason", TurnedAway.values());
        desiredSent = meters.counter("muster.downlinks", "kind", "desired");
        commandsSent = meters.counter("muster.downlinks", "kind", "command");
        unacknowledged = meters.counter("muster.uplinks.not.stored");
        downlinkFailures = meters.counter("muster.downlinks.failures");
        pubAck = Timer.builder("muster.mqtt.puback")
                .description("from the arrival of a QoS 1 message to its PUBACK")
                .serviceLevelObjectives(
                        Duration.ofMillis(1),
                        Duration.ofMillis(5),
                        Duration.ofMillis(10),
                        Duration.ofMillis(25),
                        Duration.ofMillis(50),
                        Duration.ofMillis(100),
                        Duration.ofMillis(500),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(10))
                .register(meters);
    }

    void handshakes(Turns<?> turns) {
        meters.gauge("muster.mqtt.handshakes", turns, Turns::going);
        meters.gauge("muster.mqtt.handshakes.waiting", turns, Turns::waiting);
    }

    void turnedAway(TurnedAway why) {
        turnedAway[why.ordinal()].increment();
    }

    void uplink(UplinkKind kind) {
        uplinks[kind.ordinal()].increment();
    }

    void malformed(UplinkKind kind) {
        malformed[kind.ordinal()].increment();
    }

    void paused(Pause pause) {
        pauses[pause.ordinal()].increment();
    }

    void refused(Refused what, String reason) {
        meters.counter("muster.mqtt.refusals", "what", name(what), "reason", reason)
                .increment();
    }

    void pubAck(long nanos) {
        pubAck.record(Duration.ofNanos(nanos));
    }

    private Counter[] counters(String name, String tag, Enum<?>[] values) {
        return Arrays.stream(values)
                .map(value -> meters.counter(name, tag, name(value)))
                .toArray(Counter[]::new);
    }

    private static String name(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}

package dev.muster.gateway.config;

import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * Where the device plane listens, and its bounds.
 *
 * @param mqttListen MQTT over mutual TLS; port 0 takes any free one
 * @param deviceListen device HTTPS; port 0 takes any free one
 * @param eventLoops threads that serve sockets
 */
public record DevicePlaneConfig(
        InetSocketAddress mqttListen, InetSocketAddress deviceListen, int eventLoops, Mqtt mqtt, Https https) {

    public DevicePlaneConfig {
        atLeast(1, eventLoops, "event-loops");
    }

    public static DevicePlaneConfig listeningOn(InetSocketAddress mqtt, InetSocketAddress device) {
        return new DevicePlaneConfig(
                mqtt, device, Math.max(1, Runtime.getRuntime().availableProcessors()), Mqtt.DEFAULT, Https.DEFAULT);
    }

    public DevicePlaneConfig with(Mqtt changed) {
        return new DevicePlaneConfig(mqttListen, deviceListen, eventLoops, changed, https);
    }

    public DevicePlaneConfig with(Https changed) {
        return new DevicePlaneConfig(mqttListen, deviceListen, eventLoops, mqtt, changed);
    }

    /**
     * Bounds of MQTT sessions.
     *
     * @param maxSessions more connections are closed at once
     * @param maxHandshakes TLS handshakes going on at the same time; more connections wait unaccepted
     * @param maxPacketBytes of one control packet from a client, and largest to a client that names no smaller one
     * @param receiveMaximum QoS 1 messages that a client may send before the first is acknowledged
     * @param sendMaximum QoS 1 messages on the way to a client, also when it would take more
     * @param connectTimeout from accepting the connection to CONNECT
     * @param maxKeepAlive longer ones, and none, are cut to this: MQTT 5 tells the client, 3.1.1 cannot and is left alone
     * @param maxOutboundBytes waiting for a client that does not read
     * @param stallTimeout how long these may wait before the connection is closed
     */
    public record Mqtt(
            int maxSessions,
            int maxHandshakes,
            int maxPacketBytes,
            int receiveMaximum,
            int sendMaximum,
            Duration connectTimeout,
            Duration maxKeepAlive,
            int maxOutboundBytes,
            Duration stallTimeout) {
        public static final Mqtt DEFAULT = new Mqtt(
                100_000,
                256,
                272 * 1024,
                64,
                16,
                Duration.ofSeconds(10),
                Duration.ofMinutes(20),
                64 * 1024,
                Duration.ofSeconds(30));

        public Mqtt {
            atLeast(1, maxSessions, "mqtt max-sessions");
            atLeast(1, maxHandshakes, "mqtt max-handshakes");
            atLeast(256, maxPacketBytes, "mqtt max-packet-bytes");
            atLeast(1, receiveMaximum, "mqtt receive-maximum");
            atLeast(1, sendMaximum, "mqtt send-maximum");
            atLeast(1, (int) Math.min(maxKeepAlive.toSeconds(), 65_536), "mqtt max-keep-alive in seconds");
            atLeast(1024, maxOutboundBytes, "mqtt max-outbound-bytes");
        }
    }

    /**
     * Bounds of device HTTPS.
     *
     * @param maxConnections more connections are refused
     * @param maxBodyBytes of a request
     * @param requestTimeout until a request is whole
     * @param attemptsPerMinute of one address, counted before authentication
     * @param burst attempts that an address may save up
     * @param maxAddresses remembered for the limit
     * @param maxEnrolments worked on at the same time; a few more wait, others are told to come back
     * @param maxDownloads of artifacts at the same time; others are told to come back
     */
    public record Https(
            int maxConnections,
            int maxBodyBytes,
            Duration requestTimeout,
            int attemptsPerMinute,
            int burst,
            int maxAddresses,
            int maxEnrolments,
            int maxDownloads) {
        /** A whole site enrols from one address: the limit saves processor time, guessing is met by the length of tokens. */
        public static final Https DEFAULT =
                new Https(2_000, 16 * 1024, Duration.ofSeconds(20), 3_000, 3_000, 10_000, 8, 256);

        public Https {
            atLeast(1, maxConnections, "device max-connections");
            atLeast(1024, maxBodyBytes, "device max-body-bytes");
            atLeast(1, attemptsPerMinute, "device attempts-per-minute");
            atLeast(1, burst, "device burst");
            atLeast(1, maxAddresses, "device max-addresses");
            atLeast(1, maxEnrolments, "device max-enrolments");
            atLeast(1, maxDownloads, "device max-downloads");
        }
    }

    private static void atLeast(int least, int value, String setting) {
        if (value < least) {
            throw new IllegalArgumentException(setting + " is " + value + ", at least " + least + " is allowed");
        }
    }
}

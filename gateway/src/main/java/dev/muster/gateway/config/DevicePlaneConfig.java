package dev.muster.gateway.config;

import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Where the device plane listens, and its bounds.
 *
 * @param mqttListen MQTT over mutual TLS; port 0 takes any free one
 * @param plainMqtt MQTT without TLS; null for none
 * @param deviceListen device HTTPS; port 0 takes any free one
 * @param eventLoops threads that serve sockets
 */
public record DevicePlaneConfig(
        InetSocketAddress mqttListen,
        @Nullable PlainMqtt plainMqtt,
        InetSocketAddress deviceListen,
        int eventLoops,
        Mqtt mqtt,
        Https https) {

    public DevicePlaneConfig {
        atLeast(1, eventLoops, "event-loops");
    }

    public static DevicePlaneConfig listeningOn(InetSocketAddress mqtt, InetSocketAddress device) {
        return new DevicePlaneConfig(
                mqtt,
                null,
                device,
                Math.max(1, Runtime.getRuntime().availableProcessors()),
                Mqtt.DEFAULT,
                Https.DEFAULT);
    }

    public DevicePlaneConfig with(PlainMqtt changed) {
        return new DevicePlaneConfig(mqttListen, changed, deviceListen, eventLoops, mqtt, https);
    }

    public DevicePlaneConfig with(Mqtt changed) {
        return new DevicePlaneConfig(mqttListen, plainMqtt, deviceListen, eventLoops, changed, https);
    }

    public DevicePlaneConfig with(Https changed) {
        return new DevicePlaneConfig(mqttListen, plainMqtt, deviceListen, eventLoops, mqtt, changed);
    }

    /**
     * MQTT without TLS, for programs on the same machine.
     *
     * @param listen an address of loopback
     * @param attempts CONNECTs of one address, counted before authentication
     */
    public record PlainMqtt(InetSocketAddress listen, Rate attempts) {
        public PlainMqtt {
            if (listen.getAddress() == null || !listen.getAddress().isLoopbackAddress()) {
                throw new IllegalArgumentException("mqtt without TLS cannot listen on " + listen
                        + ": what is said there can be read on the way; only an address of loopback is allowed, such as"
                        + " 127.0.0.1:1883");
            }
        }

        /** All assets behind a bridge share one address: tokens are too long to be guessed, the limit saves processor time. */
        public static PlainMqtt listeningOn(InetSocketAddress listen) {
            return new PlainMqtt(listen, new Rate(30_000, 20_000, 1_024));
        }
    }

    /**
     * Bounds of MQTT sessions.
     *
     * @param maxSessions more are told to come back later
     * @param arrivals connections before they are sessions
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
            Arrivals arrivals,
            int maxPacketBytes,
            int receiveMaximum,
            int sendMaximum,
            Duration connectTimeout,
            Duration maxKeepAlive,
            int maxOutboundBytes,
            Duration stallTimeout) {
        public static final Mqtt DEFAULT = new Mqtt(
                100_000,
                Arrivals.DEFAULT,
                272 * 1024,
                64,
                16,
                Duration.ofSeconds(10),
                Duration.ofMinutes(20),
                64 * 1024,
                Duration.ofSeconds(30));

        public Mqtt {
            atLeast(1, maxSessions, "mqtt max-sessions");
            atLeast(256, maxPacketBytes, "mqtt max-packet-bytes");
            atLeast(1, receiveMaximum, "mqtt receive-maximum");
            atLeast(1, sendMaximum, "mqtt send-maximum");
            atLeast(1, (int) Math.min(maxKeepAlive.toSeconds(), 65_536), "mqtt max-keep-alive in seconds");
            atLeast(1024, maxOutboundBytes, "mqtt max-outbound-bytes");
        }

        public Mqtt withMaxSessions(int changed) {
            return new Mqtt(
                    changed,
                    arrivals,
                    maxPacketBytes,
                    receiveMaximum,
                    sendMaximum,
                    connectTimeout,
                    maxKeepAlive,
                    maxOutboundBytes,
                    stallTimeout);
        }

        public Mqtt with(Arrivals changed) {
            return new Mqtt(
                    maxSessions,
                    changed,
                    maxPacketBytes,
                    receiveMaximum,
                    sendMaximum,
                    connectTimeout,
                    maxKeepAlive,
                    maxOutboundBytes,
                    stallTimeout);
        }

        public Mqtt withConnectTimeout(Duration changed) {
            return new Mqtt(
                    maxSessions,
                    arrivals,
                    maxPacketBytes,
                    receiveMaximum,
                    sendMaximum,
                    changed,
                    maxKeepAlive,
                    maxOutboundBytes,
                    stallTimeout);
        }

        public Mqtt withOutbound(int bytes, Duration stall) {
            return new Mqtt(
                    maxSessions,
                    arrivals,
                    maxPacketBytes,
                    receiveMaximum,
                    sendMaximum,
                    connectTimeout,
                    maxKeepAlive,
                    bytes,
                    stall);
        }
    }

    /**
     * Bounds of connections on their way to a session.
     *
     * @param handshakes of TLS, going on at the same time
     * @param ofOneSource of these; a source is an address (IPv6: network)
     * @param waiting connections whose handshake has not begun; more are not accepted, or of the source that has most of them
     *     turned away
     * @param opening how long CONNECT may wait for room in the journal before the client is told to come back
     * @param connects of one asset
     */
    public record Arrivals(int handshakes, int ofOneSource, int waiting, Duration opening, Rate connects) {
        /** An asset that comes back each second for a minute is not stopped; one that does so all day is. */
        public static final Arrivals DEFAULT =
                new Arrivals(256, 192, 32_768, Duration.ofSeconds(5), new Rate(30, 60, 20_000));

        public Arrivals {
            atLeast(1, handshakes, "mqtt max-handshakes");
            atLeast(1, ofOneSource, "mqtt max-handshakes of one source");
            atLeast(1, waiting, "mqtt max-waiting");
        }

        public Arrivals withHandshakes(int together, int one, int behind) {
            return new Arrivals(together, one, behind, opening, connects);
        }

        public Arrivals withConnects(Rate changed) {
            return new Arrivals(handshakes, ofOneSource, waiting, opening, changed);
        }

        public Arrivals withOpening(Duration changed) {
            return new Arrivals(handshakes, ofOneSource, waiting, changed, connects);
        }
    }

    /**
     * Bounds of device HTTPS.
     *
     * @param maxConnections an eighth more are told to come back, others closed
     * @param requestTimeout until a request is whole
     * @param attempts of one address (IPv6: network) that has shown no good certificate
     * @param requests of one asset, whatever its address
     * @param bodies of requests
     * @param maxEnrolments worked on at the same time; a few more wait, others are told to come back
     * @param downloads of artifacts
     */
    public record Https(
            int maxConnections,
            Duration requestTimeout,
            Rate attempts,
            Rate requests,
            Bodies bodies,
            int maxEnrolments,
            Downloads downloads) {
        /** A whole site enrols from one address: the limit saves processor time, guessing is met by the length of tokens. */
        public static final Https DEFAULT = new Https(
                2_000,
                Duration.ofSeconds(20),
                new Rate(3_000, 3_000, 10_000),
                new Rate(6_000, 1_000, 100_000),
                Bodies.DEFAULT,
                8,
                Downloads.DEFAULT);

        public Https {
            atLeast(1, maxConnections, "device max-connections");
            atLeast(1, maxEnrolments, "device max-enrolments");
        }

        public Https withConnections(int changed) {
            return new Https(changed, requestTimeout, attempts, requests, bodies, maxEnrolments, downloads);
        }

        public Https withAttempts(Rate changed) {
            return new Https(maxConnections, requestTimeout, changed, requests, bodies, maxEnrolments, downloads);
        }

        public Https withRequests(Rate changed) {
            return new Https(maxConnections, requestTimeout, attempts, changed, bodies, maxEnrolments, downloads);
        }

        public Https withBodies(Bodies changed) {
            return new Https(maxConnections, requestTimeout, attempts, requests, changed, maxEnrolments, downloads);
        }

        public Https withEnrolments(int changed) {
            return new Https(maxConnections, requestTimeout, attempts, requests, bodies, changed, downloads);
        }

        public Https withDownloads(Downloads changed) {
            return new Https(maxConnections, requestTimeout, attempts, requests, bodies, maxEnrolments, changed);
        }
    }

    /**
     * Of artifacts.
     *
     * @param max at the same time; others are told to come back
     * @param bytesPerSecond of all together; 0: no limit
     * @param bytesPerSecondPerSite of those of one site; 0: no limit
     */
    public record Downloads(int max, long bytesPerSecond, long bytesPerSecondPerSite) {
        public static final Downloads DEFAULT = new Downloads(256, 0, 0);

        public Downloads {
            atLeast(1, max, "device max-downloads");
            if (bytesPerSecond < 0 || bytesPerSecondPerSite < 0) {
                throw new IllegalArgumentException("bytes per second of downloads are negative: " + bytesPerSecond
                        + ", of a site " + bytesPerSecondPerSite + "; 0 is no limit");
            }
        }
    }

    /**
     * Of requests.
     *
     * @param burst that may be saved up
     * @param remembered of those that are counted, at most
     */
    public record Rate(int perMinute, int burst, int remembered) {
        public Rate {
            atLeast(1, perMinute, "device rate per minute");
            atLeast(1, burst, "device rate burst");
            atLeast(1, remembered, "device rate remembered");
        }

        /** As many may be saved up as are allowed in a minute, or as before where that is fewer. */
        public Rate perMinute(int changed) {
            return new Rate(changed, Math.min(burst, changed), remembered);
        }
    }

    /**
     * Bytes of bodies.
     *
     * @param enrolment of one request for a certificate
     * @param uplink of one request, as it comes
     * @param unpacked of one request, after its content encoding was undone
     * @param together of all requests under way; more are not read until there is room
     */
    public record Bodies(int enrolment, int uplink, int unpacked, long together) {
        public static final Bodies DEFAULT = new Bodies(16 * 1024, 4 << 20, 8 << 20, 64L << 20);

        public Bodies {
            atLeast(1024, enrolment, "device max-body-bytes");
            atLeast(1024, uplink, "device max-uplink-bytes");
            atLeast(uplink, unpacked, "device max-unpacked-bytes");
            atLeast(1024, (int) Math.min(together, Integer.MAX_VALUE), "device body memory");
        }
    }

    private static void atLeast(int least, int value, String setting) {
        if (value < least) {
            throw new IllegalArgumentException(setting + " is " + value + ", at least " + least + " is allowed");
        }
    }
}

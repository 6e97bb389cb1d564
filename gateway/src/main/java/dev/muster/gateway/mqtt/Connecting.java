package dev.muster.gateway.mqtt;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.muster.gateway.limit.ComeBack;
import dev.muster.gateway.mqtt.MqttMetrics.Refused;
import dev.muster.gateway.port.Admission;
import dev.muster.gateway.port.Admission.Decision;
import dev.muster.protocol.AssetId;
import io.netty.channel.Channel;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.netty.handler.ssl.SslHandler;
import java.io.ByteArrayInputStream;
import java.net.InetSocketAddress;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From CONNECT to CONNACK: which asset it is, whether it may, and what it is offered. */
final class Connecting {
    private static final Logger LOG = LoggerFactory.getLogger(Connecting.class);

    private static final int WHEN_FULL_SECONDS = 30;
    private static final int WHEN_BUSY_SECONDS = 10;

    private final MqttServer server;
    private final SessionLoop loop;
    private final MqttSession session;
    private final Channel channel;
    private final boolean overTls;

    Connecting(MqttServer server, SessionLoop loop, MqttSession session, Channel channel, boolean overTls) {
        this.server = server;
        this.loop = loop;
        this.session = session;
        this.channel = channel;
        this.overTls = overTls;
    }

    void connect(MqttConnectMessage message) {
        int version = message.variableHeader().version();
        boolean v5 = version == MqttVersion.MQTT_5.protocolLevel();
        if (!v5 && version != MqttVersion.MQTT_3_1_1.protocolLevel()) {
            refuse(
                    false,
                    ReasonCode.UNSUPPORTED_PROTOCOL_VERSION,
                    "the protocol version is " + version + ", 4 (3.1.1) and 5 are allowed");
            return;
        }
        int wait = overTls ? 0 : Objects.requireNonNull(server.plainAttempts).attempt(address(), System.nanoTime());
        if (wait > 0) {
            sendAway(v5, ReasonCode.CONNECTION_RATE_EXCEEDED, "too many attempts", wait);
            return;
        }
        Supplier<Decision> decision = overTls ? byCertificate() : byToken(message);
        switch (decision.get()) {
            case Decision.Refused refused -> {
                LOG.info("a session of {} is refused: {}", channel.remoteAddress(), refused.message());
                server.metrics.refused(Refused.CONNECT, refused.code());
                refuse(v5, ReasonCode.NOT_AUTHORIZED, refused.message());
            }
            case Decision.Admitted asset -> {
                if (isTurnedAway(asset.asset(), v5)) {
                    return;
                }
                try {
                    open(asset, ConnectRequest.parse(message, asset.asset()), decision);
                } catch (ConnectRequest.RefusedException e) {
                    LOG.info("asset={} is refused a session: {}", asset.asset(), e.getMessage());
                    server.metrics.refused(Refused.CONNECT, e.code().label());
                    refuse(v5, e.code(), e.getMessage());
                }
            }
        }
    }

    /** An asset that cannot hold a session shall not cost others theirs; and there are only so many. */
    private boolean isTurnedAway(AssetId asset, boolean v5) {
        int wait = server.connects.attempt(asset.value(), System.nanoTime());
        if (wait > 0) {
            sendAway(v5, ReasonCode.CONNECTION_RATE_EXCEEDED, "asset " + asset + " connects too often", wait);
            return true;
        }
        if (server.isFullFor(asset)) {
            String why = "there are " + server.bounds.maxSessions() + " sessions, as many as are allowed";
            sendAway(v5, ReasonCode.SERVER_BUSY, why, WHEN_FULL_SECONDS);
            return true;
        }
        return false;
    }

    /** Refused for now. @param seconds to wait at least */
    private void sendAway(boolean v5, ReasonCode code, String why, int seconds) {
        int wait = ComeBack.after(seconds);
        server.metrics.refused(Refused.CONNECT, code.label());
        LOG.debug("a session of {} is refused for {} s: {}", channel.remoteAddress(), wait, why);
        String message = why + "; come back in " + wait + " s";
        session.closeAfter(Packets.refusal(v5, code, message, wait), message);
    }

    /** The journal has had no room for the opening for too long: better to come back than to wait, perhaps in vain. */
    void giveUp(Admitted me) {
        me.uplinks().release();
        server.unregister(me.asset(), session);
        session.notAdmitted();
        sendAway(me.request().v5(), ReasonCode.SERVER_BUSY, "the server has no room to store", WHEN_BUSY_SECONDS);
    }

    private Supplier<Decision> byCertificate() {
        X509Certificate certificate = clientCertificate();
        return () -> server.admission.admit(certificate);
    }

    /** Read anew, and forgotten with CONNECT: what TLS keeps as long as the session lives is its bytes, a quarter of that. */
    private X509Certificate clientCertificate() {
        try {
            var tls = Objects.requireNonNull(channel.pipeline().get(SslHandler.class))
                    .engine()
                    .getSession();
            byte[] shown = tls.getPeerCertificates()[0].getEncoded();
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(shown));
        } catch (CertificateException e) {
            throw new IllegalStateException("tls let a client through with a certificate that cannot be read", e);
        } catch (SSLPeerUnverifiedException e) {
            throw new IllegalStateException("tls let a client through without a certificate", e);
        }
    }

    private Supplier<Decision> byToken(MqttConnectMessage message) {
        String user = message.payload().userName();
        byte[] secret = message.payload().passwordInBytes();
        Admission.Token token = new Admission.Token(
                user == null ? "" : Printable.of(user), secret == null ? "" : new String(secret, UTF_8));
        return () -> server.admission.admit(token);
    }

    private String address() {
        return channel.remoteAddress() instanceof InetSocketAddress from && from.getAddress() != null
                ? from.getAddress().getHostAddress()
                : "";
    }

    void refuse(boolean v5, ReasonCode code, @Nullable String message) {
        session.closeAfter(Packets.refusal(v5, code, message, 0), message);
    }

    private void open(Decision.Admitted as, ConnectRequest request, Supplier<Decision> decision) {
        AssetId asset = as.asset();
        var downlinks = new Downlinks(
                channel,
                asset,
                server.downlink,
                server.metrics,
                server.clock,
                request.v5(),
                Math.min(request.receiveMaximum(), server.bounds.sendMaximum()),
                Math.min(request.maxPacketBytes(), server.bounds.maxPacketBytes()));
        var me = new Admitted(
                asset,
                server.nextSessionId(),
                request,
                TimeUnit.MILLISECONDS.toNanos(keepAliveSeconds(server, request) * 1500L),
                as.until().toEpochMilli(),
                new Uplinks(server, loop, session, channel, asset, request),
                downlinks,
                new Subscriptions(session, channel, server.metrics, asset, request.v5(), downlinks));
        session.opening(me);
        server.register(asset, session);
        // A revocation between admission and registration found no session to close: ask again, now that it would.
        if (decision.get() instanceof Decision.Refused refused) {
            server.metrics.refused(Refused.CONNECT, refused.code());
            server.unregister(asset, session);
            session.notAdmitted();
            refuse(request.v5(), ReasonCode.NOT_AUTHORIZED, refused.message());
            return;
        }
        me.uplinks().open(me.id());
    }

    /** As the session has it; 0 for none, which version 5 never has. */
    static int keepAliveSeconds(MqttServer server, ConnectRequest request) {
        int cap = (int) server.bounds.maxKeepAlive().toSeconds();
        int asked = request.keepAliveSeconds();
        return request.v5() && (asked == 0 || asked > cap) ? cap : asked;
    }

    static void accept(MqttServer server, Channel channel, Admitted me) {
        MqttProperties properties = me.request().v5() ? whatIsOffered(server, me) : MqttProperties.NO_PROPERTIES;
        channel.writeAndFlush(
                Packets.connAck(MqttConnectReturnCode.CONNECTION_ACCEPTED, properties), channel.voidPromise());
    }

    private static MqttProperties whatIsOffered(MqttServer server, Admitted me) {
        var offered = new MqttMessageBuilders.ConnAckPropertiesBuilder()
                .receiveMaximum(server.bounds.receiveMaximum())
                .maximumQos((byte) 1)
                .retainAvailable(true)
                .topicAliasMaximum(TopicAliases.MAXIMUM)
                .maximumPacketSize(server.bounds.maxPacketBytes())
                .wildcardSubscriptionAvailable(false)
                .subscriptionIdentifiersAvailable(false)
                .sharedSubscriptionAvailable(false);
        if (me.request().wantsSessionKept()) {
            offered.sessionExpiryInterval(0);
        }
        if (me.request().clientIdEmpty()) {
            offered.assignedClientId(me.asset().value());
        }
        int keepAlive = keepAliveSeconds(server, me.request());
        if (keepAlive != me.request().keepAliveSeconds()) {
            offered.serverKeepAlive(keepAlive);
        }
        return offered.build();
    }
}

package dev.muster.gateway.mqtt;

import dev.muster.gateway.mqtt.MqttMetrics.Refused;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.Topics;
import io.netty.channel.Channel;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttTopicSubscription;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** SUBSCRIBE and UNSUBSCRIBE of one session: an asset can have its two downlinks, and nothing else. */
final class Subscriptions {
    private static final Logger LOG = LoggerFactory.getLogger(Subscriptions.class);
    private static final int GRANTED_QOS_1 = 1;
    private static final short NO_SUBSCRIPTION_EXISTED = 0x11;
    private static final int SUBACK_FAILURE_3_1_1 = 0x80;

    private final MqttSession session;
    private final Channel channel;
    private final MqttMetrics metrics;
    private final AssetId asset;
    private final boolean v5;
    private final Downlinks downlinks;

    Subscriptions(
            MqttSession session, Channel channel, MqttMetrics metrics, AssetId asset, boolean v5, Downlinks downlinks) {
        this.session = session;
        this.channel = channel;
        this.metrics = metrics;
        this.asset = asset;
        this.v5 = v5;
        this.downlinks = downlinks;
    }

    void subscribe(MqttSubscribeMessage message) {
        if (v5
                && message.idAndPropertiesVariableHeader()
                                .properties()
                                .getProperty(MqttProperties.SUBSCRIPTION_IDENTIFIER)
                        != null) {
            session.fail(
                    ReasonCode.SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED, "subscription identifiers are not supported");
            return;
        }
        var codes = new ArrayList<Integer>(2);
        var granted = new ArrayList<Runnable>(2);
        for (MqttTopicSubscription asked : message.payload().topicSubscriptions()) {
            codes.add(grant(asked, granted));
        }
        channel.writeAndFlush(Packets.subAck(message.variableHeader().messageId(), codes), channel.voidPromise());
        granted.forEach(Runnable::run);
    }

    private int grant(MqttTopicSubscription asked, List<Runnable> granted) {
        String filter = asked.topicFilter();
        Topics.Downlink downlink = Topics.downlink(asset, filter);
        if (downlink == null) {
            ReasonCode why = whyNot(filter);
            metrics.refused(Refused.SUBSCRIBE, why.label());
            LOG.info("asset={} subscription to \"{}\" refused: {}", asset, Printable.of(filter), why.label());
            return v5 ? why.unsigned() : SUBACK_FAILURE_3_1_1;
        }
        int qos = Math.min(asked.option().qos().value(), GRANTED_QOS_1);
        boolean sendRetained = switch (asked.option().retainHandling()) {
            case SEND_AT_SUBSCRIBE -> true;
            case SEND_AT_SUBSCRIBE_IF_NOT_YET_EXISTS -> !downlinks.isSubscribed(downlink);
            case DONT_SEND_AT_SUBSCRIBE -> false;
        };
        granted.add(() -> downlinks.subscribe(downlink, MqttQoS.valueOf(qos), sendRetained));
        return qos;
    }

    private ReasonCode whyNot(String filter) {
        if (filter.startsWith("$share/")) {
            return ReasonCode.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED;
        }
        if (filter.indexOf('#') >= 0 || filter.indexOf('+') >= 0) {
            return ReasonCode.WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED;
        }
        return Topics.isOwn(asset, filter) ? ReasonCode.TOPIC_FILTER_INVALID : ReasonCode.NOT_AUTHORIZED;
    }

    void unsubscribe(MqttUnsubscribeMessage message) {
        var codes = new ArrayList<Short>(2);
        for (String filter : message.payload().topics()) {
            Topics.Downlink downlink = Topics.downlink(asset, filter);
            boolean existed = downlink != null && downlinks.isSubscribed(downlink);
            if (downlink != null && existed) {
                downlinks.unsubscribe(downlink);
            }
            codes.add(existed ? 0 : NO_SUBSCRIPTION_EXISTED);
        }
        channel.writeAndFlush(Packets.unsubAck(message.variableHeader().messageId(), codes), channel.voidPromise());
    }
}

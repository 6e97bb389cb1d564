package dev.muster.gateway.mqtt;

import dev.muster.protocol.Topics;
import org.jspecify.annotations.Nullable;

/** What a client's topic aliases stand for (MQTT 5 §3.3.2.3.4); only uplinks of its own are remembered. */
final class TopicAliases {
    static final int MAXIMUM = 16;

    private Topics.@Nullable UplinkTopic @Nullable [] topics;

    static boolean isAllowed(int alias) {
        return alias >= 1 && alias <= MAXIMUM;
    }

    /**
     * @param topic as it came; empty when the alias stands for it
     * @param parsed the uplink of the topic, null when it is none
     * @return the uplink that is meant; null when there is none, or the alias is not allowed
     */
    Topics.@Nullable UplinkTopic resolve(int alias, String topic, Topics.@Nullable UplinkTopic parsed) {
        if (!isAllowed(alias)) {
            return null;
        }
        if (topics == null) {
            topics = new Topics.UplinkTopic[MAXIMUM + 1];
        }
        if (topic.isEmpty()) {
            return topics[alias];
        }
        topics[alias] = parsed;
        return parsed;
    }
}

package dev.muster.protocol;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The topics of an asset, {@code assets/{id}/…}: parsed without regular expressions, and built. */
public final class Topics {
    private static final String PREFIX = "assets/";
    private static final String DESIRED = "state/desired";
    private static final String COMMANDS = "commands";
    private static final String COMMANDS_LEVEL = "commands/";
    private static final String RESULT_LEVEL = "/result";

    private Topics() {}

    /**
     * What an uplink topic says.
     *
     * @param subtopic the command id of a command result, else empty
     */
    public record UplinkTopic(UplinkKind kind, String subtopic) {
        private static final UplinkTopic HELLO = new UplinkTopic(UplinkKind.HELLO, "");
        private static final UplinkTopic HEARTBEAT = new UplinkTopic(UplinkKind.HEARTBEAT, "");
        private static final UplinkTopic TELEMETRY = new UplinkTopic(UplinkKind.TELEMETRY, "");
        private static final UplinkTopic POSITION = new UplinkTopic(UplinkKind.POSITION, "");
        private static final UplinkTopic STATE_REPORTED = new UplinkTopic(UplinkKind.STATE_REPORTED, "");
        private static final UplinkTopic EVENTS = new UplinkTopic(UplinkKind.EVENTS, "");
        private static final UplinkTopic LOGS = new UplinkTopic(UplinkKind.LOGS, "");
    }

    /** What an asset may subscribe to. */
    public enum Downlink {
        DESIRED,
        COMMANDS
    }

    /** The uplink that the topic stands for; null when it is not an uplink topic of this asset. */
    public static @Nullable UplinkTopic uplink(AssetId asset, String topic) {
        if (!isOwn(asset, topic)) {
            return null;
        }
        String rest = topic.substring(PREFIX.length() + asset.value().length() + 1);
        return switch (rest) {
            case "telemetry" -> UplinkTopic.TELEMETRY;
            case "heartbeat" -> UplinkTopic.HEARTBEAT;
            case "position" -> UplinkTopic.POSITION;
            case "events" -> UplinkTopic.EVENTS;
            case "logs" -> UplinkTopic.LOGS;
            case "state/reported" -> UplinkTopic.STATE_REPORTED;
            case "hello" -> UplinkTopic.HELLO;
            default -> commandResult(rest);
        };
    }

    private static @Nullable UplinkTopic commandResult(String rest) {
        int idLength = rest.length() - COMMANDS_LEVEL.length() - RESULT_LEVEL.length();
        if (idLength < 1 || !rest.startsWith(COMMANDS_LEVEL) || !rest.endsWith(RESULT_LEVEL)) {
            return null;
        }
        String id = rest.substring(COMMANDS_LEVEL.length(), COMMANDS_LEVEL.length() + idLength);
        return isCommandId(id) ? new UplinkTopic(UplinkKind.COMMAND_RESULT, id) : null;
    }

    /** What the topic filter subscribes to; null when it is not a downlink topic of this asset. */
    public static @Nullable Downlink downlink(AssetId asset, String filter) {
        if (!isOwn(asset, filter)) {
            return null;
        }
        int start = PREFIX.length() + asset.value().length() + 1;
        if (filter.length() == start + DESIRED.length() && filter.endsWith(DESIRED)) {
            return Downlink.DESIRED;
        }
        return filter.length() == start + COMMANDS.length() && filter.endsWith(COMMANDS) ? Downlink.COMMANDS : null;
    }

    /** Whether the topic is below {@code assets/{id}/}. */
    public static boolean isOwn(AssetId asset, String topic) {
        String id = asset.value();
        int slash = PREFIX.length() + id.length();
        return topic.length() > slash + 1
                && topic.charAt(slash) == '/'
                && topic.startsWith(PREFIX)
                && topic.startsWith(id, PREFIX.length());
    }

    /** The asset that a topic of any asset belongs to. */
    public static Optional<AssetId> assetOf(String topic) {
        int slash = topic.indexOf('/', PREFIX.length());
        return topic.startsWith(PREFIX) && slash > 0 && slash < topic.length() - 1
                ? AssetId.parse(topic.substring(PREFIX.length(), slash))
                : Optional.empty();
    }

    /** A command id has the form of an asset id, so that it is never escaped in a topic. */
    public static boolean isCommandId(String id) {
        return AssetId.isValid(id);
    }

    /** @param subtopic the command id of a command result, else empty */
    public static String uplink(AssetId asset, UplinkKind kind, String subtopic) {
        if ((kind == UplinkKind.COMMAND_RESULT) != isCommandId(subtopic)) {
            throw new IllegalArgumentException(
                    "topic of " + kind + " for asset " + asset + " cannot have the subtopic \"" + subtopic + "\"");
        }
        return PREFIX + asset + "/"
                + switch (kind) {
                    case HELLO -> "hello";
                    case HEARTBEAT -> "heartbeat";
                    case TELEMETRY -> "telemetry";
                    case POSITION -> "position";
                    case STATE_REPORTED -> "state/reported";
                    case EVENTS -> "events";
                    case LOGS -> "logs";
                    case COMMAND_RESULT -> COMMANDS_LEVEL + subtopic + RESULT_LEVEL;
                };
    }

    public static String desired(AssetId asset) {
        return PREFIX + asset + "/" + DESIRED;
    }

    public static String commands(AssetId asset) {
        return PREFIX + asset + "/" + COMMANDS;
    }
}

package dev.muster.command;

import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.FieldProblem;
import dev.muster.platform.error.Refusal;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.document.Durations;
import dev.muster.registry.type.AssetType;
import dev.muster.registry.type.AssetTypes;
import dev.muster.registry.type.CommandParameters;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What may be sent to assets of a type: its commands, their parameters, how long they may take. */
@Component
class CommandRules {
    static final Duration MIN_TIMEOUT = Duration.ofSeconds(1);
    static final Duration MAX_TIMEOUT = Duration.ofDays(7);
    static final int MAX_PARAMETER_CHARACTERS = 16 * 1024;

    private static final int SHOWN = 64;

    private final AssetTypes types;
    private final CommandParameters parameters;

    CommandRules(AssetTypes types, CommandParameters parameters) {
        this.types = types;
        this.parameters = parameters;
    }

    /**
     * A command as assets of one type get it.
     *
     * @param parameters with the defaults of the type
     */
    record Prepared(String name, JsonNode parameters, Duration timeout, boolean disruptive) {}

    /**
     * @param given null for no parameters
     * @param timeout null for the type's own
     */
    Prepared prepare(String type, String name, @Nullable JsonNode given, @Nullable Duration timeout) {
        AssetType.Command command = command(type, name);
        JsonNode wanted = given == null || given.isNull() ? JsonNodeFactory.instance.objectNode() : given.deepCopy();
        if (!wanted.isObject()) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "the parameters of command " + name + " must be an object, found " + kind(wanted));
        }
        if (wanted.toString().length() > MAX_PARAMETER_CHARACTERS) {
            throw new Refusal(
                    ErrorCode.TOO_LARGE,
                    "the parameters of command " + name + " have "
                            + wanted.toString().length() + " characters, at most " + MAX_PARAMETER_CHARACTERS
                            + " are allowed");
        }
        applyDefaults(command.parameters(), wanted);
        List<String> problems = parameters.problemsOf(command, wanted);
        if (!problems.isEmpty()) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "the parameters of command " + name + " do not fit what type " + type + " declares",
                    problems.stream()
                            .map(problem -> new FieldProblem("parameters", problem))
                            .toList());
        }
        return new Prepared(name, wanted, timeout == null ? command.timeout() : timeout, command.disruptive());
    }

    private AssetType.Command command(String type, String name) {
        AssetType found = types.find(type)
                .orElseThrow(() -> new Refusal(ErrorCode.CONFLICT, "asset type " + type + " does not exist any more"));
        AssetType.Command command = found.commands().get(name);
        if (command == null) {
            throw new Refusal(
                    ErrorCode.REFUSED,
                    "assets of type " + type + " know no command \""
                            + (name.length() <= SHOWN ? name : name.substring(0, SHOWN) + "…") + "\"; "
                            + (found.commands().isEmpty()
                                    ? "they know none"
                                    : "they know "
                                            + String.join(", ", found.commands().keySet()))
                            + "; commands are declared in the asset type");
        }
        return command;
    }

    /** JSON Schema's {@code default} is an annotation; what is left out gets it, also inside of objects that are given. */
    private static void applyDefaults(JsonNode schema, JsonNode value) {
        if (!(value instanceof ObjectNode object)) {
            return;
        }
        schema.path("properties").forEachEntry((field, declared) -> {
            if (object.has(field)) {
                applyDefaults(declared, object.get(field));
            } else if (declared.has("default")) {
                object.set(field, declared.get("default").deepCopy());
            }
        });
    }

    /** @return null for what is not given */
    static @Nullable Duration timeout(@Nullable String text) {
        if (text == null || text.isEmpty()) {
            return null;
        }
        Duration timeout = Durations.parse(text);
        if (timeout == null || timeout.compareTo(MIN_TIMEOUT) < 0 || timeout.compareTo(MAX_TIMEOUT) > 0) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "timeout must be a time from " + Durations.format(MIN_TIMEOUT) + " to "
                            + Durations.format(MAX_TIMEOUT) + " such as 90s, 10m or 24h");
        }
        return timeout;
    }

    static boolean canBeTold(Lifecycle lifecycle) {
        return switch (lifecycle) {
            case REGISTERED, PROVISIONED, ACTIVE, MAINTENANCE -> true;
            case QUARANTINED, RETIRED -> false;
        };
    }

    /** A disruptive command has to be confirmed by whoever asks for it. */
    static void requireConfirmed(String name, boolean disruptive, boolean confirmed, String what) {
        if (disruptive && !confirmed) {
            throw new Refusal(
                    ErrorCode.REFUSED,
                    "command " + name + " interrupts the service of " + what
                            + "; repeat the request with \"confirm\": true when that is meant");
        }
    }

    private static String kind(JsonNode node) {
        return node.getNodeType().name().toLowerCase(java.util.Locale.ROOT);
    }
}

package dev.muster.gateway.ddi;

import dev.muster.gateway.port.Deployments.Execution;
import dev.muster.gateway.port.Deployments.Feedback;
import dev.muster.gateway.port.Deployments.Finished;
import dev.muster.gateway.port.Deployments.Mode;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads what clients send. Fields that are not known are passed over, and times are not read at all: clients spell them as they like. */
final class Said {
    static final int MAX_DETAILS = 50;
    static final int MAX_CHARACTERS = 512;
    static final int MAX_ATTRIBUTES = 100;

    /** A body that is not what the protocol says. */
    static final class MalformedException extends Exception {
        private static final long serialVersionUID = 1L;

        MalformedException(String message) {
            super(message);
        }
    }

    private Said() {}

    static JsonObject object(byte[] body) throws MalformedException {
        try {
            return new JsonObject(new String(body, StandardCharsets.UTF_8));
        } catch (DecodeException | ClassCastException e) {
            throw new MalformedException("the body is not a JSON object");
        }
    }

    static Feedback feedback(JsonObject body) throws MalformedException {
        JsonObject status = object(body, "status")
                .orElseThrow(() -> new MalformedException(
                        "status is missing, an object with execution and result is" + " expected"));
        JsonObject result = object(status, "result").orElse(new JsonObject());
        return new Feedback(
                one(Execution.class, "status.execution", status.getValue("execution")),
                result.getValue("finished") == null
                        ? Finished.NONE
                        : one(Finished.class, "status.result.finished", result.getValue("finished")),
                percent(object(result, "progress").orElse(new JsonObject())),
                details(status.getValue("details")));
    }

    /** Absent, or one that clients send as null or as something else. */
    private static Optional<JsonObject> object(JsonObject within, String name) {
        return within.getValue(name) instanceof JsonObject found ? Optional.of(found) : Optional.empty();
    }

    private static <E extends Enum<E>> E one(Class<E> type, String field, @Nullable Object found)
            throws MalformedException {
        List<String> allowed = new ArrayList<>();
        for (E each : type.getEnumConstants()) {
            String wire = each.name().toLowerCase(Locale.ROOT);
            if (wire.equals(found)) {
                return each;
            }
            allowed.add(wire);
        }
        throw new MalformedException(field + " is " + (found instanceof String text ? printable(text) : "no text")
                + ", allowed is one of " + allowed);
    }

    private static @Nullable Integer percent(JsonObject progress) {
        if (!(progress.getValue("cnt") instanceof Number count) || !(progress.getValue("of") instanceof Number of)) {
            return null;
        }
        return of.longValue() <= 0 || count.longValue() < 0 || count.longValue() > of.longValue()
                ? null
                : (int) (100.0 * count.longValue() / of.longValue());
    }

    static List<String> details(@Nullable Object found) {
        List<String> details = new ArrayList<>();
        if (found instanceof JsonArray array) {
            for (Object each : array) {
                if (each instanceof String text && !text.isBlank() && details.size() < MAX_DETAILS) {
                    details.add(printable(text.strip()));
                }
            }
        }
        return details;
    }

    static Map<String, String> attributes(JsonObject body) throws MalformedException {
        JsonObject data = object(body, "data")
                .orElseThrow(() -> new MalformedException("data is missing, an object of texts is expected"));
        if (data.size() > MAX_ATTRIBUTES) {
            throw new MalformedException(
                    "data has " + data.size() + " attributes, at most " + MAX_ATTRIBUTES + " are allowed");
        }
        Map<String, String> attributes = new LinkedHashMap<>();
        data.forEach(each -> attributes.put(each.getKey(), each.getValue() == null ? "" : text(each.getValue())));
        return attributes;
    }

    private static String text(Object value) {
        return printable(value.toString());
    }

    static Mode mode(JsonObject body) throws MalformedException {
        Object mode = body.getValue("mode");
        return mode == null ? Mode.MERGE : one(Mode.class, "mode", mode);
    }

    /** @return null when it is no text */
    static @Nullable String text(JsonObject body, String field) {
        return body.getValue(field) instanceof String text ? printable(text) : null;
    }

    static String printable(String text) {
        String bounded = text.length() > MAX_CHARACTERS ? text.substring(0, MAX_CHARACTERS) : text;
        StringBuilder clean = new StringBuilder(bounded.length());
        bounded.codePoints()
                .map(each -> Character.isISOControl(each) || (each >= 0xD800 && each <= 0xDFFF) ? '?' : each)
                .forEach(clean::appendCodePoint);
        return clean.toString();
    }
}

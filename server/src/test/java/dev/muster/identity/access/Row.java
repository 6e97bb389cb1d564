package dev.muster.identity.access;

import dev.muster.identity.Role;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is expected of one route.
 *
 * @param least the least role that may call it
 * @param narrower what an actor gets whose scope leaves the asset of the request out
 * @param answers the status of an allowed call: 2 stands for every success
 * @param values of the path's variables, as in {@link World#filled}
 */
record Row(
        String method,
        String path,
        Role least,
        Narrower narrower,
        int answers,
        Map<String, String> values,
        String query,
        @Nullable String contentType,
        @Nullable String body,
        boolean streams) {

    enum Narrower {
        /** As for everybody: the answer tells nothing about an asset. */
        SAME,
        /** The asset outside is not found. */
        NOT_FOUND,
        /** The asset outside is not in the answer, and is in the answer for the whole scope. */
        LEFT_OUT,
        /** Only the whole scope may call it. */
        FORBIDDEN
    }

    static Row row(String method, String path, Role least, Narrower narrower) {
        return new Row(method, path, least, narrower, 2, Map.of("id", "$asset"), "", null, null, false);
    }

    Row with(String variable, String value) {
        Map<String, String> more = new TreeMap<>(values);
        more.put(variable, value);
        return new Row(method, path, least, narrower, answers, Map.copyOf(more), query, contentType, body, streams);
    }

    Row answering(int status) {
        return new Row(method, path, least, narrower, status, values, query, contentType, body, streams);
    }

    Row query(String text) {
        return new Row(method, path, least, narrower, answers, values, "?" + text, contentType, body, streams);
    }

    Row json(String text) {
        return body("application/json", text);
    }

    Row body(String type, String text) {
        return new Row(method, path, least, narrower, answers, values, query, type, text, streams);
    }

    /** The answer never ends: only its status is looked at. */
    Row streaming() {
        return new Row(method, path, least, narrower, answers, values, query, contentType, body, true);
    }

    String name() {
        return method + " " + path;
    }

    boolean isAnswered(int status) {
        return answers == 2 ? status / 100 == 2 : status == answers;
    }
}

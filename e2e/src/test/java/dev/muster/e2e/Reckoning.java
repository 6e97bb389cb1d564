package dev.muster.e2e;

import dev.muster.e2e.AckedLog.Said;
import dev.muster.protocol.Severity;
import dev.muster.protocol.Uplink.Event;
import dev.muster.protocol.Uplink.Fix;
import dev.muster.protocol.Uplink.LogRecord;
import dev.muster.protocol.Uplink.Reading;
import dev.muster.simulator.Content;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Acknowledged messages held against what queries find: readings, positions, events and log lines, each by its time and by the hash of
 * all its values, so that one that is found altered is missing.
 *
 * @param foundByKind how many were found at least once
 * @param missing acknowledged and not found: data loss
 * @param repeated found more than once
 */
record Reckoning(long acknowledged, Map<String, Long> foundByKind, List<String> missing, List<String> repeated) {
    /** Ends what stands in {@code missing} when something else is found at its time. */
    static final String ALTERED = " (altered)";

    private static final Map<String, String> PATH_OF_KIND =
            Map.of("telemetry", "telemetry", "events", "events", "logs", "logs", "position", "positions");
    private static final int SHOWN = 5;
    /** Times the metrics of a type, this stays below what one query answers. */
    private static final int TIMES_PER_QUERY = 400;

    static Reckoning of(AckedLog acked, ServerProcess server) throws Exception {
        Map<String, Long> found = new TreeMap<>();
        List<String> missing = new ArrayList<>();
        List<String> repeated = new ArrayList<>();
        for (var asset : acked.byAssetAndKind().entrySet()) {
            for (var kind : asset.getValue().entrySet()) {
                String path = PATH_OF_KIND.get(kind.getKey());
                if (path == null) {
                    throw new AssertionError("nobody knows where " + kind.getKey() + " is found again");
                }
                Map<Said, Integer> stored = stored(server, asset.getKey(), path, kind.getValue());
                for (Said said : kind.getValue()) {
                    int count = stored.getOrDefault(said, 0);
                    String what = asset.getKey() + " " + kind.getKey() + " " + said.ts();
                    if (count == 0) {
                        missing.add(what + altered(said, stored.keySet()));
                    } else {
                        found.merge(kind.getKey(), 1L, Long::sum);
                    }
                    if (count > 1) {
                        repeated.add(what + " ×" + count);
                    }
                }
            }
        }
        return new Reckoning(acked.messages(), found, missing, repeated);
    }

    boolean isExactlyOnce() {
        return missing.isEmpty() && repeated.isEmpty();
    }

    long found() {
        return foundByKind.values().stream().mapToLong(Long::longValue).sum();
    }

    private static String altered(Said said, Set<Said> stored) {
        return stored.stream().anyMatch(other -> other.ts() == said.ts()) ? ALTERED : "";
    }

    /** How often each of what was said is found; times within one query's bounds are asked for together. */
    private static Map<Said, Integer> stored(ServerProcess server, String asset, String path, Set<Said> wanted)
            throws Exception {
        Map<Said, Integer> counts = new HashMap<>();
        List<Long> times = wanted.stream().map(Said::ts).distinct().sorted().toList();
        for (int start = 0; start < times.size(); start += TIMES_PER_QUERY) {
            List<Long> some = times.subList(start, Math.min(times.size(), start + TIMES_PER_QUERY));
            String span =
                    "/api/v1/assets/" + asset + "/" + path + "?from=" + some.getFirst() + "&to=" + (some.getLast() + 1);
            switch (path) {
                case "telemetry" -> countReadings(server.get(span), counts);
                case "positions" -> countRecords(server, span, counts, Reckoning::position);
                case "events" -> countRecords(server, span, counts, Reckoning::event);
                case "logs" -> countRecords(server, span, counts, Reckoning::line);
                default -> throw new AssertionError(path);
            }
        }
        return counts;
    }

    /** The answer is by metric; the n-th value of each metric at a time is of the n-th reading of that time. */
    private static void countReadings(JsonNode answer, Map<Said, Integer> counts) {
        Map<Long, List<Map<String, Object>>> readings = new LinkedHashMap<>();
        for (JsonNode series : answer.get("series")) {
            String metric = series.get("metric").asString();
            Map<Long, Integer> seen = new HashMap<>();
            for (JsonNode point : series.get("points")) {
                long ts = point.get("ts").asLong();
                int nth = seen.merge(ts, 1, Integer::sum) - 1;
                List<Map<String, Object>> ofTime = readings.computeIfAbsent(ts, _ -> new ArrayList<>());
                while (ofTime.size() <= nth) {
                    ofTime.add(new HashMap<>());
                }
                ofTime.get(nth).put(metric, ServerProcess.JSON.convertValue(point.get("value"), Object.class));
            }
        }
        readings.forEach((ts, ofTime) -> ofTime.forEach(values -> count(Content.of(new Reading(ts, values)), counts)));
    }

    private static void countRecords(
            ServerProcess server, String span, Map<Said, Integer> counts, Function<JsonNode, Content> content)
            throws Exception {
        String next = "";
        do {
            JsonNode page = server.get(span + "&limit=1000" + next);
            for (JsonNode item : page.get("items")) {
                count(content.apply(item), counts);
            }
            JsonNode token = page.path("continue");
            next = token.isString() ? "&continue=" + URLEncoder.encode(token.asString(), StandardCharsets.UTF_8) : "";
        } while (!next.isEmpty());
    }

    private static void count(Content content, Map<Said, Integer> counts) {
        counts.merge(Said.of(content.ts(), content.hash()), 1, Integer::sum);
    }

    private static Content position(JsonNode item) {
        return Content.of(new Fix(
                item.get("ts").asLong(),
                item.get("lat").asDouble(),
                item.get("lon").asDouble(),
                number(item, "alt"),
                number(item, "speed"),
                number(item, "heading"),
                number(item, "accuracy"),
                text(item, "fix")));
    }

    private static Content event(JsonNode item) {
        return Content.of(new Event(
                item.get("ts").asLong(),
                item.get("type").asString(),
                severity(item),
                text(item, "message"),
                fields(item, "data")));
    }

    private static Content line(JsonNode item) {
        return Content.of(new LogRecord(
                item.get("ts").asLong(), severity(item), item.get("body").asString(), fields(item, "attributes")));
    }

    private static Severity severity(JsonNode item) {
        return Severity.valueOf(item.get("severity").asString().toUpperCase(Locale.ROOT));
    }

    private static @Nullable Double number(JsonNode item, String name) {
        JsonNode value = item.path(name);
        return value.isNumber() ? (Double) value.asDouble() : null;
    }

    private static @Nullable String text(JsonNode item, String name) {
        JsonNode value = item.path(name);
        return value.isString() ? value.asString() : null;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> fields(JsonNode item, String name) {
        JsonNode value = item.path(name);
        return value.isObject() ? ServerProcess.JSON.convertValue(value, Map.class) : Map.of();
    }

    @Override
    public String toString() {
        return "acknowledged " + acknowledged + ", found " + found() + " " + foundByKind + ", missing " + missing.size()
                + missing.stream().limit(SHOWN).toList() + ", repeated " + repeated.size()
                + repeated.stream().limit(SHOWN).toList();
    }
}

package dev.muster.e2e;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Acknowledged messages held against what queries find.
 *
 * @param missing acknowledged and not found: data loss
 * @param repeated found more than once
 */
record Reckoning(long acknowledged, long found, List<String> missing, List<String> repeated) {
    private static final Map<String, String> PATH_OF_KIND =
            Map.of("telemetry", "telemetry", "events", "events", "logs", "logs", "position", "positions");
    private static final int SHOWN = 5;
    /** Times the metrics of a type, this stays below what one query answers. */
    private static final int TIMES_PER_QUERY = 400;

    static Reckoning of(AckedLog acked, ServerProcess server) throws Exception {
        long found = 0;
        List<String> missing = new ArrayList<>();
        List<String> repeated = new ArrayList<>();
        for (var asset : acked.timesByAssetAndKind().entrySet()) {
            for (var kind : asset.getValue().entrySet()) {
                String path = PATH_OF_KIND.get(kind.getKey());
                if (path == null) {
                    continue;
                }
                Map<Long, Integer> stored = stored(server, asset.getKey(), path, kind.getValue());
                for (long ts : kind.getValue()) {
                    int count = stored.getOrDefault(ts, 0);
                    found += count > 0 ? 1 : 0;
                    if (count == 0) {
                        missing.add(asset.getKey() + " " + kind.getKey() + " " + ts);
                    } else if (count > 1) {
                        repeated.add(asset.getKey() + " " + kind.getKey() + " " + ts + " ×" + count);
                    }
                }
            }
        }
        return new Reckoning(acked.messages(), found, missing, repeated);
    }

    boolean isExactlyOnce() {
        return missing.isEmpty() && repeated.isEmpty();
    }

    /** How often each of the wanted times is found; times within one query's bounds are asked for together. */
    private static Map<Long, Integer> stored(ServerProcess server, String asset, String path, Set<Long> wanted)
            throws Exception {
        Map<Long, Integer> counts = new HashMap<>();
        List<Long> times = wanted.stream().sorted().toList();
        for (int start = 0; start < times.size(); start += TIMES_PER_QUERY) {
            List<Long> some = times.subList(start, Math.min(times.size(), start + TIMES_PER_QUERY));
            String span =
                    "/api/v1/assets/" + asset + "/" + path + "?from=" + some.getFirst() + "&to=" + (some.getLast() + 1);
            if (path.equals("telemetry")) {
                countReadings(server.get(span), counts);
            } else {
                countRecords(server, span, counts);
            }
        }
        return counts;
    }

    /** A reading is there as often as its most frequent metric. */
    private static void countReadings(JsonNode answer, Map<Long, Integer> counts) {
        for (JsonNode series : answer.get("series")) {
            Map<Long, Integer> ofMetric = new HashMap<>();
            for (JsonNode point : series.get("points")) {
                ofMetric.merge(time(point.get("ts")), 1, Integer::sum);
            }
            ofMetric.forEach((ts, count) -> counts.merge(ts, count, Math::max));
        }
    }

    private static void countRecords(ServerProcess server, String span, Map<Long, Integer> counts) throws Exception {
        String next = "";
        do {
            JsonNode page = server.get(span + "&limit=1000" + next);
            for (JsonNode item : page.get("items")) {
                counts.merge(time(item.get("ts")), 1, Integer::sum);
            }
            JsonNode token = page.path("continue");
            next = token.isString() ? "&continue=" + URLEncoder.encode(token.asString(), StandardCharsets.UTF_8) : "";
        } while (!next.isEmpty());
    }

    private static long time(JsonNode ts) {
        return ts.isNumber() ? ts.asLong() : Instant.parse(ts.asString()).toEpochMilli();
    }

    @Override
    public String toString() {
        return "acknowledged " + acknowledged + ", found " + found + ", missing " + missing.size()
                + missing.stream().limit(SHOWN).toList() + ", repeated " + repeated.size()
                + repeated.stream().limit(SHOWN).toList();
    }
}

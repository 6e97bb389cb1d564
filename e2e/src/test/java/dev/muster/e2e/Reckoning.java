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

    private static Map<Long, Integer> stored(ServerProcess server, String asset, String path, Set<Long> wanted)
            throws Exception {
        long from = wanted.stream().mapToLong(Long::longValue).min().orElseThrow();
        long to = wanted.stream().mapToLong(Long::longValue).max().orElseThrow() + 1;
        Map<Long, Integer> counts = new HashMap<>();
        String next = "";
        do {
            JsonNode page = server.get(
                    "/api/v1/assets/" + asset + "/" + path + "?limit=1000&from=" + from + "&to=" + to + next);
            for (JsonNode item : page.get("items")) {
                counts.merge(time(item.get("ts")), 1, Integer::sum);
            }
            JsonNode token = page.path("continue");
            next = token.isString() ? "&continue=" + URLEncoder.encode(token.asString(), StandardCharsets.UTF_8) : "";
        } while (!next.isEmpty());
        return counts;
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

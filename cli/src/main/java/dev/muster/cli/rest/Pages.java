package dev.muster.cli.rest;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Follows the pages of a list until its end or a limit. */
public final class Pages {
    private static final int PAGE = 1_000;

    private Pages() {}

    /**
     * @param limit at most so many items; 0 for all
     * @param page told each page's items as it comes
     */
    public static void each(Api api, Query query, int limit, Consumer<List<JsonNode>> page) {
        int left = limit == 0 ? Integer.MAX_VALUE : limit;
        String next = null;
        do {
            JsonNode answer =
                    api.get(query.copy().with("limit", Math.min(left, PAGE)).with("continue", next));
            List<JsonNode> items = itemsOf(answer);
            page.accept(items.size() > left ? items.subList(0, left) : items);
            left -= items.size();
            next = nextOf(answer, next);
        } while (next != null && left > 0);
    }

    /** The whole list; for those that are short by nature. */
    public static List<JsonNode> all(Api api, Query query, int limit) {
        List<JsonNode> all = new ArrayList<>();
        each(api, query, limit, all::addAll);
        return all;
    }

    static List<JsonNode> itemsOf(JsonNode answer) {
        List<JsonNode> items = new ArrayList<>();
        (answer.isArray() ? answer : answer.path("items")).forEach(items::add);
        return items;
    }

    private static @Nullable String nextOf(JsonNode answer, @Nullable String previous) {
        String next = answer.path("continue").asString("");
        return next.isEmpty() || next.equals(previous) ? null : next;
    }
}

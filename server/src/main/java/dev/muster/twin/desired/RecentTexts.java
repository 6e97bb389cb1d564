package dev.muster.twin.desired;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/** Texts by their ids, those that were asked for last: a text never changes under its id, and no id is given twice. */
final class RecentTexts {
    /** Together, 2 bytes each at most. */
    private static final int MAX_CHARACTERS = 4 << 20;

    private final Map<Long, String> texts = new LinkedHashMap<>(16, 0.75f, true);
    private long characters;

    /** @param read those that are not known; it leaves out what does not exist */
    Map<Long, String> of(Stream<Long> ids, Function<Collection<Long>, Map<Long, String>> read) {
        Map<Long, String> found = new HashMap<>();
        List<Long> unknown = new ArrayList<>();
        synchronized (texts) {
            ids.distinct().forEach(id -> {
                String text = texts.get(id);
                if (text == null) {
                    unknown.add(id);
                } else {
                    found.put(id, text);
                }
            });
        }
        if (!unknown.isEmpty()) {
            Map<Long, String> fresh = read.apply(unknown);
            found.putAll(fresh);
            remember(fresh);
        }
        return found;
    }

    private void remember(Map<Long, String> fresh) {
        synchronized (texts) {
            fresh.forEach((id, text) -> {
                if (texts.put(id, text) == null) {
                    characters += text.length();
                }
            });
            var oldest = texts.values().iterator();
            while (characters > MAX_CHARACTERS && oldest.hasNext()) {
                characters -= oldest.next().length();
                oldest.remove();
            }
        }
    }
}

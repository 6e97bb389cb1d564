package dev.muster.registry.asset;

import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.registry.selector.SqlCondition;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The free text of a list: every word is found somewhere in the asset, whatever its case. Served by the index asset_search. */
final class TextSearch {
    private static final int MAX_WORDS = 5;
    private static final int MAX_CHARACTERS = 200;

    private TextSearch() {}

    static SqlCondition condition(@Nullable String text) {
        if (text == null || text.isBlank()) {
            return SqlCondition.TRUE;
        }
        List<String> words = Stream.of(text.strip().split("\\s+")).toList();
        if (words.size() > MAX_WORDS || text.length() > MAX_CHARACTERS || text.indexOf('\0') >= 0) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "q has " + words.size() + " words and " + text.length() + " characters; allowed are " + MAX_WORDS
                            + " words, " + MAX_CHARACTERS + " characters and no NUL");
        }
        return words.stream()
                .map(word -> SqlCondition.of("(search like lower(?))", "%" + escaped(word) + "%"))
                .reduce(SqlCondition.TRUE, SqlCondition::and);
    }

    private static String escaped(String word) {
        return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_");
    }
}

package dev.muster.platform.page;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One page of a list.
 *
 * @param next opaque, asks for the following page; null on the last one
 */
public record Page<T>(
        List<T> items, @JsonProperty("continue") @Nullable String next) {
    public Page {
        items = List.copyOf(items);
    }

    /**
     * Cuts a page from what a keyset query found.
     *
     * @param found asked for with {@link PageRequest#fetch}, one more than the page, in the order of the key
     * @param key of an item: {@link PageRequest#after} gives it back when the next page is asked for
     */
    public static <T> Page<T> of(List<T> found, PageRequest request, Function<? super T, String> key) {
        if (found.size() <= request.limit()) {
            return new Page<>(found, null);
        }
        List<T> items = found.subList(0, request.limit());
        return new Page<>(items, PageRequest.tokenAfter(key.apply(items.getLast())));
    }

    /** A page that ends at a key, whatever its length: more may follow. */
    public static <T> Page<T> upTo(List<T> items, String key) {
        return new Page<>(items, PageRequest.tokenAfter(key));
    }

    public <R> Page<R> map(Function<? super T, ? extends R> change) {
        return new Page<>(items.stream().<R>map(change).toList(), next);
    }
}

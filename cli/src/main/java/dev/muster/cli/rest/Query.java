package dev.muster.cli.rest;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A path with query parameters, encoded; parameters without a value are left out. */
public final class Query {
    private final String path;
    private final List<String> parameters = new ArrayList<>();

    private Query(String path) {
        this.path = path;
    }

    /** @param segments below {@code api/v1}, each encoded */
    public static Query of(String... segments) {
        StringBuilder path = new StringBuilder("api/v1");
        for (String segment : segments) {
            path.append('/').append(encoded(segment));
        }
        return new Query(path.toString());
    }

    public Query with(String name, @Nullable Object value) {
        if (value != null && !value.toString().isEmpty()) {
            parameters.add(name + "=" + encoded(value.toString()));
        }
        return this;
    }

    public Query copy() {
        Query copy = new Query(path);
        copy.parameters.addAll(parameters);
        return copy;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    @Override
    public String toString() {
        return parameters.isEmpty() ? path : path + "?" + String.join("&", parameters);
    }
}

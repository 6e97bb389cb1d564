package dev.muster.identity;

import org.jspecify.annotations.Nullable;

/**
 * The assets an actor may see and change: those a selector chooses, or all.
 *
 * @param selector a CEL selector over assets; null is every asset
 */
public record Scope(@Nullable String selector) {
    public static final Scope ALL = new Scope(null);
    public static final int MAX_LENGTH = 4_096;

    public Scope {
        if (selector != null && (selector.isBlank() || selector.length() > MAX_LENGTH)) {
            throw new IllegalArgumentException("a scope's selector has 1 to " + MAX_LENGTH + " characters, found "
                    + (selector.isBlank() ? "a blank one" : selector.length()));
        }
    }

    public boolean isAll() {
        return selector == null;
    }

    @Override
    public String toString() {
        return selector == null ? "all assets" : "assets where " + selector;
    }
}

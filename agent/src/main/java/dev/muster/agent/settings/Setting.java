package dev.muster.agent.settings;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * One thing of the agent that can be set: its key, its default and the sentence that documents it.
 *
 * <p>The key {@code state-dir} is the flag {@code --state-dir}, the variable {@code MUSTER_AGENT_STATE_DIR} and the key in
 * {@code agent.yaml}.
 *
 * @param kind what values look like, for the reference page
 * @param parser throws {@link IllegalArgumentException} that says what a value must be
 */
public record Setting<T>(
        String key, String kind, String defaultText, String sentence, boolean secret, Function<String, T> parser) {

    public static Setting<String> text(String key, String defaultText, String sentence) {
        return new Setting<>(key, "text", defaultText, sentence, false, Function.identity());
    }

    /** Never printed or logged. */
    public static Setting<String> secret(String key, String sentence) {
        return new Setting<>(key, "text, secret", "", sentence, true, Function.identity());
    }

    public static Setting<Path> path(String key, String defaultText, String sentence) {
        return new Setting<>(key, "path", defaultText, sentence, false, Path::of);
    }

    public static Setting<Long> count(String key, long defaultValue, long min, long max, String sentence) {
        String kind = "number, " + min + " to " + max;
        return new Setting<>(key, kind, Long.toString(defaultValue), sentence, false, text -> count(text, min, max));
    }

    public static Setting<Boolean> truth(String key, boolean defaultValue, String sentence) {
        return new Setting<>(
                key, "true or false", Boolean.toString(defaultValue), sentence, false, text -> switch (text) {
                    case "true" -> true;
                    case "false" -> false;
                    default -> throw new IllegalArgumentException("must be true or false");
                });
    }

    /** A size such as {@code 64MiB}; units B, KiB, MiB, GiB. */
    public static Setting<Long> bytes(String key, String defaultText, long min, long max, String sentence) {
        return new Setting<>(
                key, "size, for example 64MiB", defaultText, sentence, false, text -> bytes(text, min, max));
    }

    /** Separated by commas; in the file also a list. */
    public static Setting<List<String>> list(String key, String defaultText, String sentence) {
        return new Setting<>(key, "list, separated by commas", defaultText, sentence, false, Setting::items);
    }

    public String flag() {
        return "--" + key;
    }

    public String variable() {
        return SettingsReader.VARIABLE_PREFIX + key.replace('-', '_').toUpperCase(Locale.ROOT);
    }

    private static long count(String text, long min, long max) {
        try {
            long value = Long.parseLong(text);
            if (value >= min && value <= max) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("must be a number from " + min + " to " + max, e);
        }
        throw new IllegalArgumentException("must be a number from " + min + " to " + max);
    }

    private static long bytes(String text, long min, long max) {
        int digits = 0;
        while (digits < text.length() && Character.isDigit(text.charAt(digits))) {
            digits++;
        }
        if (digits == 0 || digits > 12) {
            throw new IllegalArgumentException("must be a size such as 64MiB");
        }
        long unit = switch (text.substring(digits).strip().toUpperCase(Locale.ROOT)) {
            case "", "B" -> 1L;
            case "KIB", "KB", "K" -> 1L << 10;
            case "MIB", "MB", "M" -> 1L << 20;
            case "GIB", "GB", "G" -> 1L << 30;
            default -> throw new IllegalArgumentException("must have one of the units B, KiB, MiB, GiB");
        };
        long number = Long.parseLong(text.substring(0, digits));
        if (number > max / unit || number * unit < min) {
            throw new IllegalArgumentException("must be from " + min + " to " + max + " bytes");
        }
        return number * unit;
    }

    private static List<String> items(String text) {
        return List.of(text.split(",")).stream()
                .map(String::strip)
                .filter(item -> !item.isEmpty())
                .toList();
    }
}

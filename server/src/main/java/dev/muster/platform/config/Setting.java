package dev.muster.platform.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One thing that can be configured: its key, its type, its default and the sentence that documents it.
 *
 * <p>The key {@code http-listen} is the flag {@code --http-listen}, the variable {@code MUSTER_HTTP_LISTEN} and the key
 * in {@code muster.yaml}.
 *
 * @param kind what values look like, for the reference page
 * @param parser throws {@link IllegalArgumentException} that says what a value must be
 */
public record Setting<T>(
        String key, String kind, String defaultText, String sentence, boolean secret, Function<String, T> parser) {

    private static final Pattern KEY = Pattern.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*");
    private static final Pattern QUANTITY = Pattern.compile("(\\d{1,15})\\s*([a-zA-Z]*)");

    public Setting {
        if (!KEY.matcher(key).matches()) {
            throw new IllegalArgumentException("setting key '" + key + "' is not of the form word-word");
        }
        if (!sentence.endsWith(".")) {
            throw new IllegalArgumentException("setting " + key + " is documented by a sentence that ends with '.'");
        }
        try {
            Object unused = parser.apply(defaultText);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the default of setting " + key + " is not allowed itself", e);
        }
    }

    public static Setting<String> text(String key, String defaultText, String sentence) {
        return new Setting<>(key, "text", defaultText, sentence, false, Function.identity());
    }

    /** Never printed, logged or shown. */
    public static Setting<String> secret(String key, String sentence) {
        return new Setting<>(key, "text, secret", "", sentence, true, Function.identity());
    }

    public static Setting<Boolean> flag(String key, boolean defaultValue, String sentence) {
        return new Setting<>(key, "true or false", Boolean.toString(defaultValue), sentence, false, Setting::parseFlag);
    }

    public static Setting<Integer> count(String key, int defaultValue, int min, int max, String sentence) {
        return new Setting<>(
                key,
                "number, " + min + " to " + max,
                Integer.toString(defaultValue),
                sentence,
                false,
                text -> parseCount(text, min, max));
    }

    /** A size such as {@code 512MiB}; units B, KiB, MiB, GiB (KB, MB, GB mean the same). */
    public static Setting<Long> bytes(String key, String defaultText, long min, String sentence) {
        return new Setting<>(
                key, "size, for example 512MiB", defaultText, sentence, false, text -> parseBytes(text, min));
    }

    /** A time such as {@code 30s}; units ms, s, m, h, d. */
    public static Setting<Duration> duration(
            String key, String defaultText, Duration min, Duration max, String sentence) {
        return new Setting<>(
                key,
                "time, for example 30s, " + print(min) + " to " + print(max),
                defaultText,
                sentence,
                false,
                text -> parseDuration(text, min, max));
    }

    public static Setting<Path> path(String key, String defaultText, String sentence) {
        return new Setting<>(key, "path", defaultText, sentence, false, Path::of);
    }

    public static Setting<ListenAddress> address(String key, String defaultText, String sentence) {
        return new Setting<>(
                key, "host:port, port 0 is any free one", defaultText, sentence, false, ListenAddress::parse);
    }

    /** Separated by commas; in the file also a list. */
    public static Setting<List<String>> list(String key, String defaultText, String sentence) {
        return new Setting<>(key, "list, separated by commas", defaultText, sentence, false, Setting::parseList);
    }

    public String flagName() {
        return "--" + key;
    }

    public String variable() {
        return "MUSTER_" + key.replace('-', '_').toUpperCase(Locale.ROOT);
    }

    private static boolean parseFlag(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true", "yes", "on", "1" -> true;
            case "false", "no", "off", "0" -> false;
            default -> throw new IllegalArgumentException("must be true or false");
        };
    }

    private static int parseCount(String text, int min, int max) {
        try {
            int value = Integer.parseInt(text);
            if (value >= min && value <= max) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("must be a number from " + min + " to " + max, e);
        }
        throw new IllegalArgumentException("must be a number from " + min + " to " + max);
    }

    private static long parseBytes(String text, long min) {
        Matcher matcher = QUANTITY.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("must be a size such as 512MiB");
        }
        long unit = switch (matcher.group(2).toUpperCase(Locale.ROOT)) {
            case "", "B" -> 1L;
            case "K", "KB", "KIB" -> 1L << 10;
            case "M", "MB", "MIB" -> 1L << 20;
            case "G", "GB", "GIB" -> 1L << 30;
            default -> throw new IllegalArgumentException("must have one of the units B, KiB, MiB, GiB");
        };
        long number = Long.parseLong(matcher.group(1));
        if (number > Long.MAX_VALUE / unit || number * unit < min) {
            throw new IllegalArgumentException("must be at least " + min + " bytes, and not absurdly large");
        }
        return number * unit;
    }

    private static Duration parseDuration(String text, Duration min, Duration max) {
        Matcher matcher = QUANTITY.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("must be a time such as 30s");
        }
        long number = Math.min(Long.parseLong(matcher.group(1)), 1L << 40);
        Duration value = switch (matcher.group(2).toLowerCase(Locale.ROOT)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m", "min" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            case "d" -> Duration.ofDays(Math.min(number, 1_000_000));
            default -> throw new IllegalArgumentException("must have one of the units ms, s, m, h, d");
        };
        if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            throw new IllegalArgumentException("must be from " + print(min) + " to " + print(max));
        }
        return value;
    }

    private static List<String> parseList(String text) {
        return Arrays.stream(text.split(","))
                .map(String::strip)
                .filter(item -> !item.isEmpty())
                .toList();
    }

    private static String print(Duration duration) {
        long millis = duration.toMillis();
        if (millis % 86_400_000 == 0 && millis > 0) {
            return millis / 86_400_000 + "d";
        }
        if (millis % 3_600_000 == 0 && millis > 0) {
            return millis / 3_600_000 + "h";
        }
        if (millis % 60_000 == 0 && millis > 0) {
            return millis / 60_000 + "m";
        }
        return millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms";
    }
}

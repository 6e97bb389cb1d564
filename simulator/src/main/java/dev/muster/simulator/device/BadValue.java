package dev.muster.simulator.device;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A value that some assets do not bear in their configuration, written {@code /receipt/copies=1: 20%}. Who it is depends on
 * seed, asset, pointer and value alone, so that the same configuration meets the same in another generation.
 *
 * @param pointer JSON Pointer
 * @param value as text
 */
public record BadValue(String pointer, String value, Share share) {
    private static final Pattern FORM = Pattern.compile("(/[^=\\s]+)=([^:]+?)\\s*:?\\s+(\\S+)");

    public static BadValue parse(String text) {
        Matcher form = FORM.matcher(text.strip());
        if (!form.matches()) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is not a value that assets reject; write" + " '/receipt/copies=1: 20%'");
        }
        return new BadValue(form.group(1), form.group(2), Share.parse(form.group(3)));
    }

    boolean isRejected(Draw draw, Map<String, Object> config) {
        return value.equals(String.valueOf(Documents.leaves(config).get(pointer)))
                && draw.falls(share, "bad value", pointer + "=" + value);
    }
}

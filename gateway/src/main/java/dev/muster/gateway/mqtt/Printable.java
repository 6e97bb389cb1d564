package dev.muster.gateway.mqtt;

import org.jspecify.annotations.Nullable;

/** What a client sent, made fit for a log line or a reason string: ASCII, and not long. */
final class Printable {
    private static final int MAX_LENGTH = 120;

    private Printable() {}

    static String of(@Nullable String text) {
        if (text == null) {
            return "";
        }
        String ascii = text.replaceAll("[^\\x20-\\x7e]", "?");
        return ascii.length() <= MAX_LENGTH ? ascii : ascii.substring(0, MAX_LENGTH) + "…";
    }
}

package dev.muster.registry.document;

import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Resource versions as entity tags (RFC 9110 §8.8.3). */
public final class ResourceVersions {
    private static final Pattern TAG = Pattern.compile("\"?(\\d{1,18})\"?");

    private ResourceVersions() {}

    public static String tag(long version) {
        return "\"" + version + "\"";
    }

    /** The version that {@code If-Match} asks for, {@code null} for any. */
    public static @Nullable Long ofIfMatch(@Nullable String header) {
        if (header == null || header.isBlank() || header.strip().equals("*")) {
            return null;
        }
        Matcher matcher = TAG.matcher(header.strip());
        if (!matcher.matches()) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "If-Match is not one resource version such as \"42\"; take the ETag of the object that you read");
        }
        return Long.valueOf(matcher.group(1));
    }
}

package dev.muster.platform.web;

import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The {@code resourceVersion} of an object as an entity tag (RFC 9110 §8.8.3): version 7 is {@code "7"}.
 *
 * <p>A resource answers with {@code ETag} and {@code resourceVersion}; who changes it sends {@code If-Match} with what they read,
 * so that two people do not overwrite each other.
 */
public record ETag(long version) {
    /** A quoted tag, and what leads on to the next; a weak one is well-formed, and never matches (RFC 9110 §13.1.1). */
    private static final Pattern TAG = Pattern.compile("\\s*(W/)?\"([^\"]*)\"\\s*(,|$)");

    public String header() {
        return "\"" + version + "\"";
    }

    /**
     * Refuses a change of an object that is no longer what the caller read.
     *
     * @param ifMatch the header; null asks for nothing, {@code *} for any version of an object that is there
     * @param object for the message, for example {@code asset pos-1}
     * @throws Refusal PRECONDITION_FAILED when the version is another one, INVALID when the header is not well-formed
     */
    public void requireMatch(@Nullable String ifMatch, String object) {
        if (ifMatch == null || ifMatch.strip().equals("*")) {
            return;
        }
        Matcher tags = TAG.matcher(ifMatch);
        int end = 0;
        boolean matches = false;
        while (end < ifMatch.length() && tags.find(end) && tags.start() == end) {
            matches |= tags.group(1) == null && tags.group(2).equals(Long.toString(version));
            end = tags.end();
        }
        if (end < ifMatch.length() || ifMatch.isBlank()) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "If-Match must be a list of entity tags such as \"7\", or *, found something else; send the ETag of the last read");
        }
        if (!matches) {
            throw new Refusal(
                    ErrorCode.PRECONDITION_FAILED,
                    "%s was not changed: it has version %d, the request expects %s; read it again, then decide anew"
                            .formatted(object, version, ifMatch.length() <= 80 ? ifMatch : "others"));
        }
    }
}

package dev.muster.gateway.download;

import org.jspecify.annotations.Nullable;

/** Conditions of a request on the entity tag of what it asks for (RFC 9110 section 13.1). */
final class EntityTags {
    private EntityTags() {}

    /** If-Match: whether the request may be done. */
    static boolean allow(@Nullable String header, String etag) {
        return header == null || listed(header, etag, false);
    }

    /** If-None-Match: whether the client has it already. */
    static boolean name(@Nullable String header, String etag) {
        return header != null && listed(header, etag, true);
    }

    /** @param weak whether a weak tag of the list is as good; ours are strong */
    private static boolean listed(String header, String etag, boolean weak) {
        if (header.strip().equals("*")) {
            return true;
        }
        for (String each : header.split(",", -1)) {
            String tag = each.strip();
            if (tag.equals(etag)
                    || (weak && tag.startsWith("W/") && tag.substring(2).equals(etag))) {
                return true;
            }
        }
        return false;
    }
}

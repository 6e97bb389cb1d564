package dev.muster.twin.document;

import tools.jackson.databind.JsonNode;

/** Names a content of a configuration: the same content has the same name wherever it is worked out. */
public final class Revision {
    /** Of the empty content, which asks for nothing. */
    public static final String NONE = "none";

    /** 48 bits: of the contents that one configuration has had. */
    private static final int DIGITS = 12;

    private Revision() {}

    public static String of(JsonNode config) {
        return config.isEmpty()
                ? NONE
                : CanonicalJson.sha256(CanonicalJson.text(config)).substring(0, DIGITS);
    }
}

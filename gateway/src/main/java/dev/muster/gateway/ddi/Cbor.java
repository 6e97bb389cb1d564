package dev.muster.gateway.ddi;

import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.dataformat.cbor.CBORFactory;

/** The same documents in CBOR (RFC 8949), for clients that ask for it or send it. */
final class Cbor {
    static final String TYPE = "application/cbor";

    private static final StreamReadConstraints BOUNDS =
            StreamReadConstraints.builder().maxNestingDepth(16).build();
    private static final TokenStreamFactory CBOR =
            CBORFactory.builder().streamReadConstraints(BOUNDS).build();
    private static final TokenStreamFactory JSON =
            JsonFactory.builder().streamReadConstraints(BOUNDS).build();

    private Cbor() {}

    /** Whether an Accept header (RFC 9110 section 12.5.1) puts it before JSON, which is sent when nothing is asked for. */
    static boolean isPreferred(@Nullable String accept) {
        return accept != null
                && weight(accept, "application/cbor")
                        > Math.max(
                                Math.max(weight(accept, "application/json"), weight(accept, "application/hal+json")),
                                Math.max(weight(accept, "application/*"), weight(accept, "*/*")) * 0.999);
    }

    /** The first of two that weigh the same is liked better. */
    private static double weight(String accept, String type) {
        String[] ranges = accept.split(",", 32);
        for (int i = 0; i < ranges.length; i++) {
            String[] parts = ranges[i].split(";", 8);
            if (parts[0].strip().equalsIgnoreCase(type)) {
                return quality(parts) - i * 1e-6;
            }
        }
        return 0;
    }

    private static double quality(String[] parts) {
        for (String part : parts) {
            String parameter = part.strip();
            if (parameter.startsWith("q=") && parameter.length() <= 7) {
                try {
                    return Double.parseDouble(parameter.substring(2));
                } catch (NumberFormatException e) {
                    return 0;
                }
            }
        }
        return 1;
    }

    /** Of a Content-Type header. */
    static boolean isIt(@Nullable String contentType) {
        return contentType != null && contentType.split(";", 2)[0].strip().equalsIgnoreCase(TYPE);
    }

    static byte[] ofJson(byte[] json) {
        return copied(JSON.createParser(ObjectReadContext.empty(), json), CBOR);
    }

    static byte[] toJson(byte[] cbor) throws Said.MalformedException {
        try {
            return copied(CBOR.createParser(ObjectReadContext.empty(), cbor), JSON);
        } catch (JacksonException e) {
            throw new Said.MalformedException("the body is not CBOR: " + e.getOriginalMessage());
        }
    }

    private static byte[] copied(JsonParser from, TokenStreamFactory to) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (from;
                JsonGenerator out = to.createGenerator(ObjectWriteContext.empty(), bytes)) {
            if (from.nextToken() != null) {
                out.copyCurrentStructure(from);
            }
        }
        return bytes.toByteArray();
    }
}

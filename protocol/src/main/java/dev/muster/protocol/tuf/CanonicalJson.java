package dev.muster.protocol.tuf;

import dev.muster.protocol.tuf.MetadataRefusedException.Reason;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The one way to write a JSON value, over which signatures are made: OLPC canonical JSON, as securesystemslib writes it.
 *
 * <p>No white space, keys in the order of their code points, strings escape only {@code "} and {@code \}, no numbers but
 * integers.
 *
 * @see <a href="http://wiki.laptop.org/go/Canonical_JSON">Canonical JSON</a>
 */
public final class CanonicalJson {
    static final int MAX_DEPTH = 32;

    private static final JsonMapper STRICT = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .maxNumberLength(32)
                            .maxStringLength(1 << 20)
                            .maxNameLength(4_096)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private CanonicalJson() {}

    /** @throws IllegalArgumentException for what canonical JSON cannot say: fractions, lone surrogates */
    public static byte[] of(JsonNode value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(1024);
        write(value, out, StandardCharsets.UTF_8.newEncoder());
        return out.toByteArray();
    }

    /**
     * Reads an object strictly: a name that comes twice, a fraction or anything after the end could be understood in two
     * ways and is refused.
     *
     * @param what is read, for the message
     */
    static ObjectNode parse(byte[] bytes, String what) throws MetadataRefusedException {
        try {
            JsonNode read = STRICT.readTree(bytes);
            if (read instanceof ObjectNode object) {
                Object unused = of(object);
                return object;
            }
            throw new MetadataRefusedException(Reason.MALFORMED, what + " is not a JSON object");
        } catch (JacksonException e) {
            throw new MetadataRefusedException(Reason.MALFORMED, what + " is not JSON: " + e.getOriginalMessage());
        } catch (IllegalArgumentException e) {
            throw new MetadataRefusedException(Reason.MALFORMED, what + " has no canonical form: " + e.getMessage());
        }
    }

    private static void write(JsonNode value, ByteArrayOutputStream out, CharsetEncoder utf8) {
        switch (value.getNodeType()) {
            case OBJECT -> writeObject(value, out, utf8);
            case ARRAY -> writeArray(value, out, utf8);
            case STRING -> writeString(value.stringValue(), out, utf8);
            case NUMBER -> {
                if (!value.isIntegralNumber()) {
                    throw new IllegalArgumentException(value + " is a number, and not an integer");
                }
                ascii(value.bigIntegerValue().toString(), out);
            }
            case BOOLEAN -> ascii(value.booleanValue() ? "true" : "false", out);
            case NULL -> ascii("null", out);
            case BINARY, MISSING, POJO ->
                throw new IllegalArgumentException("a value of kind " + value.getNodeType() + " is not JSON");
        }
    }

    private static void writeObject(JsonNode object, ByteArrayOutputStream out, CharsetEncoder utf8) {
        Map<byte[], JsonNode> ordered = new TreeMap<>(Arrays::compareUnsigned); // of UTF-8: the order of code points
        object.properties().forEach(field -> ordered.put(utf8(field.getKey(), utf8), field.getValue()));
        char before = '{';
        for (Map.Entry<byte[], JsonNode> field : ordered.entrySet()) {
            out.write(before);
            writeString(field.getKey(), out);
            out.write(':');
            write(field.getValue(), out, utf8);
            before = ',';
        }
        ascii(before == '{' ? "{}" : "}", out);
    }

    private static void writeArray(JsonNode array, ByteArrayOutputStream out, CharsetEncoder utf8) {
        char before = '[';
        for (JsonNode item : array) {
            out.write(before);
            write(item, out, utf8);
            before = ',';
        }
        ascii(before == '[' ? "[]" : "]", out);
    }

    private static void writeString(String text, ByteArrayOutputStream out, CharsetEncoder utf8) {
        writeString(utf8(text, utf8), out);
    }

    private static void writeString(byte[] text, ByteArrayOutputStream out) {
        out.write('"');
        for (byte octet : text) {
            if (octet == '"' || octet == '\\') {
                out.write('\\');
            }
            out.write(octet);
        }
        out.write('"');
    }

    private static byte[] utf8(String text, CharsetEncoder encoder) {
        try {
            ByteBuffer bytes = encoder.encode(CharBuffer.wrap(text));
            return Arrays.copyOfRange(bytes.array(), bytes.arrayOffset(), bytes.arrayOffset() + bytes.limit());
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("a text has half of a surrogate pair", e);
        }
    }

    private static void ascii(String text, ByteArrayOutputStream out) {
        out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }
}

package dev.muster.gateway.otlp;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.muster.protocol.MalformedPayloadException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/**
 * The JSON of OTLP: that of protobuf but for trace and span ids in hexadecimal and enumerations as numbers. Names in lower
 * camel case (those of the definition are read too), 64-bit numbers as texts or numbers, unknown fields ignored.
 */
final class OtlpJson {
    private static final Set<String> HEX = Set.of("trace_id", "span_id", "parent_span_id");
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(64)
                    .maxNumberLength(64)
                    .build())
            .build();

    private OtlpJson() {}

    static void read(byte[] body, Message.Builder into) throws MalformedPayloadException {
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), body)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new MalformedPayloadException("the body is no JSON object");
            }
            object(parser, into);
            if (parser.nextToken() != null) {
                throw new MalformedPayloadException("something follows the JSON object");
            }
        } catch (JacksonException e) {
            throw new MalformedPayloadException("the body is not readable as JSON: " + e.getOriginalMessage());
        } catch (IllegalArgumentException e) {
            throw new MalformedPayloadException("the body is not readable as OTLP JSON: " + e.getMessage());
        }
    }

    private static void object(JsonParser parser, Message.Builder into) throws MalformedPayloadException {
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            FieldDescriptor field = field(into, parser.currentName());
            JsonToken token = parser.nextToken();
            if (field == null || token == JsonToken.VALUE_NULL) {
                parser.skipChildren();
            } else if (field.isRepeated()) {
                if (token != JsonToken.START_ARRAY) {
                    throw malformed(field, "an array");
                }
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    into.addRepeatedField(field, value(parser, field, into));
                }
            } else {
                into.setField(field, value(parser, field, into));
            }
        }
    }

    private static @Nullable FieldDescriptor field(Message.Builder into, String name) {
        for (FieldDescriptor field : into.getDescriptorForType().getFields()) {
            if (field.getJsonName().equals(name) || field.getName().equals(name)) {
                return field;
            }
        }
        return null;
    }

    private static Object value(JsonParser parser, FieldDescriptor field, Message.Builder parent)
            throws MalformedPayloadException {
        return switch (field.getJavaType()) {
            case MESSAGE -> {
                if (parser.currentToken() != JsonToken.START_OBJECT) {
                    throw malformed(field, "an object");
                }
                Message.Builder child = parent.newBuilderForField(field);
                object(parser, child);
                yield child.build();
            }
            case STRING -> text(parser, field);
            case BOOLEAN -> {
                if (!parser.currentToken().isBoolean()) {
                    throw malformed(field, "a boolean");
                }
                yield parser.currentToken() == JsonToken.VALUE_TRUE;
            }
            case INT -> (int) whole(parser, field);
            case LONG -> whole(parser, field);
            case DOUBLE -> Double.valueOf(scalar(parser, field));
            case FLOAT -> Float.valueOf(scalar(parser, field));
            case BYTE_STRING ->
                ByteString.copyFrom(
                        HEX.contains(field.getName())
                                ? HexFormat.of().parseHex(text(parser, field))
                                : Base64.getDecoder().decode(text(parser, field)));
            case ENUM -> {
                if (parser.currentToken() == JsonToken.VALUE_STRING) {
                    var named = field.getEnumType().findValueByName(parser.getString());
                    yield named != null ? named : field.getEnumType().findValueByNumberCreatingIfUnknown(0);
                }
                yield field.getEnumType().findValueByNumberCreatingIfUnknown((int) whole(parser, field));
            }
        };
    }

    private static String text(JsonParser parser, FieldDescriptor field) throws MalformedPayloadException {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            throw malformed(field, "a string");
        }
        return parser.getString();
    }

    private static String scalar(JsonParser parser, FieldDescriptor field) throws MalformedPayloadException {
        if (!parser.currentToken().isNumeric() && parser.currentToken() != JsonToken.VALUE_STRING) {
            throw malformed(field, "a number");
        }
        return parser.getString();
    }

    /** Of 64 bits, as text or number; those without sign beyond it too. */
    private static long whole(JsonParser parser, FieldDescriptor field) throws MalformedPayloadException {
        String text = scalar(parser, field);
        try {
            return text.startsWith("-") ? Long.parseLong(text) : Long.parseUnsignedLong(text);
        } catch (NumberFormatException e) {
            throw malformed(field, "a whole number");
        }
    }

    private static MalformedPayloadException malformed(FieldDescriptor field, String allowed) {
        return new MalformedPayloadException("field " + field.getJsonName() + " is not " + allowed);
    }
}

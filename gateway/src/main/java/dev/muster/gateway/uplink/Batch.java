package dev.muster.gateway.uplink;

import dev.muster.gateway.https.Answer;
import dev.muster.gateway.journal.EntryKind;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.MalformedPayloadException;
import dev.muster.protocol.PayloadFormat;
import dev.muster.protocol.Topics;
import dev.muster.protocol.UplinkCodec;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.dataformat.cbor.CBORFactory;

/**
 * Many uplinks in one body: {@code {"topic":"telemetry","payload":…}}, as an array or one after another.
 *
 * @param items those that can be stored
 * @param refused those that never can, whatever is tried
 */
record Batch(List<Deposit.Item> items, List<Refused> refused) {
    static final int MAX_ITEMS = 1_000;
    /** Told in an answer; the others are only counted. */
    static final int MAX_TOLD = 100;

    private static final StreamReadConstraints BOUNDS = StreamReadConstraints.builder()
            .maxNestingDepth(64)
            .maxNumberLength(64)
            .build();
    private static final TokenStreamFactory JSON =
            JsonFactory.builder().streamReadConstraints(BOUNDS).build();
    private static final TokenStreamFactory CBOR =
            CBORFactory.builder().streamReadConstraints(BOUNDS).build();

    record Refused(int index, String detail) {}

    /** @throws MalformedPayloadException when it is no batch at all, and nothing of it is taken */
    static Batch read(AssetId asset, PayloadFormat format, byte[] body) throws MalformedPayloadException {
        TokenStreamFactory factory = format == PayloadFormat.JSON ? JSON : CBOR;
        var batch = new Batch(new ArrayList<>(), new ArrayList<>());
        try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), body)) {
            int index = 0;
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.START_OBJECT) {
                    if (index == MAX_ITEMS) {
                        throw new MalformedPayloadException(
                                "the batch has more than " + MAX_ITEMS + " uplinks, send it in parts");
                    }
                    batch.take(asset, format, factory, parser, index++);
                } else if (token != JsonToken.START_ARRAY && token != JsonToken.END_ARRAY) {
                    throw new MalformedPayloadException("uplink " + index + " of the batch is not an object");
                }
            }
        } catch (JacksonException e) {
            throw new MalformedPayloadException(
                    "the batch is not readable as " + format + ": " + e.getOriginalMessage());
        }
        if (batch.items.isEmpty() && batch.refused.isEmpty()) {
            throw new MalformedPayloadException("the batch is empty");
        }
        return batch;
    }

    private void take(AssetId asset, PayloadFormat format, TokenStreamFactory factory, JsonParser parser, int index) {
        @Nullable String topic = null;
        byte @Nullable [] payload = null;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String field = parser.currentName();
            JsonToken value = parser.nextToken();
            if (field.equals("topic") && value == JsonToken.VALUE_STRING) {
                topic = parser.getString();
            } else if (field.equals("payload")) {
                payload = copied(factory, parser);
            } else {
                parser.skipChildren();
            }
        }
        if (topic == null) {
            refused.add(new Refused(index, "it lacks the field topic"));
            return;
        }
        Topics.UplinkTopic parsed = Topics.uplink(asset, "assets/" + asset + "/" + topic);
        if (parsed == null) {
            refused.add(new Refused(index, "its topic is not that of an uplink"));
            return;
        }
        byte[] bytes = payload == null ? new byte[0] : payload;
        try {
            var uplink = UplinkCodec.decode(parsed.kind(), parsed.subtopic(), format, bytes);
            items.add(new Deposit.Item(EntryKind.of(parsed.kind()), parsed.subtopic(), format, bytes, uplink));
        } catch (MalformedPayloadException e) {
            refused.add(new Refused(index, String.valueOf(e.getMessage())));
        }
    }

    private static byte[] copied(TokenStreamFactory factory, JsonParser parser) {
        var bytes = new ByteArrayOutputStream(256);
        try (JsonGenerator generator = factory.createGenerator(ObjectWriteContext.empty(), bytes)) {
            generator.copyCurrentStructure(parser);
        }
        return bytes.toByteArray();
    }

    /** What was stored, and what was not and why. */
    Answer answer(int status) {
        var told = new JsonArray();
        refused.stream()
                .limit(MAX_TOLD)
                .forEach(each ->
                        told.add(new JsonObject().put("index", each.index()).put("detail", each.detail())));
        var body = new JsonObject()
                .put("stored", items.size())
                .put("refused", refused.size())
                .put("refusals", told);
        if (status == 400) {
            body.put("type", "about:blank")
                    .put("title", "Bad Request")
                    .put("status", status)
                    .put("code", "malformed")
                    .put(
                            "detail",
                            "nothing of the batch can be stored; first: "
                                    + refused.getFirst().detail());
            return Answer.of(status, "application/problem+json", body.encode());
        }
        return Answer.of(status, "application/json", body.encode());
    }
}

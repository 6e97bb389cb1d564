package dev.muster.gateway.otlp;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.muster.gateway.https.Answer;
import dev.muster.gateway.uplink.Vault;
import dev.muster.protocol.MalformedPayloadException;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** How an OTLP request is written, and so its answer. */
enum Encoding {
    PROTOBUF("application/x-protobuf") {
        @Override
        Message read(byte[] body, Message.Builder into) throws MalformedPayloadException {
            try {
                CodedInputStream in = CodedInputStream.newInstance(body);
                in.setRecursionLimit(64);
                into.mergeFrom(in);
                in.checkLastTagWas(0);
                return into.build();
            } catch (InvalidProtocolBufferException e) {
                throw new MalformedPayloadException("the body is not readable as protobuf: " + e.getMessage());
            } catch (IOException e) {
                throw new UncheckedIOException("reading from memory failed", e);
            }
        }

        @Override
        Answer answer(int status, Message response) {
            return Answer.of(status, type, response.toByteArray()).with("Content-Type", type);
        }

        /** {@code google.rpc.Status}: 1 code, 2 message. */
        @Override
        byte[] status(int code, String message) {
            var bytes = new ByteArrayOutputStream();
            CodedOutputStream out = CodedOutputStream.newInstance(bytes);
            try {
                out.writeInt32(1, code);
                out.writeString(2, message);
                out.flush();
            } catch (IOException e) {
                throw new UncheckedIOException("writing to memory failed", e);
            }
            return bytes.toByteArray();
        }
    },
    JSON("application/json") {
        @Override
        Message read(byte[] body, Message.Builder into) throws MalformedPayloadException {
            OtlpJson.read(body, into);
            return into.build();
        }

        @Override
        Answer answer(int status, Message response) {
            return Answer.of(status, type, json(response).encode());
        }

        @Override
        byte[] status(int code, String message) {
            return new JsonObject()
                    .put("code", code)
                    .put("message", message)
                    .toBuffer()
                    .getBytes();
        }
    };

    private static final int INVALID_ARGUMENT = 3;
    private static final int UNAVAILABLE = 14;

    final String type;

    Encoding(String type) {
        this.type = type;
    }

    abstract Message read(byte[] body, Message.Builder into) throws MalformedPayloadException;

    abstract Answer answer(int status, Message response);

    abstract byte[] status(int code, String message);

    static @Nullable Encoding of(String mediaType) {
        return switch (mediaType) {
            case "application/x-protobuf" -> PROTOBUF;
            case "application/json" -> JSON;
            default -> null;
        };
    }

    /** Failures are a {@code google.rpc.Status} in the encoding of the request. */
    Vault.Wording wording() {
        return (status, code, message) ->
                Answer.of(status, type, status(status == 503 ? UNAVAILABLE : INVALID_ARGUMENT, message));
    }

    private static JsonObject json(Message response) {
        return switch (response) {
            case ExportMetricsServiceResponse metrics
            when metrics.hasPartialSuccess() ->
                partial(
                        "rejectedDataPoints",
                        metrics.getPartialSuccess().getRejectedDataPoints(),
                        metrics.getPartialSuccess().getErrorMessage());
            case ExportLogsServiceResponse logs
            when logs.hasPartialSuccess() ->
                partial(
                        "rejectedLogRecords",
                        logs.getPartialSuccess().getRejectedLogRecords(),
                        logs.getPartialSuccess().getErrorMessage());
            case ExportTraceServiceResponse traces
            when traces.hasPartialSuccess() ->
                partial(
                        "rejectedSpans",
                        traces.getPartialSuccess().getRejectedSpans(),
                        traces.getPartialSuccess().getErrorMessage());
            default -> new JsonObject();
        };
    }

    private static JsonObject partial(String rejected, long count, String message) {
        return new JsonObject()
                .put(
                        "partialSuccess",
                        new JsonObject().put(rejected, Long.toString(count)).put("errorMessage", message));
    }
}

package dev.muster.gateway.ddi;

import dev.muster.gateway.https.Answer;
import dev.muster.gateway.https.Exchange;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** What is sent: JSON, or CBOR, with an ETag of its content. */
final class Bodies {
    static final String TYPE = "application/json;charset=utf-8";
    private static final int TAG_BYTES = 8;

    private Bodies() {}

    static String etag(byte[] body) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(body);
            return '"' + HexFormat.of().formatHex(hash, 0, TAG_BYTES) + '"';
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is missing", e);
        }
    }

    static Answer json(JsonObject document, @Nullable String known) {
        byte[] body = document.encode().getBytes(StandardCharsets.UTF_8);
        return json(body, etag(body), known);
    }

    static Answer json(byte[] body, String etag, @Nullable String known) {
        return exchange -> {
            if (Cbor.isPreferred(exchange.header(HttpHeaders.ACCEPT))) {
                byte[] packed = Cbor.ofJson(body);
                return sent(exchange, Cbor.TYPE, packed, etag(packed), known);
            }
            return sent(exchange, TYPE, body, etag, known);
        };
    }

    private static int sent(Exchange exchange, String type, byte[] body, String etag, @Nullable String known) {
        HttpServerResponse response =
                exchange.request().response().putHeader(HttpHeaders.ETAG, etag).putHeader(HttpHeaders.VARY, "accept");
        if (etag.equals(known)) {
            response.setStatusCode(304).end();
            return 304;
        }
        return Answer.of(200, type, body).to(exchange);
    }

    /** 200 without content, which is all that some clients take. */
    static Answer done() {
        return Answer.empty(200);
    }
}

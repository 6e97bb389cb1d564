package dev.muster.gateway.ddi;

import dev.muster.gateway.https.Answer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** What is sent: JSON with an ETag of its content. */
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
            HttpServerResponse response = exchange.request().response().putHeader(HttpHeaders.ETAG, etag);
            if (etag.equals(known)) {
                response.setStatusCode(304).end();
                return 304;
            }
            return Answer.of(200, TYPE, body).to(exchange);
        };
    }

    /** 200 without content, which is all that some clients take. */
    static Answer done() {
        return Answer.empty(200);
    }
}

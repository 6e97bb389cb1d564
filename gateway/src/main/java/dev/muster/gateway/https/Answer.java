package dev.muster.gateway.https;

import dev.muster.gateway.limit.ComeBack;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;

/** What is sent back: made anywhere, sent once, on the event loop. */
@FunctionalInterface
public interface Answer {
    /** @return the status */
    int to(Exchange exchange);

    static Answer of(int status, String type, byte[] body) {
        return exchange -> {
            HttpServerResponse response = exchange.request().response().setStatusCode(status);
            if (body.length > 0) {
                response.putHeader(HttpHeaders.CONTENT_TYPE, type);
            }
            response.end(Buffer.buffer(body));
            return status;
        };
    }

    static Answer of(int status, String type, String body) {
        return of(status, type, body.getBytes(StandardCharsets.UTF_8));
    }

    static Answer empty(int status) {
        return of(status, "", new byte[0]);
    }

    default Answer with(String header, String value) {
        return exchange -> {
            exchange.request().response().putHeader(header, value);
            return to(exchange);
        };
    }

    /** {@code application/problem+json}, RFC 9457. @param code stable, for programs; @param message for people */
    static Answer refused(int status, String code, String message) {
        return exchange -> {
            HttpServerResponse response = exchange.request().response().setStatusCode(status);
            exchange.refused(code);
            if (status == 401) {
                exchange.accepted()
                        .forEach(accepted -> response.headers().add("WWW-Authenticate", accepted.challenge()));
            }
            response.putHeader(HttpHeaders.CONTENT_TYPE, "application/problem+json")
                    .end(new JsonObject()
                            .put("type", "about:blank")
                            .put("title", response.getStatusMessage())
                            .put("status", status)
                            .put("code", code)
                            .put("detail", message)
                            .encode());
            return status;
        };
    }

    /** Refused for now. @param least seconds; each is told another time from that on, so that not all come at once */
    static Answer later(int status, String code, String message, int least) {
        int seconds = ComeBack.within(least, least / 2);
        return refused(status, code, message + ", try again in " + seconds + " s")
                .with("Retry-After", Integer.toString(seconds));
    }
}

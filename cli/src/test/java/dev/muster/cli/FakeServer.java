package dev.muster.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A REST server for tests: answers what it was told to, and keeps what it was asked. */
final class FakeServer implements AutoCloseable {
    private final HttpServer server;
    private final Map<String, Answer> answers = Collections.synchronizedMap(new LinkedHashMap<>());

    /** {@code METHOD path?query}, then the token, then the body, in order. */
    final List<Request> requests = Collections.synchronizedList(new ArrayList<>());

    record Request(String line, String authorization, String contentType, String body) {}

    private record Answer(int status, String contentType, String body) {}

    FakeServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** @param request {@code METHOD path?query}, decoded; the longest beginning that fits wins */
    FakeServer answers(String request, int status, String body) {
        answers.put(request, new Answer(status, "application/json", body));
        return this;
    }

    FakeServer refuses(String request, int status, String code, String detail) {
        String body = "{\"type\":\"about:blank\",\"title\":\"Refused\",\"status\":" + status + ",\"code\":\"" + code
                + "\",\"detail\":\"" + detail + "\"}";
        answers.put(request, new Answer(status, "application/problem+json", body));
        return this;
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String line = exchange.getRequestMethod() + " "
                    + exchange.getRequestURI().getPath()
                    + (exchange.getRequestURI().getQuery() == null
                            ? ""
                            : "?" + exchange.getRequestURI().getQuery());
            requests.add(new Request(
                    line,
                    String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")),
                    String.valueOf(exchange.getRequestHeaders().getFirst("Content-Type")),
                    new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
            Answer answer = answerTo(line);
            byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", answer.contentType());
            exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
            if (body.length > 0) {
                exchange.getResponseBody().write(body);
            }
        }
    }

    private Answer answerTo(String line) {
        synchronized (answers) {
            return answers.entrySet().stream()
                    .filter(entry -> line.startsWith(entry.getKey()))
                    .max(java.util.Comparator.comparingInt(
                            entry -> entry.getKey().length()))
                    .map(Map.Entry::getValue)
                    .orElse(new Answer(
                            404, "application/problem+json", "{\"detail\":\"no such route: " + line + "\"}"));
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}

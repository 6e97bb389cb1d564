package dev.muster.registry;

import dev.muster.testing.TestServer;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A whole server, asked the way that people and programs ask it. */
public final class RegistryServer implements AutoCloseable {
    private final TestServer server = TestServer.start();

    /** What came back. */
    public record Answer(int status, String text, @Nullable String tag) {
        public JsonNode json() {
            return JsonMapper.shared().readTree(text);
        }

        public List<JsonNode> lines() {
            return text.lines().map(line -> JsonMapper.shared().readTree(line)).toList();
        }
    }

    public <T> T bean(Class<T> type) {
        return server.bean(type);
    }

    public Answer get(String token, String path) {
        return answer(server.send(
                server.request(path).header("Authorization", "Bearer " + token).GET()));
    }

    public Answer get(String path) {
        return answer(server.send(server.adminRequest(path).GET()));
    }

    public Answer delete(String path) {
        return answer(server.send(server.adminRequest(path).DELETE()));
    }

    public Answer post(String path, String type, String body) {
        return post(server.adminToken(), path, type, body);
    }

    public Answer post(String token, String path, String type, String body) {
        return answer(server.send(server.request(path)
                .timeout(java.time.Duration.ofMinutes(5))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", type)
                .POST(BodyPublishers.ofString(body))));
    }

    public Answer put(String path, String body, @Nullable String ifMatch) {
        var request = server.adminRequest(path).header("Content-Type", "application/json");
        if (ifMatch != null) {
            request.header("If-Match", ifMatch);
        }
        return answer(server.send(request.PUT(BodyPublishers.ofString(body))));
    }

    public Answer apply(String query, String yaml) {
        return post("/api/v1/apply" + query, "application/yaml", yaml);
    }

    public Answer importCsv(String query, String csv) {
        return post("/api/v1/assets/import" + query, "text/csv", csv);
    }

    public void create(String id, String type, String labels) {
        Answer answer = post(
                "/api/v1/assets",
                "application/json",
                "{\"id\":\"%s\",\"type\":\"%s\",\"labels\":%s}".formatted(id, type, labels));
        if (answer.status() != 201) {
            throw new IllegalStateException(answer.text());
        }
    }

    /** A token of an actor that sees what a selector selects. */
    public String token(String role, String scope) {
        String body = JsonMapper.shared()
                .createObjectNode()
                .put("name", "token-" + System.nanoTime())
                .put("role", role)
                .put("scope", scope)
                .toString();
        return post("/api/v1/tokens", "application/json", body)
                .json()
                .at("/secret")
                .stringValue();
    }

    /** Ids of all pages of a list, asked by a token. */
    public List<String> ids(String token, String query) {
        List<String> ids = new ArrayList<>();
        String next = null;
        do {
            String more = next == null ? "" : "&continue=" + next;
            HttpResponse<String> page = server.send(server.request("/api/v1/assets?" + query + more)
                    .header("Authorization", "Bearer " + token)
                    .GET());
            JsonNode body = JsonMapper.shared().readTree(page.body());
            body.path("items").forEach(item -> ids.add(item.path("id").stringValue()));
            next = body.path("continue").asString(null);
        } while (next != null);
        return ids;
    }

    public List<String> ids(String query) {
        return ids(server.adminToken(), query);
    }

    private static Answer answer(HttpResponse<String> response) {
        return new Answer(
                response.statusCode(),
                response.body(),
                response.headers().firstValue("ETag").orElse(null));
    }

    @Override
    public void close() {
        server.close();
    }
}

package dev.muster.simulator.demo;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The server's public API, as far as the checks ask it. */
final class Rest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int MOST_PAGES = 1_000;

    private final URI server;
    private final String token;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();

    Rest(URI server, String token) {
        this.server = server;
        this.token = token;
    }

    JsonNode get(String path) throws IOException, InterruptedException {
        HttpResponse<String> answer = answer(path);
        if (answer.statusCode() != 200) {
            throw new IOException("GET " + path + " answered " + answer.statusCode() + ": " + answer.body());
        }
        return JSON.readTree(answer.body());
    }

    /** @return the answer, which must be a success */
    JsonNode post(String path, JsonNode body) throws IOException, InterruptedException {
        return changed("POST", path, BodyPublishers.ofString(body.toString()));
    }

    void delete(String path) throws IOException, InterruptedException {
        changed("DELETE", path, BodyPublishers.noBody());
    }

    private JsonNode changed(String method, String path, BodyPublisher body) throws IOException, InterruptedException {
        HttpResponse<String> answer = http.send(
                request(path)
                        .header("Content-Type", "application/json")
                        .method(method, body)
                        .build(),
                BodyHandlers.ofString());
        if (answer.statusCode() / 100 != 2) {
            throw new IOException(method + " " + path + " answered " + answer.statusCode() + ": " + answer.body());
        }
        return answer.body().isEmpty() ? JSON.createObjectNode() : JSON.readTree(answer.body());
    }

    /** All items of a list, page by page. */
    List<JsonNode> all(String path) throws IOException, InterruptedException {
        List<JsonNode> items = new ArrayList<>();
        String next = "";
        for (int page = 0; page < MOST_PAGES; page++) {
            JsonNode found = get(path + (path.contains("?") ? "&" : "?") + "limit=200"
                    + (next.isEmpty() ? "" : "&continue=" + next));
            found.path("items").forEach(items::add);
            next = found.path("continue").asString("");
            if (next.isEmpty()) {
                return items;
            }
        }
        throw new IOException("GET " + path + " has more than " + MOST_PAGES + " pages");
    }

    HttpResponse<String> answer(String path) throws IOException, InterruptedException {
        return http.send(request(path).build(), BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(server.resolve(path))
                .timeout(Duration.ofSeconds(30))
                .header("Authorization", "Bearer " + token);
    }
}

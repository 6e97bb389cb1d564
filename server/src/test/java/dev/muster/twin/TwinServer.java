package dev.muster.twin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.gateway.journal.EntryKind;
import dev.muster.gateway.journal.Journal;
import dev.muster.ingest.Ingest;
import dev.muster.ingest.JournalProbe;
import dev.muster.protocol.MalformedPayloadException;
import dev.muster.testing.TestServer;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A whole server and assets that speak through its journal, for what the twin makes of it. */
final class TwinServer implements AutoCloseable {
    private static final Duration BOUND = Duration.ofSeconds(30);

    private final TestServer server;
    private final List<CompletableFuture<Long>> said = new ArrayList<>();

    TwinServer(Map<String, String> settings) {
        server = TestServer.start(settings);
    }

    <T> T bean(Class<T> type) {
        return server.bean(type);
    }

    Path directory() {
        return server.directory();
    }

    JsonNode get(String path) {
        HttpResponse<String> answer = server.send(server.adminRequest(path).GET());
        assertThat(answer.statusCode()).as(path + " says " + answer.body()).isEqualTo(200);
        return JsonMapper.shared().readTree(answer.body());
    }

    HttpResponse<String> post(String path, String type, String body) {
        return server.send(
                server.adminRequest(path).header("Content-Type", type).POST(BodyPublishers.ofString(body)));
    }

    int delete(String path) {
        return server.send(server.adminRequest(path).DELETE()).statusCode();
    }

    HttpResponse<String> apply(String yaml) {
        return post("/api/v1/apply?force=true", "application/yaml", yaml);
    }

    /** One document of each name, which must be accepted. */
    void configure(String name, String target, String rest) {
        HttpResponse<String> answer = apply("""
                apiVersion: muster.dev/v1
                kind: Configuration
                metadata: {name: %s}
                spec: {target: {%s}, %s}
                """.formatted(name, target, rest));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    void create(String asset, String type, String labels) {
        HttpResponse<String> answer = post(
                "/api/v1/assets",
                "application/json",
                "{\"id\":\"%s\",\"type\":\"%s\",\"labels\":%s}".formatted(asset, type, labels.replace('\'', '"')));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    }

    void connect(String asset) {
        say(asset, EntryKind.SESSION_OPENED, "session-of-" + asset);
    }

    void disconnect(String asset) {
        say(asset, EntryKind.SESSION_CLOSED, "session-of-" + asset + " client_gone");
    }

    /** @param json with ' for " */
    void report(String asset, String json) {
        say(asset, EntryKind.STATE_REPORTED, json.replace('\'', '"'));
    }

    /** The same, received at a time of before: it is no sign of life of now. */
    void reportOf(long receivedAt, String asset, String json) {
        say(receivedAt, asset, EntryKind.STATE_REPORTED, json.replace('\'', '"'));
    }

    private void say(String asset, EntryKind kind, String payload) {
        say(System.currentTimeMillis(), asset, kind, payload);
    }

    private void say(long receivedAt, String asset, EntryKind kind, String payload) {
        try {
            said.add(JournalProbe.offer(server.bean(Journal.class), receivedAt, asset, kind, payload));
        } catch (MalformedPayloadException e) {
            throw new AssertionError(e);
        }
    }

    /** Waits until all that was said is stored. */
    void settle() {
        said.forEach(each -> assertThat(each).succeedsWithin(BOUND));
        said.clear();
        try {
            assertThat(server.bean(Ingest.class).awaitCaughtUp(BOUND)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    JsonNode twin(String asset) {
        return get("/api/v1/assets/" + asset + "/twin");
    }

    /** The twin as soon as it is as expected. */
    JsonNode twin(String asset, Predicate<JsonNode> expected) {
        return until("/api/v1/assets/" + asset + "/twin", expected);
    }

    JsonNode until(String path, Predicate<JsonNode> expected) {
        long end = System.nanoTime() + BOUND.toNanos();
        JsonNode last;
        do {
            last = get(path);
            if (expected.test(last)) {
                return last;
            }
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        } while (System.nanoTime() < end);
        throw new AssertionError("not within " + BOUND + ": " + path + " as expected, it is " + last.toPrettyString());
    }

    List<JsonNode> pages(String path) {
        List<JsonNode> items = new ArrayList<>();
        @Nullable String next = null;
        do {
            JsonNode page = get(path + (next == null ? "" : "&continue=" + next));
            page.path("items").forEach(items::add);
            next = page.path("continue").asString(null);
        } while (next != null);
        return items;
    }

    @Override
    public void close() {
        server.close();
    }
}

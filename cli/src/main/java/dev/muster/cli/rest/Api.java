package dev.muster.cli.rest;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.NullNode;

/** Requests to the server; what is not a success becomes a {@link CommandFailed} in the server's own words. */
public final class Api {
    public static final JsonMapper JSON = new JsonMapper();
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration REQUEST_TIMEOUT = Duration.ofMinutes(2);
    private static final int MAX_LINE = 600;

    private final ServerAddress address;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT)
            .build();

    public Api(ServerAddress address) {
        this.address = address;
    }

    public ServerAddress address() {
        return address;
    }

    public JsonNode get(Query query) {
        return json(send("GET", query, BodyPublishers.noBody(), null));
    }

    public JsonNode post(Query query, JsonNode body) {
        return json(send("POST", query, BodyPublishers.ofString(body.toString()), "application/json"));
    }

    public JsonNode post(Query query, String body, String contentType) {
        return json(send("POST", query, BodyPublishers.ofString(body), contentType));
    }

    public void delete(Query query) {
        read(send("DELETE", query, BodyPublishers.noBody(), null));
    }

    /** The answer's body as it comes; the caller closes it. */
    public InputStream stream(String method, Query query, BodyPublisher body, @Nullable String contentType) {
        return send(method, query, body, contentType).body();
    }

    public InputStream stream(Query query) {
        return stream("GET", query, BodyPublishers.noBody(), null);
    }

    private HttpResponse<InputStream> send(
            String method, Query query, BodyPublisher body, @Nullable String contentType) {
        URI uri = address.server().resolve(query.toString());
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .timeout(REQUEST_TIMEOUT)
                .header("Accept", "application/json, application/problem+json;q=0.9, */*;q=0.5")
                .method(method, body);
        if (contentType != null) {
            request.header("Content-Type", contentType);
        }
        if (address.token() != null) {
            request.header("Authorization", "Bearer " + address.token());
        }
        try {
            HttpResponse<InputStream> response = http.send(request.build(), BodyHandlers.ofInputStream());
            if (response.statusCode() / 100 != 2) {
                throw refusal(response.statusCode(), read(response));
            }
            return response;
        } catch (IOException e) {
            throw unreachable(e);
        } catch (IllegalArgumentException e) {
            throw new CommandFailed(ExitCode.USAGE, "the token has characters that no token has");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailed(ExitCode.FAILED, "interrupted");
        }
    }

    private CommandFailed unreachable(IOException e) {
        String server = address.server().toString();
        if (e instanceof HttpTimeoutException && !(e instanceof HttpConnectTimeoutException)) {
            return new CommandFailed(
                    ExitCode.UNREACHABLE, server + " did not answer within " + REQUEST_TIMEOUT.toSeconds() + " s");
        }
        return new CommandFailed(
                ExitCode.UNREACHABLE,
                "cannot reach " + server + " (" + reason(e)
                        + "); is the server running? start it with ./muster server, or give --server");
    }

    private static String reason(Throwable failure) {
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (at.getMessage() != null && !at.getMessage().isBlank()) {
                return at.getMessage();
            }
        }
        return failure instanceof java.net.ConnectException ? "connection refused" : failure.getClass().getSimpleName();
    }

    private CommandFailed refusal(int status, String body) {
        ExitCode code = ExitCode.ofStatus(status);
        JsonNode problem = body.startsWith("{") ? parsed(body) : NullNode.getInstance();
        String detail = problem.path("detail").asString("");
        if (detail.isEmpty()) {
            detail = problem.path("title").asString("");
        }
        List<String> fields = new ArrayList<>();
        for (JsonNode error : problem.path("errors")) {
            String field = error.path("field").asString("");
            String message = error.path("message").asString("");
            fields.add(field.isEmpty() ? message : field + ": " + message);
        }
        if (detail.isEmpty() && fields.isEmpty()) {
            detail = address.server() + " answered " + status + (body.isBlank() ? "" : ": " + body);
        }
        if (status == 401 && address.token() == null) {
            detail += "; no token was found: give MUSTER_TOKEN, or --data-dir of a server on this machine";
        }
        String all = fields.isEmpty() ? detail : detail + (detail.isEmpty() ? "" : ": ") + String.join("; ", fields);
        String line = all.replaceAll("\\s+", " ").strip();
        return new CommandFailed(code, line.length() <= MAX_LINE ? line : line.substring(0, MAX_LINE) + "…");
    }

    private JsonNode json(HttpResponse<InputStream> response) {
        String body = read(response);
        return body.isBlank() ? NullNode.getInstance() : parsed(body);
    }

    private JsonNode parsed(String body) {
        try {
            return JSON.readTree(body);
        } catch (JacksonException e) {
            throw new CommandFailed(
                    ExitCode.FAILED,
                    address.server() + " answered something that is not JSON; is it a Muster server?");
        }
    }

    private String read(HttpResponse<InputStream> response) {
        try (InputStream body = response.body()) {
            return new String(body.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw unreachable(e);
        }
    }
}

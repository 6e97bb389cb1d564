package dev.muster.cli.rest;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.NullNode;

/**
 * Requests to the server; what is not a success becomes a {@link CommandFailed} in the server's own words.
 *
 * <p>On {@link HttpURLConnection}, because {@code java.net.http} alone takes 0.3 s of processor time to load.
 */
public final class Api {
    public static final JsonMapper JSON = new JsonMapper();
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration READ_TIMEOUT = Duration.ofMinutes(2);
    private static final int MAX_LINE = 600;
    private static final int CHUNK = 1 << 16;

    private final ServerAddress address;
    private @Nullable HttpClient uploads;

    public Api(ServerAddress address) {
        this.address = address;
    }

    public ServerAddress address() {
        return address;
    }

    public JsonNode get(Query query) {
        return json(read(stream(query)));
    }

    public JsonNode post(Query query, JsonNode body) {
        return post(query, body.toString(), "application/json");
    }

    public JsonNode post(Query query, String body, String contentType) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        return json(read(send("POST", query, new Body(new ByteArrayInputStream(bytes), bytes.length, contentType))));
    }

    /** What the answer says is nothing. */
    public void put(Query query, JsonNode body) {
        byte[] bytes = body.toString().getBytes(StandardCharsets.UTF_8);
        read(send("PUT", query, new Body(new ByteArrayInputStream(bytes), bytes.length, "application/json")));
    }

    /** A piece of an upload. {@link HttpURLConnection} knows no PATCH; who uploads can wait for the other client to load. */
    public JsonNode patch(Query query, byte[] piece, Map<String, String> headers) {
        return patch(query, piece, "application/octet-stream", headers);
    }

    public JsonNode patch(Query query, byte[] piece, String contentType, Map<String, String> headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(address.server().resolve(query.toString()))
                .timeout(READ_TIMEOUT)
                .header("Content-Type", contentType)
                .header("Accept", "application/json, application/problem+json;q=0.9")
                .method("PATCH", HttpRequest.BodyPublishers.ofByteArray(piece));
        headers.forEach(request::header);
        String token = address.token();
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        try {
            HttpResponse<String> response =
                    uploads().send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
            if (response.statusCode() / 100 != 2) {
                throw refusal(response.statusCode(), response.body());
            }
            return json(response.body());
        } catch (IOException e) {
            throw unreachable(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailed(ExitCode.FAILED, "interrupted");
        }
    }

    private HttpClient uploads() {
        if (uploads == null) {
            uploads = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(CONNECT_TIMEOUT)
                    .build();
        }
        return uploads;
    }

    public void delete(Query query) {
        read(send("DELETE", query, null));
    }

    /** The answer's body as it comes; the caller closes it. */
    public InputStream stream(Query query) {
        return send("GET", query, null);
    }

    /** The same for a body that is sent in pieces while it is read. */
    public InputStream upload(Query query, InputStream body, String contentType) {
        return send("POST", query, new Body(body, -1, contentType));
    }

    /** @param length -1 when it is not known */
    private record Body(InputStream content, long length, String contentType) {}

    private InputStream send(String method, Query query, @Nullable Body body) {
        try {
            HttpURLConnection connection = open(method, query);
            int status = body == null ? connection.getResponseCode() : sent(connection, body);
            if (status / 100 != 2) {
                InputStream problem = connection.getErrorStream();
                throw refusal(status, problem == null ? "" : read(problem));
            }
            return connection.getInputStream();
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    private HttpURLConnection open(String method, Query query) throws IOException {
        URI uri = address.server().resolve(query.toString());
        HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
        connection.setRequestMethod(method);
        connection.setConnectTimeout(Math.toIntExact(CONNECT_TIMEOUT.toMillis()));
        connection.setReadTimeout(Math.toIntExact(READ_TIMEOUT.toMillis()));
        // a token is for the server it was given for
        connection.setInstanceFollowRedirects(false);
        connection.setRequestProperty("Accept", "application/json, application/problem+json;q=0.9, */*;q=0.5");
        String token = address.token();
        if (token != null) {
            if (!token.chars().allMatch(c -> c > ' ' && c < 127)) {
                throw new CommandFailed(ExitCode.USAGE, "the token has characters that no token has");
            }
            connection.setRequestProperty("Authorization", "Bearer " + token);
        }
        return connection;
    }

    /** A server that refuses a long body may answer and close before it has read the whole; then the answer counts. */
    private static int sent(HttpURLConnection connection, Body body) throws IOException {
        IOException broken = null;
        try {
            write(connection, body);
        } catch (IOException e) {
            broken = e;
        }
        try {
            return connection.getResponseCode();
        } catch (IOException e) {
            throw broken == null ? e : broken;
        }
    }

    private static void write(HttpURLConnection connection, Body body) throws IOException {
        connection.setDoOutput(true);
        connection.setRequestProperty("Content-Type", body.contentType());
        if (body.length() < 0) {
            connection.setChunkedStreamingMode(CHUNK);
        } else {
            connection.setFixedLengthStreamingMode(body.length());
        }
        try (OutputStream out = connection.getOutputStream();
                InputStream content = body.content()) {
            content.transferTo(out);
        }
    }

    private CommandFailed unreachable(IOException e) {
        String server = address.server().toString();
        if (e instanceof SocketTimeoutException
                && !String.valueOf(e.getMessage()).startsWith("Connect")) {
            return new CommandFailed(
                    ExitCode.UNREACHABLE, server + " did not answer within " + READ_TIMEOUT.toSeconds() + " s");
        }
        return new CommandFailed(
                ExitCode.UNREACHABLE,
                "cannot reach " + server + " (" + reason(e)
                        + "); is the server running? start it with muster server, or give --server");
    }

    private static String reason(Throwable failure) {
        String message = failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
        return failure instanceof java.net.UnknownHostException ? "unknown host " + message : message;
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
            String said = field.isEmpty() ? message : field + ": " + message;
            if (!detail.contains(said)) {
                fields.add(said);
            }
        }
        if (detail.isEmpty() && fields.isEmpty()) {
            detail = address.server() + " answered " + status + (body.isBlank() ? "" : ": " + body);
        }
        if (status == 401 && address.token() == null) {
            detail += "; no token was found: give MUSTER_TOKEN, or --data-dir of a server on this machine";
        }
        boolean began = fields.size() < problem.path("errors").size();
        String separator = detail.isEmpty() ? "" : began ? "; " : ": ";
        String all = fields.isEmpty() ? detail : detail + separator + String.join("; ", fields);
        String line = all.replaceAll("\\s+", " ").strip();
        return new CommandFailed(code, line.length() <= MAX_LINE ? line : line.substring(0, MAX_LINE) + "…");
    }

    private JsonNode json(String body) {
        return body.isBlank() ? NullNode.getInstance() : parsed(body);
    }

    private JsonNode parsed(String body) {
        try {
            return JSON.readTree(body);
        } catch (JacksonException e) {
            throw new CommandFailed(
                    ExitCode.FAILED, address.server() + " answered something that is not JSON; is it a Muster server?");
        }
    }

    private String read(InputStream answer) {
        try (answer) {
            return new String(answer.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw unreachable(e);
        }
    }
}

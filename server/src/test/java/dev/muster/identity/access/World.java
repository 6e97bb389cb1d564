package dev.muster.identity.access;

import dev.muster.gateway.port.FileIntake;
import dev.muster.identity.Role;
import dev.muster.protocol.AssetId;
import dev.muster.testing.TestServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A running server with actors of every kind, one asset inside and many outside of the narrower scope. */
final class World implements AutoCloseable {
    static final String SCOPE = "asset.labels.side == 'inside'";

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int MAX_BODY = 4 * 1024 * 1024;

    private final TestServer server;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Map<String, String> certificates = new HashMap<>();
    private final Map<String, String> commands = new HashMap<>();
    private final Map<String, String> runs = new HashMap<>();
    private int count;

    final String revoked;
    final Map<Role, String> whole;
    final Map<Role, String> narrower;
    final String outside;
    final String inside;

    World(TestServer server) {
        this.server = server;
        revoked = token(Role.ADMIN, null, true);
        whole = Map.of(
                Role.ADMIN, token(Role.ADMIN, null, false),
                Role.OPERATOR, token(Role.OPERATOR, null, false),
                Role.VIEWER, token(Role.VIEWER, null, false));
        narrower = Map.of(
                Role.ADMIN, token(Role.ADMIN, SCOPE, false),
                Role.OPERATOR, token(Role.OPERATOR, SCOPE, false),
                Role.VIEWER, token(Role.VIEWER, SCOPE, false));
        outside = asset("outside");
        inside = asset("inside");
        fileOf(outside);
        created(
                "/api/v1/full-logs",
                "{\"selector\":\"asset.id == '%s'\",\"length\":\"1h\",\"reason\":\"a try\"}".formatted(outside));
    }

    /** What came back. */
    record Answer(int status, String body) {}

    Answer call(Row row, @Nullable String secret, String asset) {
        String path = row.path();
        for (Map.Entry<String, String> value : row.values().entrySet()) {
            path = path.replace("{" + value.getKey() + "}", filled(value.getValue(), asset));
        }
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create(server.url() + path + filled(row.query(), asset)))
                .timeout(Duration.ofSeconds(30))
                .method(
                        row.method(),
                        row.body() == null
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(filled(row.body(), asset)));
        if (row.contentType() != null) {
            request.header("Content-Type", row.contentType());
        }
        if (secret != null) {
            request.header("Authorization", "Bearer " + secret);
        }
        return send(request.build(), row.streams());
    }

    /** An asset outside of the narrower scope for a call: a fresh one when the call may change it. */
    String assetFor(Row row) {
        return row.method().equals("GET") ? outside : asset("outside");
    }

    /**
     * The variables of a row's texts: {@code $asset} outside of the narrower scope (a fresh one for each call that is no GET),
     * {@code $certificate} the serial of its certificate, {@code $plaintoken} the id of its token, {@code $file} the id of a fresh file of it, {@code $command} a command to it, {@code $run} a run of one that was
     * started in the scope where the asset is, {@code $token} the id of a fresh API token, {@code $claim} that of a
     * fresh claim token, {@code $configuration} one for the asset, {@code $n} a number that no other call has.
     */
    private String filled(String text, String asset) {
        String filled = text.replace("$asset", asset).replace("$n", Integer.toString(count++));
        if (filled.contains("$certificate")) {
            filled = filled.replace("$certificate", certificates.computeIfAbsent(asset, this::certificateOf));
        }
        if (filled.contains("$file")) {
            filled = filled.replace("$file", fileOf(asset));
        }
        if (filled.contains("$plaintoken")) {
            filled = filled.replace("$plaintoken", assetTokenOf(asset));
        }
        if (filled.contains("$command")) {
            filled = filled.replace("$command", commands.computeIfAbsent(asset, this::commandTo));
        }
        if (filled.contains("$run")) {
            filled = filled.replace("$run", runs.computeIfAbsent(asset, this::runOf));
        }
        if (filled.contains("$claim")) {
            filled = filled.replace("$claim", claimTokenId());
        }
        if (filled.contains("$configuration")) {
            filled = filled.replace("$configuration", configurationOf(asset));
        }
        return filled.contains("$token") ? filled.replace("$token", tokenId()) : filled;
    }

    private String fileOf(String asset) {
        FileIntake files = server.bean(FileIntake.class);
        byte[] content = asset.getBytes(StandardCharsets.UTF_8);
        var announced = new FileIntake.Announced(
                "of-" + asset + "-" + count++, "log", "text/plain", content.length, null, null, Map.of());
        FileIntake.Said said = files.begin(new AssetId(asset), announced, false);
        if (said instanceof FileIntake.Said.Going(String upload, var _, var _, var _)) {
            said = files.append(new AssetId(asset), upload, 0, new ByteArrayInputStream(content));
        }
        return said instanceof FileIntake.Said.Stored stored ? stored.file() : notPrepared(said);
    }

    private static String notPrepared(Object why) {
        throw new IllegalStateException("cannot prepare the check: " + why);
    }

    private String certificateOf(String asset) {
        return created("/api/v1/assets/" + asset + "/credentials", "{}")
                .at("/serial")
                .asString();
    }

    private String assetTokenOf(String asset) {
        return created("/api/v1/assets/" + asset + "/tokens", "{}")
                .at("/assetToken/id")
                .asString();
    }

    private String commandTo(String asset) {
        return created("/api/v1/commands", "{\"asset\":\"%s\",\"name\":\"identify\"}".formatted(asset))
                .at("/id")
                .asString();
    }

    private String runOf(String asset) {
        String body = "{\"name\":\"identify\",\"selector\":\"asset.id == '%s'\"}".formatted(asset);
        return (asset.startsWith("inside")
                        ? created(
                                server.request("/api/v1/command-runs")
                                        .header("Authorization", "Bearer " + narrower.get(Role.OPERATOR)),
                                body)
                        : created("/api/v1/command-runs", body))
                .at("/id")
                .asString();
    }

    private String configurationOf(String asset) {
        String name = "of-" + asset;
        server.send(server.adminRequest("/api/v1/apply")
                .header("Content-Type", "application/yaml")
                .POST(HttpRequest.BodyPublishers.ofString("""
                        apiVersion: muster.dev/v1
                        kind: Configuration
                        metadata: {name: %s}
                        spec: {target: {asset: %s}, config: {a: 1}}
                        """.formatted(name, asset))));
        return name;
    }

    private String claimTokenId() {
        return created("/api/v1/claim-tokens", "{\"type\":\"sensor\"}")
                .at("/claimToken/id")
                .asString();
    }

    private String asset(String side) {
        String id = side + "-" + count++;
        created(
                "/api/v1/assets",
                "{\"id\":\"%s\",\"type\":\"sensor\",\"labels\":{\"side\":\"%s\"}}".formatted(id, side));
        return id;
    }

    /** What the first administrator made. */
    private JsonNode created(String path, String body) {
        return created(server.adminRequest(path), body);
    }

    private JsonNode created(HttpRequest.Builder request, String body) {
        HttpResponse<String> answer = server.send(
                request.header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body)));
        if (answer.statusCode() != 201) {
            throw new IllegalStateException(
                    "cannot prepare the check: POST " + answer.uri() + " says " + answer.body());
        }
        return JSON.readTree(answer.body());
    }

    private String tokenId() {
        return createToken(Role.VIEWER, null).at("/token/id").asString();
    }

    private String token(Role role, @Nullable String scope, boolean revoke) {
        JsonNode created = createToken(role, scope);
        if (revoke) {
            server.send(server.adminRequest(
                            "/api/v1/tokens/" + created.at("/token/id").asString())
                    .DELETE());
        }
        return created.at("/secret").asString();
    }

    private JsonNode createToken(Role role, @Nullable String scope) {
        return created(
                "/api/v1/tokens",
                scope == null
                        ? "{\"name\":\"caller-%d\",\"role\":\"%s\"}".formatted(count++, role.wire())
                        : "{\"name\":\"caller-%d\",\"role\":\"%s\",\"scope\":\"%s\"}"
                                .formatted(count++, role.wire(), scope));
    }

    private Answer send(HttpRequest request, boolean streams) {
        try {
            HttpResponse<InputStream> response = http.send(request, HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = response.body()) {
                boolean endless = streams && response.statusCode() == 200;
                return new Answer(
                        response.statusCode(),
                        endless ? "" : new String(body.readNBytes(MAX_BODY), StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot call " + request.method() + " " + request.uri(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for an answer", e);
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}

package dev.muster.simulator;

import dev.muster.simulator.enrol.ClaimToken;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The server's REST interface, as far as the simulator needs it: it creates claim tokens. */
public final class Management implements TokenSource {
    private static final JsonMapper JSON = new JsonMapper();

    private final URI server;
    private final String apiToken;
    private final String prefix;

    /** @param prefix of the asset ids that the tokens are to enrol */
    public Management(URI server, String apiToken, String prefix) {
        this.server = server;
        this.apiToken = apiToken;
        this.prefix = prefix;
    }

    @Override
    public ClaimToken tokenFor(String type, int uses) throws IOException, InterruptedException {
        ObjectNode wanted = JSON.createObjectNode();
        wanted.put("name", "simulator");
        wanted.put("type", type);
        wanted.put("idPattern", prefix + type + "-*");
        // an answer that is lost on its way costs a use, and a fleet that lost its keys enrols again
        wanted.put("uses", Math.min(1_000_000, uses + uses / 10 + 5));
        wanted.put("allowReenrol", true);
        wanted.put("expiresIn", "24h");
        wanted.putObject("labels").put("simulated", "true");
        HttpRequest request = HttpRequest.newBuilder(server.resolve("/api/v1/claim-tokens"))
                .timeout(Duration.ofSeconds(30))
                .header("Authorization", "Bearer " + apiToken)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(wanted.toString()))
                .build();
        try (HttpClient http =
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build()) {
            HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
            if (answer.statusCode() / 100 != 2) {
                throw new IOException("cannot create a claim token for " + uses + " assets of type " + type + ": "
                        + server + " answered " + answer.statusCode() + ": " + detail(answer.body()));
            }
            return ClaimToken.parse(JSON.readTree(answer.body()).path("token").asString(""));
        } catch (ConnectException e) {
            throw new UnreachableException(
                    "cannot reach the server at " + server + "; start it with muster server, or give --server", e);
        }
    }

    /** Imports the hardware of each asset; everything else of the assets is left as it is. */
    void declareHardware(List<Fleet.DeclaredHardware> assets) throws IOException, InterruptedException {
        StringBuilder csv = new StringBuilder("id,type,hardware\n");
        for (Fleet.DeclaredHardware each : assets) {
            String quoted = each.hardware().replace("\"", "\"\"");
            csv.append(each.id()).append(',').append(each.type());
            csv.append(",\"").append(quoted).append("\"\n");
        }
        HttpRequest request = HttpRequest.newBuilder(server.resolve("/api/v1/assets/import"))
                .timeout(Duration.ofMinutes(10))
                .header("Authorization", "Bearer " + apiToken)
                .header("Content-Type", "text/csv")
                .POST(BodyPublishers.ofString(csv.toString()))
                .build();
        try (HttpClient http =
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build()) {
            HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
            if (answer.statusCode() / 100 != 2) {
                throw new IOException("cannot tell the server the hardware of " + assets.size() + " assets: " + server
                        + " answered " + answer.statusCode() + ": " + detail(answer.body()));
            }
            JsonNode summary = JSON.readTree(answer.body().strip().lines().reduce("", (before, last) -> last));
            if (summary.path("rejected").asInt(-1) != 0) {
                throw new IOException(
                        "the server did not take the hardware of all " + assets.size() + " assets: " + summary);
            }
        } catch (ConnectException e) {
            throw new UnreachableException(
                    "cannot reach the server at " + server + "; start it with muster server, or give --server", e);
        }
    }

    private static String detail(String body) {
        if (body.startsWith("{")) {
            JsonNode problem = JSON.readTree(body);
            return problem.path("detail").asString(body);
        }
        return body;
    }

    /** The server does not answer; exit code 5. */
    static final class UnreachableException extends IOException {
        private static final long serialVersionUID = 1L;

        UnreachableException(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }
}

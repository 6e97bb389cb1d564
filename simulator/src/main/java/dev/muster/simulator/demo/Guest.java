package dev.muster.simulator.demo;

import dev.muster.protocol.AssetId;
import dev.muster.simulator.Endpoints;
import dev.muster.simulator.Fleet;
import dev.muster.simulator.FleetOptions;
import dev.muster.simulator.client.AssetClient;
import dev.muster.simulator.client.ClientListener;
import dev.muster.simulator.client.ClientNetwork;
import dev.muster.simulator.client.ClientSettings;
import dev.muster.simulator.enrol.AssetIdentity;
import dev.muster.simulator.enrol.ClaimToken;
import dev.muster.simulator.enrol.EnrolmentException;
import dev.muster.simulator.enrol.EstClient;
import dev.muster.simulator.enrol.IdentityStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * One more asset, that comes with a claim token of its own and is retired; and who has kept a copy of its key, to try
 * what it is worth afterwards.
 */
final class Guest implements AutoCloseable {
    static final String PREFIX = "guest-";
    static final AssetId ID = new AssetId(PREFIX + "linux-device-00001");

    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration CONNECTED = Duration.ofMinutes(1);
    private static final long REFUSED_WITHIN_SECONDS = 30;

    private final Rest rest;
    private final Endpoints endpoints;
    private final Path folder;
    private final Fleet asset;
    private @Nullable AssetIdentity copy;

    /** @param folder where it keeps its key, and nothing else is */
    Guest(Rest rest, Endpoints endpoints, Path folder, long seed) {
        this.rest = rest;
        this.endpoints = endpoints;
        this.folder = folder;
        this.asset = new Fleet(
                FleetOptions.of(1, "linux-device=1", seed).withPrefix(PREFIX).withFiles(folder, null), endpoints);
    }

    /**
     * @param revoked whether its token is before it is shown
     * @return whether it is connected
     */
    boolean arrive(boolean revoked) throws IOException, InterruptedException {
        JsonNode created = claim(ID.value());
        if (revoked) {
            rest.delete("/api/v1/claim-tokens/"
                    + created.path("claimToken").path("id").asString(""));
        }
        try {
            ClaimToken token = ClaimToken.parse(created.path("token").asString(""));
            asset.enrol((type, uses) -> token);
        } catch (EnrolmentException refused) {
            return false;
        }
        if (asset.report().enrolled() == 0) {
            return false;
        }
        copy = new IdentityStore(folder).find(ID).orElse(null);
        asset.connect();
        return asset.awaitConnected(CONNECTED);
    }

    void losesItsNetwork() {
        asset.act(id -> true, (device, now) -> device.goAway(now));
    }

    /** Why it could not, for whoever tells it. */
    String trouble() {
        return String.join("; ", asset.report().failures());
    }

    boolean hasItsKey() {
        return Files.exists(folder.resolve(ID + ".pem"));
    }

    /** Connects with the key that was copied before. @return why the server refused it; empty when it let it in */
    Optional<String> refusalOfTheCopy() throws IOException, InterruptedException {
        AssetIdentity stolen = copy;
        if (stolen == null) {
            throw new IOException("it never had a certificate");
        }
        CompletableFuture<Optional<String>> answer = new CompletableFuture<>();
        try (ClientNetwork network = new ClientNetwork(endpoints.mqtt(), stolen.cas(), 1, 1, 1)) {
            AssetClient client =
                    new AssetClient(network, stolen, ClientSettings.standard(), new FirstAnswer(answer), 0);
            client.start();
            Optional<String> refusal = answer.get(REFUSED_WITHIN_SECONDS, TimeUnit.SECONDS);
            client.stop(Duration.ZERO);
            return refusal;
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("the server neither let it in nor refused it", e);
        }
    }

    private record FirstAnswer(CompletableFuture<Optional<String>> answer) implements ClientListener {
        @Override
        public void connected(AssetClient client) {
            answer.complete(Optional.empty());
        }

        @Override
        public void connectFailed(AssetClient client, String reason) {
            answer.complete(Optional.of(reason));
        }
    }

    /** With a fresh claim token that is for any such id. @return why the server refused it; empty when it did not */
    Optional<String> refusalOfAnotherClaim() throws IOException, InterruptedException {
        ClaimToken token = ClaimToken.parse(claim(PREFIX + "*").path("token").asString(""));
        try (EstClient est = EstClient.pinned(endpoints.device(), token)) {
            est.enrol(ID, token);
            return Optional.empty();
        } catch (EnrolmentException refused) {
            return Optional.of(String.valueOf(refused.getMessage()));
        }
    }

    private JsonNode claim(String ids) throws IOException, InterruptedException {
        ObjectNode wanted = JSON.createObjectNode();
        wanted.put("name", "guest").put("type", "linux-device").put("idPattern", ids);
        wanted.put("uses", 1).put("expiresIn", "1h");
        return rest.post("/api/v1/claim-tokens", wanted);
    }

    @Override
    public void close() throws IOException, InterruptedException {
        asset.stop(Duration.ofSeconds(1));
        asset.close();
    }
}

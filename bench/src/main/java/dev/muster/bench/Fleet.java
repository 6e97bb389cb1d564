package dev.muster.bench;

import dev.muster.protocol.AssetId;
import dev.muster.simulator.enrol.AssetIdentity;
import dev.muster.simulator.enrol.ClaimToken;
import dev.muster.simulator.enrol.EstClient;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import tools.jackson.databind.JsonNode;

/** The vehicles of one run in a real server: what they connect with, and what of theirs is found by query. */
final class Fleet {
    private static final int WORKERS = 16;

    private final MusterServer server;
    private final List<? extends Credential> credentials;
    private final List<X509Certificate> cas;

    private Fleet(MusterServer server, List<? extends Credential> credentials, List<X509Certificate> cas) {
        this.server = server;
        this.credentials = credentials;
        this.cas = cas;
    }

    /** @param plain with tokens, without TLS */
    static Fleet make(MusterServer server, int count, boolean plain) throws Exception {
        if (plain) {
            return new Fleet(server, each(count, server::vehicleWithToken), List.of());
        }
        List<AssetIdentity> identities = enrol(server, count);
        return new Fleet(
                server,
                identities.stream().map(Credential.Certificate::new).toList(),
                identities.getFirst().cas());
    }

    static List<AssetIdentity> enrol(MusterServer server, int count) throws Exception {
        ClaimToken token = server.claimToken(count);
        try (EstClient est = EstClient.pinned(server.device(), token)) {
            return each(count, id -> est.enrol(new AssetId(id), token));
        }
    }

    private interface Making<T> {
        T make(String id) throws Exception;
    }

    private static <T> List<T> each(int count, Making<T> making) throws Exception {
        List<Future<T>> going = new ArrayList<>();
        try (ExecutorService workers = Executors.newFixedThreadPool(WORKERS)) {
            for (int i = 0; i < count; i++) {
                String id = "bench-" + i;
                Callable<T> one = () -> making.make(id);
                going.add(workers.submit(one));
            }
            List<T> made = new ArrayList<>();
            for (Future<T> one : going) {
                made.add(one.get());
            }
            return made;
        }
    }

    /** Some of them only. */
    Fleet part(int from, int to) {
        return new Fleet(server, credentials.subList(from, to), cas);
    }

    List<Credential.Token> tokens() {
        return credentials.stream().map(Credential.Token.class::cast).toList();
    }

    Load load(int window, int loops, int latePerMille) {
        return new Load(
                cas.isEmpty() ? server.mqttPlain() : server.mqtt(), cas, credentials, window, loops, latePerMille);
    }

    /** Throws when not exactly as many readings are found by query as were acknowledged, within some minutes. */
    long requireStored(Instant since, long acknowledged, Duration patience) throws Exception {
        long end = System.nanoTime() + patience.toNanos();
        while (true) {
            long stored = stored(since);
            if (stored == acknowledged) {
                return stored;
            }
            if (System.nanoTime() > end) {
                throw new IllegalStateException(
                        acknowledged + " messages were acknowledged, " + stored + " are found by query");
            }
            Thread.sleep(500);
        }
    }

    /** Readings found by query. */
    long stored(Instant since) throws IOException, InterruptedException {
        long stored = 0;
        for (Credential credential : credentials) {
            stored += stored(credential.id(), since);
        }
        return stored;
    }

    private long stored(AssetId asset, Instant since) throws IOException, InterruptedException {
        JsonNode answer = server.get("/api/v1/assets/" + asset + "/telemetry?metrics=speed&step=PT1H&from=" + since
                + "&to=" + Instant.now().plusSeconds(3600));
        long count = 0;
        for (JsonNode series : answer.path("series")) {
            for (JsonNode point : series.path("points")) {
                count += point.path("count").asLong(0);
            }
        }
        return count;
    }
}

package dev.muster.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Somebody who registers an asset every half second, whatever happens to the server, and remembers which ones it confirmed. */
final class Changes implements AutoCloseable {
    private static final long EACH_MILLIS = 500;

    private final ServerProcess server;
    private final List<String> confirmed = new ArrayList<>();
    private final CountDownLatch ending = new CountDownLatch(1);
    private final Thread thread = Thread.ofPlatform().daemon().name("changes").unstarted(this::run);

    Changes(ServerProcess server) {
        this.server = server;
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            for (int i = 0; !ending.await(EACH_MILLIS, TimeUnit.MILLISECONDS); i++) {
                String id = "changed-" + i;
                try {
                    var answer = server.exchange(
                            "POST",
                            "/api/v1/assets",
                            "application/json",
                            ("{\"id\":\"" + id + "\",\"type\":\"sensor\"}").getBytes(StandardCharsets.UTF_8),
                            java.util.Map.of());
                    if (answer.statusCode() / 100 == 2) {
                        confirmed.add(id);
                    }
                } catch (IOException killed) {
                    continue; // it may have been made or not, nobody was told
                }
            }
        } catch (Exception e) {
            throw new IllegalStateException("nobody changes anything any more", e);
        }
    }

    /** One sentence for each change that was confirmed and is not there. After {@link #close}. */
    List<String> missing() throws Exception {
        List<String> missing = new ArrayList<>();
        for (String id : confirmed) {
            if (server.find("/api/v1/assets/" + id).isEmpty()) {
                missing.add("asset " + id + " was confirmed and is not there");
            }
        }
        System.out.println(confirmed.size() + " changes confirmed, " + missing.size() + " of them missing");
        return missing;
    }

    @Override
    public void close() throws InterruptedException {
        ending.countDown();
        if (thread.isAlive()) {
            thread.join();
        }
    }
}

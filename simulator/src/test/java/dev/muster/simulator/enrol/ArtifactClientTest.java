package dev.muster.simulator.enrol;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ArtifactClientTest {
    private static final byte[] ARTIFACT = "an application".repeat(10_000).getBytes(StandardCharsets.UTF_8);

    private final TestCa ca = new TestCa();
    private final AssetIdentity asset = ca.asset("pump-7");
    private final Queue<String> fetchedBy = new ConcurrentLinkedQueue<>();
    private final HttpsServer server = listening();

    @BeforeEach
    void start() {
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void fetchesWithTheAssetsOwnCertificateAndFindsNothingWrong() throws Exception {
        assertThat(fetched(device() + "/artifacts/app", sha256(), (long) ARTIFACT.length))
                .isNull();
        assertThat(fetched("/artifacts/app", null, null))
                .as("relative, unverified")
                .isNull();
        assertThat(fetchedBy).containsExactly("CN=pump-7", "CN=pump-7");
    }

    @Test
    void saysWhatIsWrongWithAnArtifact() throws Exception {
        long size = ARTIFACT.length;
        assertThat(fetched("/artifacts/app", "00ff", size))
                .isEqualTo("the artifact has the SHA-256 " + sha256() + ", not 00ff");
        assertThat(fetched("/artifacts/app", sha256(), size + 1))
                .isEqualTo("the artifact has " + size + " bytes, " + (size + 1) + " were expected");
        assertThat(fetched("/artifacts/app", sha256(), size - 1))
                .isEqualTo("the artifact has more than " + (size - 1) + " bytes, " + (size - 1) + " were expected");
        assertThat(fetched("/artifacts/missing", sha256(), size)).isEqualTo("the download answered 404");
        assertThat(fetched(null, sha256(), size)).isEqualTo("the desired state names no url");
        assertThat(fetched("ftp://127.0.0.1/app", sha256(), size)).startsWith("the download broke off: ");
    }

    @Test
    void doesNotFetchFromAServerOfAnotherAuthority() throws Exception {
        AssetIdentity foreign = new TestCa().asset("pump-7");
        assertThat(ArtifactClient.fetch(device(), foreign, "/artifacts/app", null, null))
                .startsWith("the download broke off: ");
        assertThat(fetchedBy).isEmpty();
    }

    private @Nullable String fetched(@Nullable String url, @Nullable String sha256, @Nullable Long size)
            throws InterruptedException {
        return ArtifactClient.fetch(device(), asset, url, sha256, size);
    }

    private URI device() {
        return URI.create("https://127.0.0.1:" + server.getAddress().getPort());
    }

    private static String sha256() throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(ARTIFACT));
    }

    private HttpsServer listening() {
        try {
            HttpsServer created = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
            SSLContext tls = TlsTrust.trusting(java.util.List.of(ca.root()), ca.server());
            created.setHttpsConfigurator(new HttpsConfigurator(tls) {
                @Override
                public void configure(HttpsParameters parameters) {
                    SSLParameters wanted = tls.getDefaultSSLParameters();
                    wanted.setNeedClientAuth(true);
                    parameters.setSSLParameters(wanted);
                }
            });
            created.createContext("/artifacts/", this::answer);
            return created;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (!exchange.getRequestURI().getPath().equals("/artifacts/app")) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            fetchedBy.add(((HttpsExchange) exchange)
                    .getSSLSession()
                    .getPeerPrincipal()
                    .getName());
            exchange.sendResponseHeaders(200, ARTIFACT.length);
            exchange.getResponseBody().write(ARTIFACT);
        }
    }
}

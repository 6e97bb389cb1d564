package dev.muster.simulator.enrol;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cms.CMSAbsentContent;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;

/** An EST server for tests; it accepts one claim token, and refuses the first few requests when told to. */
public final class TestEst implements AutoCloseable {
    private final TestCa ca;
    private final String token;
    private final HttpsServer server;
    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    public final AtomicInteger enrolled = new AtomicInteger();
    public final AtomicInteger renewed = new AtomicInteger();
    public volatile Duration lifetime = Duration.ofHours(1);
    public final AtomicInteger busyAnswers = new AtomicInteger();
    public final AtomicInteger requestsWithCredentials = new AtomicInteger();

    public TestEst(TestCa ca, String token) throws IOException, GeneralSecurityException {
        this.ca = ca;
        this.token = token;
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
        server.setHttpsConfigurator(new HttpsConfigurator(tls(ca.server())));
        server.setExecutor(workers);
        server.createContext("/.well-known/est/", this::handle);
        server.start();
    }

    public URI address() {
        return URI.create("https://127.0.0.1:" + server.getAddress().getPort());
    }

    private static SSLContext tls(AssetIdentity identity) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("own", identity.key(), new char[0], identity.chain().toArray(X509Certificate[]::new));
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            if (exchange.getRequestURI().getPath().endsWith("/cacerts")) {
                answer(exchange, 200, certsOnly(ca.root()));
                return;
            }
            String authorization = exchange.getRequestHeaders().getFirst("Authorization");
            requestsWithCredentials.incrementAndGet();
            if (busyAnswers.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                answer(exchange, 429, "too many attempts");
                return;
            }
            PKCS10CertificationRequest request =
                    new PKCS10CertificationRequest(Base64.getMimeDecoder().decode(body));
            String subject = request.getSubject().toString();
            String expected = subject.substring("CN=".length()) + ":" + token;
            boolean renews = exchange.getRequestURI().getPath().endsWith("/simplereenroll");
            String basic = "Basic " + Base64.getEncoder().encodeToString(expected.getBytes(StandardCharsets.UTF_8));
            if (!renews && !basic.equals(authorization)) {
                answer(exchange, 401, "the claim token is not known");
                return;
            }
            X509Certificate issued =
                    ca.issue(subject, new JcaPKCS10CertificationRequest(request).getPublicKey(), lifetime, false, null);
            (renews ? renewed : enrolled).incrementAndGet();
            answer(exchange, 200, certsOnly(issued));
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    private static String certsOnly(X509Certificate certificate) throws IOException, GeneralSecurityException {
        try {
            CMSSignedDataGenerator generator = new CMSSignedDataGenerator();
            generator.addCertificates(new JcaCertStore(List.of(certificate)));
            byte[] der = generator.generate(new CMSAbsentContent()).getEncoded();
            return Base64.getMimeEncoder().encodeToString(der);
        } catch (CMSException e) {
            throw new IOException(e);
        }
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        server.stop(0);
        workers.close();
    }
}

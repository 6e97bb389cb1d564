package dev.muster.simulator.enrol;

import dev.muster.protocol.AssetId;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/**
 * Enrolment over secure transport (RFC 7030): an asset makes its own P-256 key and has a certificate issued for a claim
 * token. The server is verified by the token's CA pin from the first byte that matters. Safe for many threads.
 */
public final class EstClient implements AutoCloseable {
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(60);
    private static final int MAX_MESSAGE = 300;

    private final URI base;
    private final List<X509Certificate> cas;
    private final HttpClient http;

    private EstClient(URI base, List<X509Certificate> cas) {
        this.base = base;
        this.cas = List.copyOf(cas);
        this.http = client(TlsTrust.trusting(cas, null));
    }

    /**
     * Fetches the CA certificates and holds them against the token's pin.
     *
     * @param device the device HTTPS address, {@code https://host:port}
     */
    public static EstClient pinned(URI device, ClaimToken token) throws EnrolmentException, InterruptedException {
        URI base = estBase(device);
        List<X509Certificate> found;
        try (HttpClient first = client(TlsTrust.provisional())) {
            HttpResponse<String> answer = send(
                    first, HttpRequest.newBuilder(base.resolve("cacerts")).GET().build(), "fetch the CA certificates");
            found = certificates(answer.body(), "the CA certificates of " + device);
        }
        if (found.stream().noneMatch(token::pins)) {
            throw new EnrolmentException(
                    "none of the " + found.size() + " CA certificates of " + device
                            + " has the key that the claim token pins; is this the server that issued the token?",
                    false);
        }
        return new EstClient(base, found.stream().filter(token::pins).toList());
    }

    /** Trusts CAs that are known already, as after a first enrolment. */
    public static EstClient trusting(URI device, List<X509Certificate> cas) {
        return new EstClient(estBase(device), cas);
    }

    public List<X509Certificate> cas() {
        return cas;
    }

    /** A new key, and a certificate for it in exchange for the claim token. */
    public AssetIdentity enrol(AssetId id, ClaimToken token) throws EnrolmentException, InterruptedException {
        String basic =
                Base64.getEncoder().encodeToString((id.value() + ":" + token.text()).getBytes(StandardCharsets.UTF_8));
        KeyPair keys = newKey();
        HttpRequest request = csrRequest("simpleenroll", id, keys)
                .header("Authorization", "Basic " + basic)
                .build();
        return identity(id, keys, send(http, request, "enrol asset " + id).body());
    }

    /** A new key and certificate for the same asset, in exchange for its current certificate. */
    public AssetIdentity renew(AssetIdentity current) throws EnrolmentException, InterruptedException {
        KeyPair keys = newKey();
        try (HttpClient own = client(TlsTrust.trusting(cas, current))) {
            HttpRequest request =
                    csrRequest("simplereenroll", current.id(), keys).build();
            String body = send(own, request, "renew the certificate of asset " + current.id())
                    .body();
            return identity(current.id(), keys, body);
        }
    }

    private HttpRequest.Builder csrRequest(String operation, AssetId id, KeyPair keys) {
        return HttpRequest.newBuilder(base.resolve(operation))
                .timeout(REQUEST_TIMEOUT)
                .header("Content-Type", "application/pkcs10")
                .header("Content-Transfer-Encoding", "base64")
                .POST(BodyPublishers.ofString(Base64.getMimeEncoder().encodeToString(csr(id, keys))));
    }

    private AssetIdentity identity(AssetId id, KeyPair keys, String body) throws EnrolmentException {
        List<X509Certificate> issued = certificates(body, "the certificate issued to asset " + id);
        List<X509Certificate> chain = new ArrayList<>();
        for (X509Certificate certificate : issued) {
            if (certificate.getPublicKey().equals(keys.getPublic())) {
                chain.addFirst(certificate);
            } else if (!certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal())) {
                chain.addLast(certificate);
            }
        }
        if (chain.isEmpty() || !chain.getFirst().getPublicKey().equals(keys.getPublic())) {
            throw new EnrolmentException(
                    "the server answered the enrolment of asset " + id + " with " + issued.size()
                            + " certificates, none for its key",
                    false);
        }
        return new AssetIdentity(id, keys.getPrivate(), chain, cas);
    }

    private static HttpResponse<String> send(HttpClient client, HttpRequest request, String what)
            throws EnrolmentException, InterruptedException {
        HttpResponse<String> answer;
        try {
            answer = client.send(request, BodyHandlers.ofString(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new EnrolmentException(
                    "cannot " + what + ": " + request.uri().getAuthority() + " does not answer: " + reason(e), e);
        }
        if (answer.statusCode() != 200) {
            boolean retryable = answer.statusCode() == 429 || answer.statusCode() >= 500 || answer.statusCode() == 202;
            throw new EnrolmentException(
                    "cannot " + what + ": " + request.uri().getPath() + " answered " + answer.statusCode() + ": "
                            + shortened(answer.body()),
                    retryable);
        }
        return answer;
    }

    private static String reason(IOException e) {
        Throwable cause = e;
        while (cause.getMessage() == null && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    private static String shortened(String body) {
        String line = body.replaceAll("\\s+", " ").strip();
        return line.length() <= MAX_MESSAGE ? line : line.substring(0, MAX_MESSAGE) + "…";
    }

    /** Base64 of a certs-only PKCS #7 (RFC 7030 §4.1.3). */
    private static List<X509Certificate> certificates(String body, String what) throws EnrolmentException {
        try {
            byte[] der = Base64.getMimeDecoder().decode(body);
            List<X509Certificate> found = new ArrayList<>();
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(der))) {
                found.add((X509Certificate) certificate);
            }
            return found;
        } catch (CertificateException | IllegalArgumentException e) {
            throw new EnrolmentException("cannot read " + what + ": " + e.getMessage(), false);
        }
    }

    private static KeyPair newKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK makes P-256 keys", e);
        }
    }

    private static byte[] csr(AssetId id, KeyPair keys) {
        try {
            return new JcaPKCS10CertificationRequestBuilder(new X500Principal("CN=" + id), keys.getPublic())
                    .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()))
                    .getEncoded();
        } catch (OperatorCreationException | IOException e) {
            throw new IllegalStateException("cannot sign the certificate request of asset " + id, e);
        }
    }

    private static URI estBase(URI device) {
        return device.resolve("/.well-known/est/");
    }

    private static HttpClient client(SSLContext tls) {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(20))
                .sslContext(tls)
                .build();
    }

    @Override
    public void close() {
        http.close();
    }
}

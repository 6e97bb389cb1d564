package dev.muster.agent.identity;

import dev.muster.protocol.AssetId;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * Enrolment over secure transport (RFC 7030, 8951). Uses the small HTTP client of java.base: the other one costs threads and
 * memory that an agent would keep for a request every two months.
 */
public final class EstClient {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(20);
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(60);
    private static final int MAX_ANSWER_BYTES = 256 * 1024;
    private static final int MAX_SHOWN = 300;

    private final URI base;

    /** @param device the device HTTPS address, {@code https://host:port} */
    public EstClient(URI device) {
        this.base = device.resolve("/.well-known/est/");
    }

    /** Fetches the CA certificates from a server that nothing is known of, and returns the one that the token pins. */
    public List<X509Certificate> pinnedRoots(ClaimToken token) throws EnrolmentException {
        Request request = new Request("cacerts", Tls.provisional(), null, null);
        List<X509Certificate> found = certificates(send(request, "fetch the CA certificates"), "the CA certificates");
        List<X509Certificate> pinned = found.stream().filter(token::pins).toList();
        if (pinned.isEmpty()) {
            throw EnrolmentException.refused(
                    "none of the " + found.size() + " CA certificates of " + base.getAuthority()
                            + " has the key that the claim token pins; is this the server that issued the token, and is"
                            + " nothing in between?");
        }
        return pinned;
    }

    /** A certificate for the key in exchange for the claim token. */
    public List<X509Certificate> enrol(AssetId id, KeyPair key, ClaimToken token, List<X509Certificate> roots)
            throws EnrolmentException {
        String basic = id.value() + ":" + token.secretText();
        String authorization = "Basic " + Base64.getEncoder().encodeToString(basic.getBytes(StandardCharsets.UTF_8));
        Request request = new Request("simpleenroll", Tls.trusting(roots, null), authorization, csr(id, key));
        return chain(key, send(request, "enrol asset " + id));
    }

    /** A certificate for another key in exchange for the current certificate. */
    public List<X509Certificate> renew(Identity current, KeyPair key, List<X509Certificate> roots)
            throws EnrolmentException {
        Request request = new Request("simplereenroll", Tls.trusting(roots, current), null, csr(current.id(), key));
        return chain(key, send(request, "renew the certificate of asset " + current.id()));
    }

    private record Request(
            String operation, SSLContext tls, @Nullable String authorization, byte @Nullable [] csr) {}

    private static byte[] csr(AssetId id, KeyPair key) throws EnrolmentException {
        try {
            return CertificateRequest.der(new X500Principal("CN=" + id), key.getPublic(), key.getPrivate());
        } catch (GeneralSecurityException e) {
            throw EnrolmentException.failed(
                    "cannot sign the certificate request of asset " + id + ": " + e.getMessage(), e);
        }
    }

    private byte[] send(Request request, String what) throws EnrolmentException {
        try {
            HttpsURLConnection http = open(request);
            try {
                return answer(http, request, what);
            } finally {
                http.disconnect();
            }
        } catch (IOException e) {
            throw EnrolmentException.failed("cannot " + what + ": " + base.getAuthority() + ": " + reason(e), e);
        }
    }

    private HttpsURLConnection open(Request request) throws IOException {
        HttpsURLConnection http =
                (HttpsURLConnection) base.resolve(request.operation()).toURL().openConnection();
        http.setSSLSocketFactory(request.tls().getSocketFactory());
        if (request.csr() == null) {
            http.setHostnameVerifier((host, session) -> true); // nothing is believed before the pin was checked
        }
        http.setConnectTimeout(Math.toIntExact(CONNECT_TIMEOUT.toMillis()));
        http.setReadTimeout(Math.toIntExact(READ_TIMEOUT.toMillis()));
        http.setInstanceFollowRedirects(false);
        http.setUseCaches(false);
        http.setRequestProperty("Connection", "close");
        if (request.authorization() != null) {
            http.setRequestProperty("Authorization", request.authorization());
        }
        return http;
    }

    private static byte[] answer(HttpsURLConnection http, Request request, String what)
            throws IOException, EnrolmentException {
        if (request.csr() != null) {
            http.setDoOutput(true);
            http.setRequestProperty("Content-Type", "application/pkcs10");
            http.setRequestProperty("Content-Transfer-Encoding", "base64");
            try (OutputStream body = http.getOutputStream()) {
                body.write(Base64.getMimeEncoder().encode(request.csr()));
            }
        }
        int status = http.getResponseCode();
        try (InputStream stream = status < 400 ? http.getInputStream() : http.getErrorStream()) {
            byte[] body = stream == null ? new byte[0] : stream.readNBytes(MAX_ANSWER_BYTES);
            if (status == 200) {
                return body;
            }
            String message = "cannot " + what + ": " + request.operation() + " answered " + status + ": " + shown(body);
            boolean later = status == 202 || status == 429 || status >= 500;
            throw later ? EnrolmentException.failed(message) : EnrolmentException.refused(message);
        }
    }

    /** The certificate for the key, then the intermediate ones. */
    private static List<X509Certificate> chain(KeyPair key, byte[] answer) throws EnrolmentException {
        List<X509Certificate> issued = certificates(answer, "the certificate that was issued");
        List<X509Certificate> chain = new ArrayList<>();
        for (X509Certificate certificate : issued) {
            if (sameKey(certificate, key)) {
                chain.addFirst(certificate);
            } else if (!certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal())) {
                chain.addLast(certificate);
            }
        }
        if (chain.isEmpty() || !sameKey(chain.getFirst(), key)) {
            throw EnrolmentException.failed("the server answered with " + issued.size()
                    + " certificates, none of them for the key of this asset");
        }
        return chain;
    }

    /** Compared as encoded: the public half of a key in a token is of another class. */
    private static boolean sameKey(X509Certificate certificate, KeyPair key) {
        return java.util.Arrays.equals(
                certificate.getPublicKey().getEncoded(), key.getPublic().getEncoded());
    }

    /** Base64 of a certs-only PKCS #7 (RFC 7030 §4.1.3). */
    private static List<X509Certificate> certificates(byte[] body, String what) throws EnrolmentException {
        try {
            return Pem.certificates(Base64.getMimeDecoder().decode(body));
        } catch (CertificateException | IllegalArgumentException e) {
            throw EnrolmentException.failed("cannot read " + what + ": " + e.getMessage(), e);
        }
    }

    private static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause.getMessage() == null && cause.getCause() != null) {
            cause = cause.getCause();
        }
        String name = cause.getClass().getSimpleName();
        return cause.getMessage() == null ? name : name + ": " + cause.getMessage();
    }

    private static String shown(byte[] body) {
        String line =
                new String(body, StandardCharsets.UTF_8).replaceAll("\\s+", " ").strip();
        return line.length() <= MAX_SHOWN ? line : line.substring(0, MAX_SHOWN) + "…";
    }
}

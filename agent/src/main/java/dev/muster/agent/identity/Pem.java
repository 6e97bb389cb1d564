package dev.muster.agent.identity;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Keys and certificates as text (RFC 7468). */
final class Pem {
    private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});
    private static final String KEY = "PRIVATE KEY";
    private static final String PUBLIC_KEY = "PUBLIC KEY";
    private static final String CERTIFICATE = "CERTIFICATE";

    private Pem() {}

    static String of(PrivateKey key) {
        return block(KEY, key.getEncoded());
    }

    static String of(PublicKey key) {
        return block(PUBLIC_KEY, key.getEncoded());
    }

    static String of(List<X509Certificate> certificates) {
        StringBuilder text = new StringBuilder();
        for (X509Certificate certificate : certificates) {
            try {
                text.append(block(CERTIFICATE, certificate.getEncoded()));
            } catch (CertificateException e) {
                throw new IllegalStateException("a certificate that was read cannot be written", e);
            }
        }
        return text.toString();
    }

    /** An EC key in a PKCS #8 block. */
    static PrivateKey key(String text) throws GeneralSecurityException {
        return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(only(KEY, text)));
    }

    static PublicKey publicKey(String text) throws GeneralSecurityException {
        return KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(only(PUBLIC_KEY, text)));
    }

    static List<X509Certificate> certificates(String text) throws GeneralSecurityException {
        List<X509Certificate> found = new ArrayList<>();
        for (byte[] der : blocks(CERTIFICATE, text)) {
            found.addAll(certificates(der));
        }
        if (found.isEmpty()) {
            throw new GeneralSecurityException("there is no block CERTIFICATE");
        }
        return found;
    }

    /** One DER certificate, or those in a certs-only PKCS #7. */
    static List<X509Certificate> certificates(byte[] der) throws CertificateException {
        List<X509Certificate> found = new ArrayList<>();
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        for (Certificate certificate : factory.generateCertificates(new ByteArrayInputStream(der))) {
            found.add((X509Certificate) certificate);
        }
        return found;
    }

    private static String block(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n" + LINES.encodeToString(der) + "\n-----END " + label + "-----\n";
    }

    private static byte[] only(String label, String text) throws GeneralSecurityException {
        List<byte[]> blocks = blocks(label, text);
        if (blocks.size() != 1) {
            throw new GeneralSecurityException("found " + blocks.size() + " blocks " + label + ", one is needed");
        }
        return blocks.getFirst();
    }

    private static List<byte[]> blocks(String label, String text) throws GeneralSecurityException {
        String begin = "-----BEGIN " + label + "-----";
        String end = "-----END " + label + "-----";
        List<byte[]> found = new ArrayList<>();
        int from = text.indexOf(begin);
        while (from >= 0) {
            int to = text.indexOf(end, from);
            if (to < 0) {
                throw new GeneralSecurityException("a block " + label + " has no end");
            }
            try {
                byte[] body = text.substring(from + begin.length(), to).getBytes(StandardCharsets.US_ASCII);
                found.add(Base64.getMimeDecoder().decode(body));
            } catch (IllegalArgumentException e) {
                throw new GeneralSecurityException("a block " + label + " is not base64", e);
            }
            from = text.indexOf(begin, to);
        }
        return found;
    }
}

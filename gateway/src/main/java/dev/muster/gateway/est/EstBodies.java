package dev.muster.gateway.est;

import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** The bodies of EST: base64 of DER both ways (RFC 8951 §3), read with patience and written with line breaks. */
final class EstBodies {
    /** Short lines: {@code openssl base64 -d} reads no long ones. */
    private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));

    private static final String PEM_BEGIN = "-----BEGIN ";
    private static final int DER_SEQUENCE = 0x30;

    private EstBodies() {}

    /**
     * DER of a request: from base64 with or without line breaks, from PEM, or DER itself, whatever the transfer encoding
     * claims (RFC 8951 §3.1). Empty when it is none of these.
     */
    static Optional<byte[]> der(byte[] body) {
        // Base64 that begins with the digit 0x30 goes on with another letter, DER with a length or a long-form length.
        if (body.length > 1 && body[0] == DER_SEQUENCE && body[1] < 0) {
            return Optional.of(body);
        }
        String text = new String(body, StandardCharsets.US_ASCII).strip();
        if (text.startsWith(PEM_BEGIN)) {
            int start = text.indexOf("-----", PEM_BEGIN.length());
            int end = text.indexOf("-----END", PEM_BEGIN.length());
            if (start < 0 || end < start + 5) {
                return Optional.empty();
            }
            text = text.substring(start + 5, end);
        }
        try {
            byte[] der = Base64.getDecoder().decode(withoutWhitespace(text));
            return der.length > 1 && der[0] == DER_SEQUENCE ? Optional.of(der) : Optional.empty();
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        }
    }

    private static String withoutWhitespace(String text) {
        var kept = new StringBuilder(text.length());
        text.chars().filter(c -> !Character.isWhitespace(c)).forEach(c -> kept.append((char) c));
        return kept.toString();
    }

    /** A certs-only PKCS#7 (RFC 5272 §4.1), base64. */
    static String certsOnly(List<X509Certificate> certificates) {
        try {
            byte[] der = CertificateFactory.getInstance("X.509")
                    .generateCertPath(certificates)
                    .getEncoded("PKCS7");
            return base64(der);
        } catch (CertificateException e) {
            throw new IllegalStateException("certificates cannot be written as PKCS#7", e);
        }
    }

    static String base64(byte[] der) {
        return LINES.encodeToString(der) + "\n";
    }
}
